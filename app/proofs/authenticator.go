package proofs

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"portico/tenants"
)

// The shape that every authenticator app understands: SHA-1, six digits, thirty seconds (RFC 6238; other
// values are ignored by the common apps). One step of clock drift on either side.
const (
	stepSeconds = 30
	drift       = 1
)

// authenticator is a code from an app that shares a secret with us.
type authenticator struct{ kind tenants.ProofKind }

func (a authenticator) Kind() tenants.ProofKind    { return a.kind }
func (a authenticator) Describe(Registered) string { return "" }
func (a authenticator) Start(*Work) error          { return nil }

// Check accepts the steps around now that lie beyond the last one used: each works once.
func (a authenticator) Check(_ context.Context, w *Work, g Given) (Verdict, error) {
	step, ok := totpStep(w.Held.Contact, plainCode(g.Code), w.p.DB.Clock().Now())
	if !ok || step <= w.Held.LastStep || w.challenge.Account == nil {
		return Verdict{}, nil
	}
	id := w.Held.ID
	return Verdict{Right: true, Spend: func(b *tenants.Batch, s *tenants.Scope, n *int64) {
		b.ExecCount(n, "UPDATE proofs SET last_step = $3, last_used_at = $4 WHERE tenant_id = $1 AND id = $2 AND last_step < $3",
			s.Tenant(), id, step, s.Now())
	}}, nil
}

// totpStep finds the time step whose code this is. Nobody's secret is "" and costs as much.
func totpStep(secret, code string, now time.Time) (int64, bool) {
	if secret == "" {
		secret = decoySecret
	}
	found, right := int64(0), 0
	current := now.Unix() / stepSeconds
	for step := current - drift; step <= current+drift; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // steps since 1970
		if err != nil {
			return 0, false
		}
		same := subtle.ConstantTimeCompare([]byte(want), []byte(code))
		found, right = found+int64(same)*(step-found), right|same
	}
	return found, right == 1
}

// decoySecret is verified against when there is none; whoever owns it proves nothing, since Check asks
// for an account too.
const decoySecret = "PORTICOPORTICOPORTICOPORTICOPORT"
