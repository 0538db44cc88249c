package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// ErrNoPass says why a pass cannot be issued or approved; the sentence is for the operator.
var ErrNoPass = errors.New("no one-time pass")

// approveWithin is how long a pass waits for the second operator.
const approveWithin = 24 * time.Hour

// Pass is a one-time pass as operators see it; the pass itself is shown once, when it is issued.
type Pass struct {
	ID         uuid.UUID
	AccountID  uuid.UUID
	Name       string // of its owner
	Proofing   string // how the owner was recognised
	Approval   string // second, delay
	IssuedBy   string
	ApprovedBy string
	IssuedAt   time.Time
	ReadyAt    time.Time // zero: waits for approval
	ExpiresAt  time.Time
	UsedAt     time.Time
	RevokedAt  time.Time
	Reason     string // of its end: operator, owner, replaced
}

// State is one word: unapproved, waiting, ready, expired, used, revoked.
func (p Pass) State(now time.Time) string {
	switch {
	case !p.UsedAt.IsZero():
		return "used"
	case !p.RevokedAt.IsZero():
		return "revoked"
	case !now.Before(p.ExpiresAt):
		return "expired"
	case p.ReadyAt.IsZero():
		return "unapproved"
	case now.Before(p.ReadyAt):
		return "waiting"
	}
	return "ready"
}

// Issued is a new pass. Plain is its only appearance; Told is how many addresses of the owner hear of it.
type Issued struct {
	Pass  Pass
	Plain string
	Told  int
}

// IssuePass makes a one-time pass for somebody who was recognised in the way that proofing records, by an
// operator of that name. It does not work before another operator approved it or the policy's delay is
// over; an administrator's, and one whose owner nobody can tell, always needs the other operator. A pass
// that stood before is revoked. The owner hears of it at every confirmed address, or else where mail goes,
// with a link to object. ErrNoPass with the reason.
func (a *Accounts) IssuePass(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, proofing, by string) (Issued, error) {
	proofing, by = strings.TrimSpace(proofing), strings.TrimSpace(by)
	who, err := passOwner(ctx, s, t, account)
	switch {
	case err != nil:
		return Issued{}, err
	case !t.Policy.Passes.Enabled:
		return Issued{}, fmt.Errorf("%w: policy.passes.enabled of %s is off", ErrNoPass, t.Slug)
	case !readable(proofing, 8, 500):
		return Issued{}, fmt.Errorf("%w: say in 8 to 500 characters how the person was recognised", ErrNoPass)
	}
	if why := operatorName(by); why != "" {
		return Issued{}, fmt.Errorf("%w: say who issues it, by %s", ErrNoPass, why)
	}
	names, err := namesOf(ctx, s, account)
	if err != nil {
		return Issued{}, err
	}
	if slices.Contains(names, skeleton(by)) {
		return Issued{}, fmt.Errorf("%w: nobody issues a pass for themselves", ErrNoPass)
	}
	reach, err := a.reach(ctx, s, who)
	if err != nil {
		return Issued{}, err
	}
	p := Pass{ID: tenants.NewID(), AccountID: account, Name: who.Name, Proofing: proofing, IssuedBy: by, IssuedAt: s.Now(),
		Approval: t.Policy.Passes.Approval, ExpiresAt: s.Now().Add(approveWithin)}
	if who.Admin || len(reach) == 0 { // nobody could object to a pass that nobody is told of
		p.Approval = "second"
	}
	if p.Approval == "delay" {
		p.ReadyAt = s.Now().Add(t.Policy.Passes.Delay.Std())
		p.ExpiresAt = p.ReadyAt.Add(t.Policy.Passes.TTL.Std())
	}
	return a.writePass(ctx, s, who, p)
}

func (a *Accounts) writePass(ctx context.Context, s *tenants.Scope, who Person, p Pass) (Issued, error) {
	plain, stop := randomText(passLength), newSecret()
	b := &tenants.Batch{}
	b.Exec(`UPDATE passes SET revoked_at = $3, ended_reason = 'replaced' WHERE tenant_id = $1 AND account_id = $2
		AND used_at IS NULL AND revoked_at IS NULL`, s.Tenant(), who.ID, s.Now())
	b.Exec(`INSERT INTO passes (tenant_id, id, account_id, stamp, hash, proofing, approval, issued_by, stop_hash, issued_at, ready_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		s.Tenant(), p.ID, who.ID, who.Stamp, a.passHash(s.Tenant(), who.ID, plain), p.Proofing, p.Approval, p.IssuedBy,
		secretHash(stop), p.IssuedAt, orNull(p.ReadyAt), p.ExpiresAt)
	told, err := a.tell(ctx, b, s, who, p.ID.String(), themes.PassIssuedNotice{Name: who.Name, At: s.Now(), Stop: "/recover/stop/" + stop, WorksFrom: p.ReadyAt})
	if err != nil {
		return Issued{}, err
	}
	err = audit.Add(ctx, b, s, audit.Event{Kind: audit.PassIssued, Outcome: audit.Success, AccountID: &who.ID,
		Details: map[string]any{"pass": p.ID, "by": p.IssuedBy, "approval": p.Approval, "told": told}})
	if err != nil {
		return Issued{}, err
	}
	return Issued{Pass: p, Plain: grouped(plain), Told: told}, s.Send(ctx, b)
}

// passOwner reads and holds who a pass is for, and says why they can have none.
func passOwner(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID) (Person, error) {
	var who Person
	b := &tenants.Batch{}
	Hold(b, s, &account)
	PersonOf(b, s, t, &account, Client{}, &who)
	if err := s.Send(ctx, b); err != nil {
		return who, err
	}
	switch {
	case who.Ref() == nil:
		return who, tenants.ErrNotFound
	case who.Status != "active":
		return who, fmt.Errorf("%w: the account is disabled", ErrNoPass)
	case who.SignIn != "local":
		return who, fmt.Errorf("%w: the account signs in elsewhere and has no password here", ErrNoPass)
	case who.Username == "":
		return who, fmt.Errorf("%w: the account has no %s, which %s signs in with", ErrNoPass, t.Policy.SignIn.Identifier, t.Slug)
	}
	return who, nil
}

// ApprovePass lets a pass work from now on, for the policy's time. Whoever issued it cannot approve it.
// ErrNoPass with the reason; tenants.ErrNotFound for no such pass.
func (a *Accounts) ApprovePass(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, id uuid.UUID, by string) (Pass, error) {
	p, err := holdPass(ctx, s, id)
	if err != nil {
		return p, err
	}
	by = strings.TrimSpace(by)
	names, err := namesOf(ctx, s, p.AccountID)
	if err != nil {
		return p, err
	}
	why := ""
	switch state := p.State(s.Now()); {
	case operatorName(by) != "":
		why = "say who approves it, by " + operatorName(by)
	case p.Approval != "second":
		why = "this pass begins to work by itself; if its owner has become an administrator, issue another one"
	case state != "unapproved":
		why = "this pass is " + state
	case skeleton(by) == skeleton(p.IssuedBy):
		why = "whoever issued a pass cannot approve it"
	case slices.Contains(names, skeleton(by)):
		why = "nobody approves a pass for themselves"
	}
	if why != "" {
		return p, fmt.Errorf("%w: %s", ErrNoPass, why)
	}
	p.ApprovedBy, p.ReadyAt, p.ExpiresAt = by, s.Now(), s.Now().Add(t.Policy.Passes.TTL.Std())
	n, err := s.Exec(ctx, `UPDATE passes p SET approved_by = $3, ready_at = $4, expires_at = $5 FROM accounts a
		WHERE p.tenant_id = $1 AND p.id = $2 AND a.tenant_id = p.tenant_id AND a.id = p.account_id AND a.stamp = p.stamp AND a.status = 'active'`,
		s.Tenant(), id, by, p.ReadyAt, p.ExpiresAt)
	if err != nil {
		return p, err
	}
	if n == 0 {
		return p, fmt.Errorf("%w: the account changed since it was issued; issue another one", ErrNoPass)
	}
	return p, audit.Write(ctx, s, audit.Event{Kind: audit.PassApproved, Outcome: audit.Success, AccountID: &p.AccountID,
		Details: map[string]any{"pass": id, "by": by, "issued_by": p.IssuedBy}})
}

// RevokePass ends a pass that was not used yet; ErrNoPass when it has ended already.
func (a *Accounts) RevokePass(ctx context.Context, s *tenants.Scope, id uuid.UUID, by string) error {
	p, err := holdPass(ctx, s, id)
	if err != nil {
		return err
	}
	if state := p.State(s.Now()); state == "used" || state == "revoked" {
		return fmt.Errorf("%w: this pass is %s", ErrNoPass, state)
	}
	return endPass(ctx, s, p, "operator", map[string]any{"pass": p.ID, "by": strings.TrimSpace(by)})
}

func endPass(ctx context.Context, s *tenants.Scope, p Pass, reason string, details map[string]any) error {
	b := &tenants.Batch{}
	b.Exec("UPDATE passes SET revoked_at = $3, ended_reason = $4 WHERE tenant_id = $1 AND id = $2", s.Tenant(), p.ID, s.Now(), reason)
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.PassRevoked, Outcome: audit.Success, Reason: reason, AccountID: &p.AccountID, Details: details})
	if err != nil {
		return err
	}
	return s.Send(ctx, b)
}

//nolint:gosec // a query, no credential
const readPass = `SELECT p.id, p.account_id, a.display_name, p.proofing, p.approval, p.issued_by, coalesce(p.approved_by, ''), p.issued_at,
	p.ready_at, p.expires_at, p.used_at, p.revoked_at, p.ended_reason
	FROM passes p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id WHERE p.tenant_id = $1 `

func scanPass(scan func(...any) error) (p Pass, err error) {
	var ready, used, revoked *time.Time
	err = scan(&p.ID, &p.AccountID, &p.Name, &p.Proofing, &p.Approval, &p.IssuedBy, &p.ApprovedBy, &p.IssuedAt,
		&ready, &p.ExpiresAt, &used, &revoked, &p.Reason)
	p.ReadyAt, p.UsedAt, p.RevokedAt = moment(ready), moment(used), moment(revoked)
	return p, err
}

// holdPass reads one and keeps it as it is until the transaction ends.
func holdPass(ctx context.Context, s *tenants.Scope, id uuid.UUID) (Pass, error) {
	p, found := Pass{}, false
	err := s.Each(ctx, readPass+"AND p.id = $2 FOR UPDATE OF p", []any{s.Tenant(), id}, func(scan func(...any) error) (err error) {
		p, err = scanPass(scan)
		found = true
		return err
	})
	if err == nil && !found {
		err = tenants.ErrNotFound
	}
	return p, err
}

// Passes lists the newest hundred passes of a tenant, or of one account, newest first.
func (a *Accounts) Passes(ctx context.Context, s *tenants.Scope, account *uuid.UUID) ([]Pass, error) {
	var all []Pass
	err := s.Each(ctx, readPass+"AND ($2::uuid IS NULL OR p.account_id = $2) ORDER BY p.issued_at DESC, p.id DESC LIMIT 100",
		[]any{s.Tenant(), account}, func(scan func(...any) error) error {
			p, err := scanPass(scan)
			all = append(all, p)
			return err
		})
	return all, err
}

// readable tells whether a text is one line of so many characters that can be read.
func readable(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= least && n <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r)
	})
}
