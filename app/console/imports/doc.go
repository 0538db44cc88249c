// Package imports is the console's pages about people who come in from a file, and the list of people as one.
package imports
