package accounts

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"

	"portico/tenants"
)

func raw64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// foreign makes a hash of every kind for a password, as other products write them.
func foreign(t *testing.T, password string) map[string]string {
	t.Helper()
	salt := []byte("sixteen byte slt")
	crypt, err := bcrypt.GenerateFromPassword([]byte(password), 4)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scrypt.Key([]byte(password), salt, 1<<10, 8, 1, 32)
	if err != nil {
		t.Fatal(err)
	}
	pb := func(h func() hash.Hash, n int) []byte {
		key, err := pbkdf2.Key(h, password, salt, 1000, n)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	return map[string]string{
		"argon2id":       fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=2$%s$%s", raw64(salt), raw64(argon2.IDKey([]byte(password), salt, 1, 64, 2, 32))),
		"argon2i":        fmt.Sprintf("$argon2i$v=19$m=64,t=3,p=1$%s$%s", raw64(salt), raw64(argon2.Key([]byte(password), salt, 3, 64, 1, 24))),
		"bcrypt 2a":      string(crypt),
		"bcrypt 2b":      "$2b" + string(crypt[3:]),
		"bcrypt 2y":      "$2y" + string(crypt[3:]),
		"scrypt":         fmt.Sprintf("$scrypt$ln=10,r=8,p=1$%s$%s", raw64(salt), raw64(sc)),
		"pbkdf2 bare":    fmt.Sprintf("$pbkdf2$i=1000$%s$%s", raw64(salt), raw64(pb(sha1.New, 20))),
		"pbkdf2-sha1":    fmt.Sprintf("$pbkdf2-sha1$i=1000$%s$%s", raw64(salt), raw64(pb(sha1.New, 20))),
		"pbkdf2-sha256":  fmt.Sprintf("$pbkdf2-sha256$i=1000$%s$%s", raw64(salt), raw64(pb(sha256.New, 32))),
		"pbkdf2-sha512":  fmt.Sprintf("$pbkdf2-sha512$i=1000$%s$%s", base64.StdEncoding.EncodeToString(salt), raw64(pb(sha512.New, 64))),
		"passlib sha256": fmt.Sprintf("$pbkdf2-sha256$1000$%s$%s", passlib64(salt), passlib64(pb(sha256.New, 32))),
		"passlib sha1":   fmt.Sprintf("$pbkdf2$1000$%s$%s", passlib64(salt), passlib64(pb(sha1.New, 20))),
		"our own":        hashPassword(password),
	}
}

func passlib64(b []byte) string { return strings.ReplaceAll(raw64(b), "+", ".") }

func TestEveryKindOfHashIsVerified(t *testing.T) {
	t.Parallel()
	const password = "Kettle-harbour 7é"
	for kind, phc := range foreign(t, password) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			if err := CheckForeign(phc); err != nil {
				t.Fatalf("%s: %v", phc, err)
			}
			if ok, err := verifyPassword(phc, password); !ok || err != nil {
				t.Fatalf("the right password: %v, %v", ok, err)
			}
			for _, wrong := range []string{"", password + " ", strings.ToUpper(password), password[:len(password)-1]} {
				if ok, err := verifyPassword(phc, wrong); ok || err != nil {
					t.Errorf("%q: %v, %v", wrong, ok, err)
				}
			}
			if ownHash(phc) != (kind == "our own") {
				t.Errorf("ownHash(%s) is %v", phc, ownHash(phc))
			}
		})
	}
}

// Published vectors: RFC 7914 §12 for scrypt, RFC 6070 for PBKDF2-SHA-1 and its usual twin for SHA-256;
// for argon2id and bcrypt those of the reference programs.
func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	b := func(s string) string {
		raw, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return raw64(raw)
	}
	for _, c := range []struct{ phc, password string }{
		{"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		{"$pbkdf2-sha256$i=4096$" + raw64([]byte("salt")) + "$" + b("c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"), "password"},
		{"$pbkdf2-sha1$i=4096$" + raw64([]byte("salt")) + "$" + b("4b007901b765489abead49d926f721d065a429c1"), "password"},
		{"$scrypt$ln=10,r=8,p=16$" + raw64([]byte("NaCl")) + "$" + b("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"), "password"},
		{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"}, // crypt_blowfish's wrapper.c
	} {
		if ok, err := verifyPassword(c.phc, c.password); !ok || err != nil {
			t.Errorf("%s: %v, %v", c.phc, ok, err)
		}
	}
}

func TestBcryptNeverTruncatesSilently(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 72)
	crypt, err := bcrypt.GenerateFromPassword([]byte(long), 4)
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{long: true, long + "z": false, long + "zzz": false, long[:71]: false, long + "\x00": false} {
		if ok, err := verifyPassword(string(crypt), password); ok != want || err != nil {
			t.Errorf("%d bytes: %v, %v", len(password), ok, err)
		}
	}
}

func TestHashesThatAskTooMuchOrAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	s, tag := raw64([]byte("saltsalt")), raw64(make([]byte, 32))
	for _, phc := range []string{
		"", "$", "$$$$$", "plain", "{SSHA}abc", "$1$abc$def", "$5$abc$def", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		"$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2a$99$x", "$2a$", "$2a$05$short",
		"$argon2id$v=16$m=64,t=1,p=1$" + s + "$" + tag, "$argon2d$v=19$m=64,t=1,p=1$" + s + "$" + tag,
		"$argon2id$v=19$m=4194304,t=1,p=1$" + s + "$" + tag, "$argon2id$v=19$m=64,t=11,p=1$" + s + "$" + tag,
		"$argon2id$v=19$m=64,t=1,p=17$" + s + "$" + tag, "$argon2id$v=19$m=64,t=0,p=1$" + s + "$" + tag, "$argon2id$v=19$m=64,t=1,p=0$" + s + "$" + tag,
		"$argon2id$v=19$m=-1,t=1,p=1$" + s + "$" + tag, "$argon2id$v=19$m=64,t=1$" + s + "$" + tag, "$argon2id$v=19$m=64,t=1,p=1,x=2$" + s + "$" + tag,
		"$argon2id$v=19$m=64,t=1,p=1$" + s + "$", "$argon2id$v=19$m=64,t=1,p=1$" + s + "$" + raw64(make([]byte, 8)),
		"$argon2id$v=19$m=64,t=1,p=1$" + s + "$" + raw64(make([]byte, 200)), "$argon2id$v=19$m=64,t=1,p=1$!!$" + tag,
		"$argon2id$v=19$m=99999999999999999999,t=1,p=1$" + s + "$" + tag, "$argon2id$v=19$m=64,t=1,p=1$" + s + "$" + tag + "$more",
		"$scrypt$ln=19,r=8,p=1$" + s + "$" + tag, "$scrypt$ln=18,r=17,p=1$" + s + "$" + tag, "$scrypt$ln=18,r=16,p=8$" + s + "$" + tag,
		"$pbkdf2-sha256$i=5000001$" + s + "$" + tag, "$pbkdf2-sha1$i=1000000$" + s + "$" + raw64(make([]byte, 128)), "$pbkdf2-sha256$i=0$" + s + "$" + tag, "$pbkdf2-md5$i=1$" + s + "$" + tag,
		"$pbkdf2-sha256$i=1$" + strings.Repeat("A", 2000) + "$" + tag,
	} {
		if err := CheckForeign(phc); !errors.Is(err, ErrForeignHash) {
			t.Errorf("CheckForeign(%.60q): %v", phc, err)
		}
		if ok, err := verifyPassword(phc, "x"); ok || !errors.Is(err, ErrForeignHash) {
			t.Errorf("verifyPassword(%.60q): %v, %v", phc, ok, err)
		}
	}
}

func TestOurOwnEncoding(t *testing.T) {
	t.Parallel()
	one, two := hashPassword("x"), hashPassword("x")
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %s", one, two)
	}
	h, err := parsePHC(one)
	if err != nil || len(h.salt) != 16 || len(h.tag) != 32 {
		t.Fatalf("%+v, %v", h, err)
	}
	if !ownHash(decoy) {
		t.Fatal("the decoy costs something else than our own hash")
	}
	if _, err := parsePHC(decoy); err != nil {
		t.Fatalf("the decoy is not a hash: %v", err)
	}
}

func TestSignInRenewsOldHashesAndPeppers(t *testing.T) {
	t.Parallel()
	ringOf := func(list string) tenants.Keyring {
		k, err := tenants.ParseKeyring(list)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	old, renewed := "old:"+base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")), "new:"+base64.StdEncoding.EncodeToString([]byte("fedcba9876543210fedcba9876543210"))
	before, after := &Accounts{Peppers: ringOf(old)}, &Accounts{Peppers: ringOf(renewed + "," + old)}
	tenant := tenants.NewID()
	who := found{ok: true, ID: tenants.NewID()}
	with := func(a *Accounts, phc string) found {
		f := who
		f.Sealed = a.sealPassword(tenant, who.ID, phc)
		return f
	}
	if right, up := before.verify(tenant, with(before, hashPassword("x")), "x"); !right || up != nil {
		t.Errorf("a hash of today: %v, renewed %v", right, up != nil)
	}
	if right, up := after.verify(tenant, with(before, hashPassword("x")), "wrong"); right || up != nil {
		t.Errorf("a wrong password: %v, renewed %v", right, up != nil)
	}
	right, up := after.verify(tenant, with(before, hashPassword("x")), "x")
	if !right || tenants.KeyOf(up) != "new" {
		t.Errorf("an old pepper: %v, now under %q", right, tenants.KeyOf(up))
	}
	right, up = after.verify(tenant, with(after, foreign(t, "x")["bcrypt 2b"]), "x")
	plain, err := after.Peppers.Open("password", tenant, who.ID.String(), up)
	if !right || err != nil || !ownHash(string(plain)) {
		t.Errorf("a foreign hash: %v, became %q, %v", right, plain, err)
	}
	if right, _ := before.verify(tenant, with(after, hashPassword("x")), "x"); right {
		t.Error("a pepper that is not in the ring opened")
	}
	if right, _ := after.verify(tenants.NewID(), with(after, hashPassword("x")), "x"); right {
		t.Error("another tenant's password opened")
	}
	if right, _ := after.verify(tenant, found{}, "portico decoy"); right {
		t.Error("nobody's password is right")
	}
	if right, _ := after.verify(tenant, who, ""); right {
		t.Error("an account without a password has one")
	}
}

func FuzzVerifyPassword(f *testing.F) {
	for _, s := range []string{decoy, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$scrypt$ln=1,r=1,p=1$c2FsdA$", "$pbkdf2$1$YQ$YQ", "$argon2id$v=19$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, phc string) {
		if err := CheckForeign(phc); err != nil && !errors.Is(err, ErrForeignHash) {
			t.Fatalf("%q: %v", phc, err)
		}
	})
}
