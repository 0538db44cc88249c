// Package sheets makes text safe for programs that compute the cells of a table.
package sheets
