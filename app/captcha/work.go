package captcha

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"strconv"

	"github.com/altcha-org/altcha-lib-go"
)

// hardest is how many hashes a proof of work may take, half of it on average: about a second for an old
// phone, and a second of somebody's processor for every try of a script.
const hardest = 50_000

// Puzzle is an ALTCHA challenge (version 1): find the number up to Most for which the hash of Salt and
// the number is Target.
type Puzzle struct {
	Algorithm string // SHA-256, as WebCrypto calls it
	Salt      string
	Target    string // hexadecimal
	Most      int64
}

// work is the kind Work: the secret of a picture, then the number (three bytes) and the salt.
type work struct{ picture }

const (
	workNumber = pictureSecret + 3
	workSecret = workNumber + 9
)

func (w work) Pose() []byte {
	n, _ := rand.Int(rand.Reader, big.NewInt(hardest+1)) // never fails (crypto/rand since Go 1.24)
	v := n.Uint64()
	secret := append(w.picture.Pose(), byte(v>>16), byte(v>>8), byte(v))
	salt := make([]byte, workSecret-workNumber)
	_, _ = rand.Read(salt)
	return append(secret, salt...)
}

func (work) Puzzle(secret []byte) *Puzzle {
	c, _, ok := altchaOf(secret)
	if !ok {
		return nil
	}
	return &Puzzle{Algorithm: c.Algorithm, Salt: c.Salt, Target: c.Challenge, Most: hardest}
}

// Check takes the number that a script found, or, from a browser without scripts, the characters.
func (w work) Check(ctx context.Context, secret []byte, a Answer) error {
	if a.Work == "" {
		return w.picture.Check(ctx, secret, a)
	}
	c, key, ok := altchaOf(secret)
	found, err := strconv.ParseInt(a.Work, 10, 64)
	if !ok || err != nil || found < 0 || found > hardest {
		return ErrWrong
	}
	right, err := altcha.VerifySolutionSafe(altcha.Payload{Algorithm: c.Algorithm, Challenge: c.Challenge,
		Number: found, Salt: c.Salt, Signature: c.Signature}, key, false) // the id has the end, by our own clock
	if err != nil || !right {
		return ErrWrong
	}
	return nil
}

// altchaOf makes the challenge of a secret anew, and the key that signed it.
func altchaOf(secret []byte) (c altcha.Challenge, key string, ok bool) {
	if len(secret) != workSecret {
		return c, "", false
	}
	number := int64(secret[3])<<16 | int64(secret[4])<<8 | int64(secret[5])
	key = string(secret)
	c, err := altcha.CreateChallenge(altcha.ChallengeOptions{Algorithm: altcha.SHA256, MaxNumber: hardest, HMACKey: key,
		Salt: base64.RawURLEncoding.EncodeToString(secret[workNumber:]), Number: &number})
	return c, key, err == nil
}
