//go:build race

package imports_test

// raced tells that the race detector watches, under which a hundred thousand rows take minutes.
const raced = true
