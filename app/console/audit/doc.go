// Package audit is the console's pages about what happened: the list with its filters, one event, and files
// to take out.
package audit
