package rules

import (
	"context"
	"encoding/json"
	"errors"

	"portico/app/audit"
	"portico/app/proofs"
	"portico/tenants"
)

// ErrNothing means that a change leaves everything as it is.
var ErrNothing = errors.New("nothing changes")

// Rules reads and changes policies.
type Rules struct {
	DB     *tenants.DB
	Proofs *proofs.Proofs // opens what people registered, to tell whether two proofs reach the same phone
}

// Standing is the policy in force with its version.
func (r *Rules) Standing(ctx context.Context, t *tenants.Tenant) (Version, error) {
	var v Version
	err := r.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		n, doc, err := tenants.Setting(ctx, s, tenants.SubjectPolicy)
		if err != nil {
			return err
		}
		v.Number = n
		return v.take(doc)
	})
	return v, err
}

// Save makes a change the policy in force, in one transaction with its audit row, and tells every
// instance. base is the version that was edited: tenants.ErrChanged when there is a newer one. A
// *FaultsError when the change cannot stand, ErrNothing when there is none. What the change was made of is
// checked again; the caller forgets the tenant in its own Resolver.
func (r *Rules) Save(ctx context.Context, t *tenants.Tenant, base int64, set Set, why string) error {
	return r.DB.ChangeSetting(ctx, t.ID, tenants.SubjectPolicy, base, audit.From(ctx).Actor, func(s *tenants.Scope, was json.RawMessage) (any, error) {
		before, err := tenants.DecodePolicy(was)
		if err != nil {
			return nil, err
		}
		after, err := Propose(before, set)
		if err != nil {
			return nil, err
		}
		changes := Diff(before, after)
		if len(changes) == 0 {
			return nil, ErrNothing
		}
		return after, audit.Write(ctx, s, audit.Event{Kind: audit.PolicyChanged, Outcome: audit.Success, Reason: why, Details: written(changes, base)})
	})
}

// written is what the audit keeps of a change: each knob with its value before and after, as tenant files
// write them.
func written(changes []Change, base int64) map[string]any {
	type line struct {
		Field  string `json:"field"`
		Before string `json:"before"`
		After  string `json:"after"`
		Weaker bool   `json:"weaker,omitempty"`
	}
	lines := make([]line, len(changes))
	for i, c := range changes {
		lines[i] = line{Field: "policy." + c.Knob.Path, Before: c.Before, After: c.After, Weaker: c.Weaker()}
	}
	return map[string]any{"version": base + 1, "changes": lines}
}
