//go:build !race

package imports_test

const raced = false
