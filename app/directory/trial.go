package directory

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/people"
	"portico/rbac"
	"portico/tenants"
)

// The test run of a draft: somebody of the staff gets back in at the customer's own address, by a real letter
// that takes the customer's own way, and signs in. A draft answers nobody else: the browser in which the run
// was begun holds a pass for two hours (TrialPass), and the account of the run goes with its end.

// TrialLife is how long a browser may see a draft.
const TrialLife = 2 * time.Hour

const trialID = "portico-trial" // external id of the run's account

// Trial is a test run on its way.
type Trial struct {
	Account  uuid.UUID
	Address  string // where the letter goes, and what is typed
	SignsIn  string // with which the run signs in
	Invites  bool   // the way in is an invitation, since the rules ask for more proofs than a mailed link
	BegunAt  time.Time
	Reset    bool // the password was set by a letter's link
	SignedIn bool
}

// BeginTrial makes the run's account with an address of the staff's, and where the rules ask for gates that nobody
// has registered yet, mails it an invitation. Begun again, it starts anew. ErrPastDraft.
func (d *Directory) BeginTrial(ctx context.Context, by By, slug, address string) error {
	t, err := d.tenant(ctx, slug)
	if err != nil {
		return err
	}
	if t.State != tenants.Draft {
		return ErrPastDraft
	}
	trial := Trial{Address: strings.TrimSpace(address), Invites: !byLinkAlone(t.Policy)}
	ids := map[string]string{accounts.Email: trial.Address}
	trial.SignsIn = trial.Address
	if kind := t.Policy.SignIn.Identifier; kind != accounts.Email {
		ids[kind] = "test-run"
		trial.SignsIn = ids[kind]
	}
	ctx = as(ctx, by)
	return d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		if _, _, err := idOf(ctx, a, slug); err != nil { // two at once take turns
			return err
		}
		err := a.In(ctx, t.ID, func(s *tenants.Scope) error {
			if err := d.endTrial(ctx, s); err != nil {
				return err
			}
			account := accounts.New{ExternalID: trialID, DisplayName: "Test run", Identifiers: ids, Confirmed: true}
			if !trial.Invites {
				account.Password = accounts.NewSecret() // nobody knows it: the letter is the way in
			}
			if trial.Account, err = d.Accounts.Create(ctx, s, account); err != nil || !trial.Invites {
				return err
			}
			_, err = d.Accounts.InviteAgain(ctx, s, t, trial.Account, by.Actor)
			return err
		})
		if err != nil {
			return err
		}
		return mark(ctx, a, by, t.ID, StepTrial, map[string]any{"state": Waiting, "account": trial.Account, "address": trial.Address,
			"signs_in": trial.SignsIn, "invites": trial.Invites})
	})
}

// byLinkAlone tells whether one mailed link gets somebody back in.
func byLinkAlone(p tenants.Policy) bool {
	return p.Gates.Required <= 1 && p.Reset.Enabled && len(p.Gates.MethodsUse) == 1 && p.Gates.MethodsUse[0] == "email_link"
}

// endTrial takes the run's account away, if there is one.
func (d *Directory) endTrial(ctx context.Context, s *tenants.Scope) error {
	var id uuid.UUID
	err := s.Row(ctx, "SELECT id FROM accounts WHERE tenant_id = $1 AND external_id = $2", []any{s.Tenant(), trialID}, &id)
	if errors.Is(err, tenants.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return people.Remove(ctx, s, id)
}

// TrialOf reads how a run stands; once the letter was used and somebody signed in, the step is done. ok is false
// where none was begun.
func (d *Directory) TrialOf(ctx context.Context, by By, slug string) (out Trial, ok bool, err error) {
	t, err := d.tenant(ctx, slug)
	if err != nil {
		return out, false, err
	}
	ctx = as(ctx, by)
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var text json.RawMessage
		err := a.Row(ctx, "SELECT details, done_at FROM platform.onboarding WHERE tenant_id = $1 AND step = $2 FOR UPDATE", []any{t.ID, StepTrial}, &text, &out.BegunAt)
		if errors.Is(err, tenants.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ok = true
		var said struct {
			State, Address string
			Account        uuid.UUID
			SignsIn        string `json:"signs_in"`
			Invites        bool
		}
		if err := json.Unmarshal(text, &said); err != nil {
			return err
		}
		out.Account, out.Address, out.SignsIn, out.Invites = said.Account, said.Address, said.SignsIn, said.Invites
		if said.State == "" || said.State == Done {
			out.Reset, out.SignedIn = true, true
			return nil
		}
		if err := a.In(ctx, t.ID, func(s *tenants.Scope) error { return out.look(ctx, s) }); err != nil {
			return err
		}
		if !out.Reset || !out.SignedIn {
			return nil
		}
		return d.tried(ctx, a, by, t.ID, out)
	})
	return out, ok, err
}

// look reads from the audit what happened to the run's account since it was made.
func (t *Trial) look(ctx context.Context, s *tenants.Scope) error {
	return s.Row(ctx, `SELECT coalesce(bool_or(kind IN ($3, $4)), false), coalesce(bool_or(kind = $5), false)
		FROM audit_events WHERE tenant_id = $1 AND account_id = $2 AND outcome = 'success'`,
		[]any{s.Tenant(), t.Account, string(audit.ResetCompleted), string(audit.InviteRedeemed), string(audit.SignInOK)}, &t.Reset, &t.SignedIn)
}

// tried notes that the run went well, and takes its account away.
func (d *Directory) tried(ctx context.Context, a *tenants.Across, by By, id tenants.ID, trial Trial) error {
	if err := mark(ctx, a, by, id, StepTrial, map[string]any{"state": Done, "address": trial.Address}); err != nil {
		return err
	}
	e := audit.Event{Kind: audit.TenantTried, Outcome: audit.Success, Actor: by.Actor, Details: map[string]any{"by": by.Name}}
	if err := audit.WritePlatform(ctx, a, &id, e); err != nil {
		return err
	}
	return a.In(ctx, id, func(s *tenants.Scope) error {
		if err := d.endTrial(ctx, s); err != nil {
			return err
		}
		return audit.Write(ctx, s, e)
	})
}

// as makes what follows somebody's of the staff, for the audit.
func as(ctx context.Context, by By) context.Context {
	o := audit.From(ctx)
	o.Actor = by.Actor
	return audit.With(ctx, o)
}

// trialPass is what a browser holds to see a draft.
type trialPass struct {
	Tenant tenants.ID `json:"t"`
	Until  time.Time  `json:"u"`
}

// TrialPass makes a text with which a browser may see one draft until TrialLife has passed.
func (d *Directory) TrialPass(t *tenants.Tenant) string {
	return MakeTrialPass(d.Seals, t.ID, d.DB.Clock().Now())
}

// MakeTrialPass is TrialPass for whoever holds the keys.
func MakeTrialPass(keys tenants.Keyring, tenant tenants.ID, now time.Time) string {
	plain, err := json.Marshal(trialPass{Tenant: tenant, Until: now.Add(TrialLife)})
	if err != nil {
		return "" // an id and a time: never
	}
	return base64.RawURLEncoding.EncodeToString(keys.Seal("trial", tenant, "", plain))
}

// OpensTrial tells whether a text is a pass for this tenant that still holds.
func OpensTrial(keys tenants.Keyring, tenant tenants.ID, text string, now time.Time) (until time.Time, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || text == "" || len(text) > 500 {
		return until, false
	}
	plain, err := keys.Open("trial", tenant, "", raw)
	var p trialPass
	if err != nil || json.Unmarshal(plain, &p) != nil || p.Tenant != tenant {
		return until, false
	}
	return p.Until, now.Before(p.Until)
}

// Owners names those who hold everything in a customer's console: who can sign in, and who was asked to.
func (d *Directory) Owners(ctx context.Context, t *tenants.Tenant) (names []string, err error) {
	err = d.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, `SELECT DISTINCT x.display_name FROM role_assignments r JOIN accounts x ON x.tenant_id = r.tenant_id AND x.id = r.account_id
			WHERE r.tenant_id = $1 AND r.role = ANY ($2) AND r.scope_id IS NULL AND r.ends_at IS NULL AND x.status = 'active' ORDER BY 1 LIMIT 20`,
			[]any{s.Tenant(), rbac.Owners()}, func(scan func(...any) error) error {
				var name string
				err := scan(&name)
				names = append(names, name)
				return err
			})
	})
	return names, err
}
