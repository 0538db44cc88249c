//go:build unix && !linux

package localpg

import "os"

// ScratchDir is where data that nobody misses belongs: the temporary folder.
func ScratchDir() string { return os.TempDir() }
