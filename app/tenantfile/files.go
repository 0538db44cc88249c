package tenantfile

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"portico/app/accounts"
	"portico/tenants"
	"portico/themes"
)

// ErrHostTaken means that an address which the file claims serves another tenant.
var ErrHostTaken = errors.New("the address serves another tenant")

// ErrNoTenant means that there is no tenant with the slug.
var ErrNoTenant = errors.New("no such tenant")

// ErrChanged means that the tenant changed between the plan that was shown and its application.
var ErrChanged = errors.New("the tenant changed since the plan was shown, nothing was applied; look at the new plan and apply again")

// Files plans, applies and exports tenant files; its fields are its needs.
type Files struct {
	DB         *tenants.DB
	Keys       tenants.Keyring  // seals the passwords of tenants' own relays
	Words      *themes.Renderer // knows which texts exist
	BaseDomain string           // <slug>.<base domain> is the platform's to give; nobody claims below it
	Platform   string           // the platform's own host

	// Claimable refuses a host that is new to the tenant and that nobody can claim, or not this one; beside is how
	// many others the tenant would have. nil asks nothing.
	Claimable func(ctx context.Context, a *tenants.Across, tenant tenants.ID, host string, beside int) error

	// CreateAccount adds one person with the password, "" for none; CreateWith makes it.
	CreateAccount func(ctx context.Context, s *tenants.Scope, a tenants.FileAccount, password string) error
}

// Options of Apply.
type Options struct {
	DryRun     bool            // plan only
	TrustHosts bool            // the operator states that the tenant owns its hosts; else DNS must show it
	By         string          // who applies, for the history; "" is "operator"
	Shown      *Plan           // what somebody agreed to; Apply refuses anything else with ErrChanged; nil agrees to all
	Secrets    tenants.Secrets // where env: and file: references are read
}

// Refused is the error of a file that cannot be applied: every fault, by line.
type Refused struct{ Faults []tenants.Fault }

// Error lists the faults, one a line.
func (r *Refused) Error() string {
	var lines []string
	for _, f := range r.Faults {
		lines = append(lines, f.String())
	}
	return "the tenant file is refused:\n" + strings.Join(lines, "\n")
}

// CreateWith adds people through package accounts. Their addresses count as confirmed: the operator
// states them.
func CreateWith(a *accounts.Accounts) func(context.Context, *tenants.Scope, tenants.FileAccount, string) error {
	return func(ctx context.Context, s *tenants.Scope, p tenants.FileAccount, password string) error {
		id, err := a.Create(ctx, s, accounts.New{
			ExternalID: p.ExternalID, DisplayName: p.Name, Locale: p.Locale, SignIn: p.SignIn, Disabled: p.Status == "disabled",
			Identifiers: map[string]string{accounts.Email: p.Email, accounts.Username: p.Username, accounts.UserID: p.UserID},
			Confirmed:   true, Password: password, PasswordHash: p.PasswordHash,
		})
		if err != nil {
			return err
		}
		return storeProofs(ctx, s, a, id, p.Proofs)
	}
}

// Plan tells what Apply would do, and does nothing. *Refused when the file cannot be applied.
func (f *Files) Plan(ctx context.Context, file tenants.File, o Options) (Plan, error) {
	o.DryRun = true
	return f.Apply(ctx, file, o)
}

// errRollBack ends the transaction of a plan.
var errRollBack = errors.New("only a plan")

// Apply makes the tenant what the file says, in one transaction. Two at once take turns, and the second
// finds what the first did. *Refused and ErrHostTaken change nothing.
func (f *Files) Apply(ctx context.Context, file tenants.File, o Options) (Plan, error) {
	if o.By == "" {
		o.By = "operator"
	}
	if faults := f.judge(file); len(faults) > 0 {
		return Plan{}, &Refused{faults}
	}
	var plan Plan
	err := f.DB.AcrossAll(ctx, tenants.ForTenantFile, func(a *tenants.Across) error {
		w := &work{files: f, file: file, o: o, a: a}
		if err := w.run(ctx); err != nil {
			return err
		}
		plan = w.plan
		if o.DryRun {
			return errRollBack
		}
		return nil
	})
	if o.DryRun && errors.Is(err, errRollBack) {
		err = nil
	}
	if err != nil {
		return Plan{}, err
	}
	return plan, nil
}

// work is one application of one file.
type work struct {
	files *Files
	file  tenants.File
	o     Options
	a     *tenants.Across
	was   state // what is there now
	want  state // what will be
	plan  Plan
	fault []tenants.Fault

	docs      []*setting
	newPeople []newPerson
	pictures  []newPicture

	sealed      []byte // the relay's password, when it changes
	sealedPhone []byte // that of the account for texts and calls
}

func (w *work) refuse(field, format string, args ...any) {
	w.fault = append(w.fault, tenants.Fault{Line: w.file.Line(field), Field: field, Problem: fmt.Sprintf(format, args...)})
}

// run reads, plans, and writes in that order; the tenant's row is locked from the first step on.
func (w *work) run(ctx context.Context) error {
	if err := w.lock(ctx); err != nil {
		return err
	}
	if err := w.was.read(ctx, w.a); err != nil {
		return err
	}
	w.wish()
	if err := w.judgeWithin(ctx); err != nil {
		return err
	}
	if len(w.fault) > 0 {
		return &Refused{w.fault}
	}
	w.compare()
	if w.o.Shown != nil && !reflect.DeepEqual(*w.o.Shown, w.plan) {
		return ErrChanged
	}
	if w.o.DryRun {
		return nil
	}
	return w.write(ctx)
}
