package accounts

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"
)

// Holds the reuse of memory against the library's own function, also from many goroutines at once and
// with a block that was used before.
func TestOursIsTheLibrarys(t *testing.T) {
	t.Parallel()
	passwords := []string{"", "a", "Copper-Kettle-harbour7", strings.Repeat("long ", 200), "naïve ☃"}
	salts := [][]byte{bytes.Repeat([]byte{7}, argonSalt), []byte("0123456789abcdef"), {}, bytes.Repeat([]byte{1}, 64)}
	var running sync.WaitGroup
	for i, password := range passwords {
		salt := salts[i%len(salts)]
		running.Go(func() {
			want := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonTag)
			for range 2 {
				if got := argonTagOf(password, salt); !bytes.Equal(got, want) {
					t.Errorf("%.10q: %x, the library says %x", password, got, want)
				}
			}
		})
	}
	running.Wait()
}

func BenchmarkHash(b *testing.B) {
	salt := make([]byte, argonSalt)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			argonTagOf("password", salt)
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			argon2.IDKey([]byte("password"), salt, argonTime, argonMemory, argonLanes, argonTag)
		}
	})
}
