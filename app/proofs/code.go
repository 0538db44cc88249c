package proofs

import (
	"cmp"
	"context"
	"crypto/rand"
	"math/big"
	"strings"
	"time"
	"unicode"

	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// codePurpose names the key that codes are hashed with; the row's id is their salt.
const codePurpose = "code"

// codeLife is how long a code holds: the policy's otp_ttl, five minutes where it says nothing.
func codeLife(t *tenants.Tenant) time.Duration {
	return cmp.Or(t.Policy.Gates.OTPTTL.Std(), 5*time.Minute)
}

// newCode draws a code of the policy's digits, six where it says nothing, each equally likely.
func newCode(t *tenants.Tenant) string {
	digits := cmp.Or(t.Policy.Gates.OTPDigits, 6)
	var code strings.Builder
	for range digits {
		n, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			panic(err) // crypto/rand never fails (Go 1.24)
		}
		code.WriteByte(byte('0' + n.Int64()))
	}
	return code.String()
}

// sendCode writes a fresh code to a contact; "" is nobody's, and costs the same.
func sendCode(w *Work, channel letters.Channel, to string) error {
	code := newCode(w.Tenant)
	c := &w.challenge
	c.hash = w.p.Seals.MAC(codePurpose, w.Tenant.ID, c.ID.String(), code)
	_, err := w.p.Outbox.Add(w.b, w.s, letters.Draft{
		Letter: themes.CodeLetter{Name: w.Person.Name, Code: code, TTL: codeLife(w.Tenant), ExpiresAt: c.ExpiresAt, For: w.For},
		To:     to, Channel: channel, Locale: cmp.Or(w.Person.Locale, w.Locale), AccountID: w.Person.Ref(), Lane: letters.Urgent,
		Event: c.ID.String(), ExpiresAt: c.ExpiresAt,
	})
	return err
}

// checkCode compares in constant time. A code of nobody's challenge went to nobody.
func checkCode(w *Work, g Given) Verdict {
	return Verdict{Right: w.p.Seals.CheckMAC(w.challenge.hash, codePurpose, w.Tenant.ID, w.challenge.ID.String(), plainCode(g.Code)) &&
		w.challenge.Account != nil}
}

// plainCode reads a code as people type and paste it: spaces and hyphens left out, digits of any script.
func plainCode(typed string) string {
	var out strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			out.WriteRune(r)
		case unicode.IsDigit(r):
			out.WriteByte(byte('0' + digitValue(r)))
		case unicode.IsSpace(r), r == '-', r == '\u2011', r == '\u2013', r == '\u200e', r == '\u200f':
		default:
			return "" // no code at all
		}
		if out.Len() > 64 {
			return ""
		}
	}
	return out.String()
}

// digitValue is the value of a decimal digit: every script's ten stand in a row (Unicode, category Nd).
func digitValue(r rune) int {
	n := 0
	for n < 9 && unicode.IsDigit(r-rune(n)-1) {
		n++
	}
	return n
}

// mailedCode is a code in a mail to the address registered for it.
type mailedCode struct{ kind tenants.ProofKind }

func (m mailedCode) Kind() tenants.ProofKind      { return m.kind }
func (m mailedCode) Describe(r Registered) string { return MaskAddress(r.Contact) }
func (m mailedCode) Start(w *Work) error          { return sendCode(w, letters.Email, w.Held.Contact) }
func (m mailedCode) Check(_ context.Context, w *Work, g Given) (Verdict, error) {
	return checkCode(w, g), nil
}

// MaskAddress shows of a mail address its first letter and its domain's first letter and ending.
func MaskAddress(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return ""
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot < 1 {
		dot = len(domain)
	}
	return first(local) + "•••@" + first(domain) + "•••" + domain[dot:]
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
