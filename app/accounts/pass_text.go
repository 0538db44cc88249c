package accounts

import (
	"crypto/rand"
	"strings"

	"github.com/google/uuid"

	"portico/tenants"
)

// crockford is Crockford's base32: no letter that reads like a digit.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// randomText makes n characters of crockford, 5 bits each.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand since Go 1.24)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return string(b)
}

// grouped writes a text in groups of four, as it is read out: XXXX-XXXX.
func grouped(s string) string {
	var parts []string
	for len(s) > 4 {
		parts, s = append(parts, s[:4]), s[4:]
	}
	return strings.Join(append(parts, s), "-")
}

// ReadGrouped reads a grouped text as people type it: in small letters, with spaces or without dashes,
// O for 0, I and L for 1. What cannot be one of n characters is "".
func ReadGrouped(typed string, n int) string {
	if len(typed) > 4*n {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '\t', '\u00a0', '\u2011', '\u2013':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(typed))
	if len(s) != n || strings.Trim(s, crockford) != "" {
		return ""
	}
	return s
}

// passLength makes 80 bits: beyond guessing, so that a keyed hash keeps it (ASVS 6.5.2, 6.5.4).
const passLength = 16

func (a *Accounts) passHash(tenant tenants.ID, account uuid.UUID, pass string) []byte {
	return a.Seals.MAC("pass", tenant, account.String(), pass)
}

func (a *Accounts) isPass(hash []byte, tenant tenants.ID, account uuid.UUID, pass string) bool {
	return pass != "" && a.Seals.CheckMAC(hash, "pass", tenant, account.String(), pass)
}
