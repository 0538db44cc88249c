package directory

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// The steps that bring a customer live, in their order.
const (
	StepName      = "name"
	StepPreset    = "preset"
	StepLook      = "look"
	StepAddresses = "addresses"
	StepSender    = "sender"
	StepSignIn    = "signin"
	StepAdmin     = "admin"
	StepTrial     = "trial"
	StepLive      = "live"
)

// States of a step.
const (
	Done     = "done"
	Open     = "open"
	Optional = "optional" // it can stay as it is: what the platform gives serves
	Waiting  = "waiting"  // done here; somebody else's turn, such as the customer's DNS
	Broken   = "broken"   // it was done and holds no longer
)

// Step is one line of a customer's checklist.
type Step struct {
	Name   string
	State  string
	Note   string    // a word of the room that answers for it: "dkim_pending"
	DoneAt time.Time // zero where the state was read just now
	By     string
}

// Check answers for a step from what is so just now.
type Check struct {
	Step  string
	State func(ctx context.Context, t *tenants.Tenant) (state, note string, err error)
}

// Checklist reads how far a customer has come: what staff chose, and what is so just now.
func (d *Directory) Checklist(ctx context.Context, slug string) ([]Step, error) {
	t, err := d.tenant(ctx, slug)
	if err != nil {
		return nil, err
	}
	var done map[string]Step
	var admin bool
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) (err error) {
		if done, err = readDone(ctx, a, t.ID); err != nil {
			return err
		}
		admin, err = hasAdmin(ctx, a, t.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	steps := []Step{{Name: StepName, State: Done}}
	for _, name := range []string{StepPreset, StepLook} {
		steps = append(steps, chosen(done, name))
	}
	for _, name := range []string{StepAddresses, StepSender} {
		step := Step{Name: name, State: Optional}
		for _, c := range d.Steps {
			if c.Step != name {
				continue
			}
			if step.State, step.Note, err = c.State(ctx, t); err != nil {
				return nil, err
			}
		}
		steps = append(steps, step)
	}
	steps = append(steps, chosen(done, StepSignIn))
	state := Open
	if admin {
		state = Done
	}
	steps = append(steps, Step{Name: StepAdmin, State: state}, chosen(done, StepTrial))
	state = Open
	if t.State != tenants.Draft {
		state = Done
	}
	return append(steps, Step{Name: StepLive, State: state}), nil
}

func chosen(done map[string]Step, name string) Step {
	if s, ok := done[name]; ok {
		return s
	}
	return Step{Name: name, State: Open}
}

func readDone(ctx context.Context, a *tenants.Across, id tenants.ID) (map[string]Step, error) {
	done := map[string]Step{}
	err := a.Each(ctx, "SELECT step, done_at, done_by, details FROM platform.onboarding WHERE tenant_id = $1", []any{id}, func(scan func(...any) error) error {
		s := Step{State: Done}
		var details json.RawMessage
		err := scan(&s.Name, &s.DoneAt, &s.By, &details)
		var said struct {
			State string `json:"state"`
		}
		if json.Unmarshal(details, &said) == nil && said.State != "" {
			s.State = said.State
		}
		done[s.Name] = s
		return err
	})
	return done, err
}

// hasAdmin tells whether somebody holds everything in the customer's console, invited or in already.
func hasAdmin(ctx context.Context, a *tenants.Across, id tenants.ID) (yes bool, err error) {
	err = a.In(ctx, id, func(s *tenants.Scope) error {
		return s.Row(ctx, `SELECT EXISTS (SELECT 1 FROM role_assignments r JOIN accounts x ON x.tenant_id = r.tenant_id AND x.id = r.account_id
			WHERE r.tenant_id = $1 AND r.role = ANY ($2) AND r.scope_id IS NULL AND r.ends_at IS NULL AND x.status = 'active')`,
			[]any{s.Tenant(), rbac.Owners()}, &yes)
	})
	return yes, err
}

// Needed are the steps without which a draft does not go live: addresses and sender can stay as the platform gives them.
func Needed() []string { return []string{StepPreset, StepLook, StepSignIn, StepAdmin, StepTrial} }

// ready is nil when a draft may go live: its rules and its look were chosen, somebody will look after it, and the
// test run was done.
func (d *Directory) ready(ctx context.Context, a *tenants.Across, id tenants.ID) error {
	done, err := readDone(ctx, a, id)
	if err != nil {
		return err
	}
	for _, name := range Needed() {
		if name != StepAdmin && done[name].State != Done {
			return ErrNotReady
		}
	}
	admin, err := hasAdmin(ctx, a, id)
	if err == nil && !admin {
		err = ErrNotReady
	}
	return err
}

// mark notes that staff took a step, in the caller's transaction.
func mark(ctx context.Context, a *tenants.Across, by By, id tenants.ID, step string, details map[string]any) error {
	if details == nil {
		details = map[string]any{}
	}
	text, err := json.Marshal(details)
	if err != nil {
		return err
	}
	_, err = a.Exec(ctx, `INSERT INTO platform.onboarding (tenant_id, step, done_at, done_by, details) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, step) DO UPDATE SET done_at = $3, done_by = $4, details = $5`, id, step, a.Now(), by.Name, json.RawMessage(text))
	if err != nil {
		return err
	}
	return audit.WritePlatform(ctx, a, &id, audit.Event{Kind: audit.CustomerEdited, Outcome: audit.Success, Actor: by.Actor, Reason: step, Details: details})
}

// tenant reads a customer as requests see it, whatever its state; tenants.ErrNotFound.
func (d *Directory) tenant(ctx context.Context, slug string) (*tenants.Tenant, error) {
	if !tenants.ValidSlug(slug) {
		return nil, tenants.ErrNotFound
	}
	t, err := d.Resolver.BySlug(ctx, slug)
	if errors.Is(err, tenants.ErrNoTenant) {
		return nil, tenants.ErrNotFound
	}
	return t, err
}

// Tenant is a customer as requests see it, whatever its state; tenants.ErrNotFound.
func (d *Directory) Tenant(ctx context.Context, slug string) (*tenants.Tenant, error) {
	return d.tenant(ctx, slug)
}
