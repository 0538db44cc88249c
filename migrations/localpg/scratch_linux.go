package localpg

import (
	"os"
	"syscall"
)

// roomy is the free memory that a scratch folder in memory must find, in bytes.
const roomy = 2 << 30

// ScratchDir is where data that nobody misses belongs: in memory where the machine has room for it
// (databases of tests are made and dropped ten times faster there), else in the temporary folder.
func ScratchDir() string {
	const memory = "/dev/shm"
	var stat syscall.Statfs_t
	if syscall.Statfs(memory, &stat) != nil || stat.Bavail*uint64(stat.Bsize) < roomy {
		return os.TempDir()
	}
	return memory
}
