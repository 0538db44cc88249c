package proofs

import (
	"context"
	"crypto/rand"
	"encoding/base32"

	"portico/app/accounts"
	"portico/tenants"
)

// Recovery codes: ten of 80 bits (security.md 4.3 asks for at least 64), in four groups of four.
const (
	recoveryCodes = 10
	codeBytes     = 10
)

// crockford leaves out the letters that look like digits; reading (accounts.ReadGrouped) takes them back in.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// recoveryCode is one of the codes that the person saved.
type recoveryCode struct{ kind tenants.ProofKind }

func (r recoveryCode) Kind() tenants.ProofKind    { return r.kind }
func (r recoveryCode) Describe(Registered) string { return "" }
func (r recoveryCode) Start(*Work) error          { return nil }

// Check leaves the comparison to the statement that spends: a keyed hash of 80 random bits is looked up
// as it is. Verdict.Right means that it may be tried; Settle's ErrEnded that it was none.
func (r recoveryCode) Check(ctx context.Context, w *Work, g Given) (Verdict, error) {
	code, ok := readRecoveryCode(g.Code)
	hashes := w.p.Peppers.MACs(codesPurpose, w.Tenant.ID, w.Held.ID.String(), code)
	var stands bool
	err := w.p.DB.In(ctx, w.Tenant.ID, func(s *tenants.Scope) error {
		return s.Row(ctx, `SELECT EXISTS (SELECT 1 FROM recovery_codes WHERE tenant_id = $1 AND proof_id = $2 AND hash = ANY ($3) AND used_at IS NULL)`,
			[]any{s.Tenant(), w.Held.ID, hashes}, &stands)
	})
	if err != nil || !ok || !stands {
		return Verdict{}, err
	}
	return Verdict{Right: true, Spend: func(b *tenants.Batch, s *tenants.Scope, n *int64) {
		b.ExecCount(n, "UPDATE recovery_codes SET used_at = $4 WHERE tenant_id = $1 AND proof_id = $2 AND hash = ANY ($3) AND used_at IS NULL",
			s.Tenant(), w.Held.ID, hashes, s.Now())
	}}, nil
}

// NewRecoveryCodes draws ten codes as people see them: XXXX-XXXX-XXXX-XXXX.
func NewRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		raw := make([]byte, codeBytes)
		_, _ = rand.Read(raw) // never fails (crypto/rand since Go 1.24)
		s := crockford.EncodeToString(raw)
		codes[i] = s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
	}
	return codes
}

// readRecoveryCode reads a code as people type it; false for what cannot be one.
func readRecoveryCode(typed string) (string, bool) {
	code := accounts.ReadGrouped(typed, codeBytes*8/5)
	return code, code != ""
}

// codesPurpose names the key of recovery codes: at 80 random bits a keyed hash suffices (ASVS 6.5.2).
const codesPurpose = "recovery code"
