package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"portico/app/rules"
	"portico/rbac"
)

// Policy is the policy in force.
type Policy struct {
	Version int64             `json:"version"`
	Preset  string            `json:"preset" example:"email-link" doc:"From which it began."`
	Values  map[string]string `json:"values" doc:"Every knob by its path, with its value as tenant files write it; of lists, one item a line." example:"{\"link.ttl\":\"24h\"}"`
}

// Knobs are values of some knobs.
type Knobs struct {
	Values map[string]string `json:"values" minProperties:"1" maxProperties:"300" doc:"Knobs by path; those that are missing stay as they are." example:"{\"link.ttl\":\"2h\"}"`
}

// Change is one knob that would change, or did.
type Change struct {
	Path   string `json:"path" example:"link.ttl"`
	Before string `json:"before" example:"24h"`
	After  string `json:"after" example:"2h"`
	Weaker bool   `json:"weaker" doc:"The change makes it easier for somebody who should not get in."`
}

// Impact is what a change would do to the people who are there.
type Impact struct {
	Version int64    `json:"version" doc:"Of the policy that it was compared with."`
	Changes []Change `json:"changes" nullable:"false"`
	Looked  int      `json:"looked" doc:"At how many people."`
	AtLeast bool     `json:"at_least" doc:"There are more people than were looked at."`
	Effects []Effect `json:"effects" nullable:"false"`
}

// Effect is one thing that would happen to some people.
type Effect struct {
	Name   string    `json:"name" example:"cannot_recover"`
	Count  int       `json:"count"`
	People []Someone `json:"people" nullable:"false" doc:"The first of them, where the key may read people."`
}

// Someone names a person.
type Someone struct {
	ID         string `json:"id" format:"uuid"`
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
}

type policyOut struct {
	ETag string `header:"ETag"`
	Body Policy
}

type changePolicyIn struct {
	IfMatch string `header:"If-Match" doc:"The ETag that you read."`
	Body    Knobs
}

type impactIn struct{ Body Knobs }

type impactOut struct{ Body Impact }

func (a *API) policyOperations() {
	handle(a, operation{id: "get-policy", method: http.MethodGet, path: "/policy", tag: tagPolicy, summary: "Read the policy", permission: rbac.RulesRead}, a.getPolicy)
	handle(a, operation{id: "change-policy", method: http.MethodPatch, path: "/policy", tag: tagPolicy, summary: "Change the policy", permission: rbac.RulesEdit, match: true,
		doc: "All of it, or nothing: each value that cannot stand is named. Ask for the impact first."}, a.changePolicy)
	handle(a, operation{id: "policy-impact", method: http.MethodPost, path: "/policy/impact", tag: tagPolicy, summary: "See what a change would do", permission: rbac.RulesRead,
		doc: "Changes nothing: says whom a change would lock out, ask for more, or let in more easily."}, a.policyImpact)
}

func (a *API) getPolicy(ctx context.Context, c *call, _ *struct{}) (*policyOut, error) {
	now, err := a.Rules.Standing(ctx, c.tenant())
	if err != nil {
		return nil, err
	}
	out := &policyOut{ETag: etag(numbered(now.Number)), Body: Policy{Version: now.Number, Preset: now.Policy.Preset, Values: map[string]string{}}}
	for _, k := range rules.Knobs() {
		out.Body.Values[k.Path] = k.Print(now.Policy)
	}
	return out, nil
}

func (a *API) changePolicy(ctx context.Context, c *call, in *changePolicyIn) (*policyOut, error) {
	tag, anyOne, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	version, err := strconv.ParseInt(tag, 10, 64)
	if err != nil && !anyOne {
		return nil, problem(http.StatusPreconditionFailed, "changed")
	}
	if anyOne {
		now, err := a.Rules.Standing(ctx, c.tenant())
		if err != nil {
			return nil, err
		}
		version = now.Number
	}
	err = a.Rules.Save(ctx, c.tenant(), version, in.Body.Values, "")
	if err != nil && !errors.Is(err, rules.ErrNothing) {
		return nil, err
	}
	a.Web.Resolver.Forget(c.tenant().ID)
	return a.getPolicy(ctx, c, nil)
}

func (a *API) policyImpact(ctx context.Context, c *call, in *impactIn) (*impactOut, error) {
	now, err := a.Rules.Standing(ctx, c.tenant())
	if err != nil {
		return nil, err
	}
	after, err := rules.Propose(now.Policy, in.Body.Values)
	if err != nil {
		return nil, err
	}
	var names *rbac.Reach
	if a.may(c, string(rbac.PeopleRead)) {
		reach, err := a.reach(ctx, c, rbac.PeopleRead)
		if err != nil {
			return nil, err
		}
		names = &reach
	}
	found, err := a.Rules.Impact(ctx, c.tenant(), now.Policy, after, names)
	if err != nil {
		return nil, err
	}
	out := Impact{Version: now.Number, Changes: []Change{}, Looked: found.Looked, AtLeast: found.AtLeast, Effects: []Effect{}}
	for _, x := range rules.Diff(now.Policy, after) {
		out.Changes = append(out.Changes, Change{Path: x.Knob.Path, Before: x.Before, After: x.After, Weaker: x.Weaker()})
	}
	for _, e := range found.Effects {
		effect := Effect{Name: e.Name, Count: e.Count, People: []Someone{}}
		for _, p := range e.People {
			effect.People = append(effect.People, Someone{ID: p.ID.String(), Name: p.Name, Identifier: p.Identifier})
		}
		out.Effects = append(out.Effects, effect)
	}
	return &impactOut{Body: out}, nil
}
