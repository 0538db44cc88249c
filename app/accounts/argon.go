package accounts

import (
	"encoding/binary"
	"runtime"
	_ "unsafe" // go:linkname

	_ "golang.org/x/crypto/argon2" // the compression that the names below belong to
)

// Argon2id over a block of memory that is used again. argon2.IDKey makes and drops 19 MiB a hash, which
// at sixty hashes a second is most of a server's memory and a good part of its time; the library has no
// way to bring the block (performance.md: 83.6 hashes a second instead of 64.5). So the few lines around
// the block stand here and everything that computes is still the library's, reached by name. A release
// that renames one of them does not link, and TestOursIsTheLibrarys compares the results.

//go:linkname argonInit golang.org/x/crypto/argon2.initHash
func argonInit(password, salt, key, data []byte, time, memory, threads, keyLen uint32, mode int) [72]byte

//go:linkname argonBlake golang.org/x/crypto/argon2.blake2bHash
func argonBlake(out, in []byte)

//go:linkname argonFill golang.org/x/crypto/argon2.processBlocks
func argonFill(blocks []argonBlock, time, memory, threads uint32, mode int)

//go:linkname argonKey golang.org/x/crypto/argon2.extractKey
func argonKey(blocks []argonBlock, memory, threads, keyLen uint32) []byte

// argonBlock is the unit of Argon2's memory: 1 KiB (RFC 9106 §3.2).
type argonBlock [128]uint64

const argonMode = 2 // argon2id

// argonBlocks keeps the memory of hashes that are done: as much as hashes may run at once, never more.
var argonBlocks = make(chan []argonBlock, runtime.NumCPU())

func borrowBlocks() []argonBlock {
	select {
	case blocks := <-argonBlocks:
		return blocks
	default:
		return make([]argonBlock, argonMemory)
	}
}

// returnBlocks wipes what a password left, on which the library's next hash counts, too.
func returnBlocks(blocks []argonBlock) {
	clear(blocks)
	select {
	case argonBlocks <- blocks:
	default:
	}
}

// argonTagOf is argon2.IDKey with our parameters and one lane.
func argonTagOf(password string, salt []byte) []byte {
	h0 := argonInit([]byte(password), salt, nil, nil, argonTime, argonMemory, argonLanes, argonTag, argonMode)
	blocks := borrowBlocks()
	defer returnBlocks(blocks)
	var first [1024]byte
	for i := range 2 { // the two blocks that a lane begins with
		binary.LittleEndian.PutUint32(h0[64:], uint32(i))
		argonBlake(first[:], h0[:])
		for word := range blocks[i] {
			blocks[i][word] = binary.LittleEndian.Uint64(first[8*word:])
		}
	}
	argonFill(blocks, argonTime, argonMemory, argonLanes, argonMode)
	return argonKey(blocks, argonMemory, argonLanes, argonTag)
}
