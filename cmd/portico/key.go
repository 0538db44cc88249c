package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/apikeys"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

type keyVerb struct {
	Add    keyAdd    `cmd:"" help:"Make a key of the platform's; prints it once."`
	List   keyList   `cmd:"" help:"List the keys of the platform's."`
	Revoke keyRevoke `cmd:"" help:"End a key at once."`
}

// keys are the API's, on an operator's portal.
func (p *portal) keys() (*apikeys.Keys, error) {
	guard, err := rbac.NewGuard()
	if err != nil {
		return nil, err
	}
	return &apikeys.Keys{DB: p.db, Guard: guard, Seals: p.accounts.Seals}, nil
}

// withKeys runs fn as an operator's command.
func (c config) withKeys(ctx context.Context, fn func(context.Context, *apikeys.Keys, *portal) error) error {
	p, err := c.operate()
	if err != nil {
		return err
	}
	defer p.close()
	keys, err := p.keys()
	if err != nil {
		return err
	}
	return fn(audit.With(ctx, audit.Origin{Actor: audit.Operator}), keys, p)
}

type keyAdd struct {
	config
	Name string   `required:"" help:"What it is for, as it is listed."`
	May  []string `required:"" help:"What it may do: tenants.read, tenants.edit, tenants.apply, tenants.export."`
	Days int      `default:"90" help:"How long it holds, 365 at most."`
	JSON bool     `help:"As JSON."`
}

// Run prints the key on standard output, once: its hash alone is kept.
func (k *keyAdd) Run(ctx context.Context) error {
	return k.withKeys(ctx, func(ctx context.Context, keys *apikeys.Keys, p *portal) error {
		text, id, err := keys.MakePlatform(ctx, apikeys.New{Name: k.Name, Permissions: k.May, EndsAt: p.db.Clock().Now().Add(time.Duration(k.Days) * 24 * time.Hour)})
		if errors.Is(err, apikeys.ErrBeyond) {
			return fmt.Errorf("a key may have %s", strings.Join(apikeys.Scopes(), ", "))
		}
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(map[string]string{"id": id.String(), "key": text})
		}
		fmt.Println(text)
		return nil
	})
}

// listedKey is a key as --json prints it.
type listedKey struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	May     []string `json:"may"`
	State   string   `json:"state"` // stands, ended, revoked
	Ends    string   `json:"ends"`
	Used    string   `json:"used,omitempty"`
	Made    string   `json:"made"`
	MadeBy  string   `json:"made_by"`
	Revoked string   `json:"revoked,omitempty"`
}

func listKey(k apikeys.Key, now time.Time) listedKey {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	l := listedKey{ID: k.ID.String(), Name: k.Name, May: k.Permissions, State: "stands", Ends: at(k.EndsAt), Used: at(k.UsedAt), Made: at(k.CreatedAt), MadeBy: k.Maker, Revoked: at(k.RevokedAt)}
	switch {
	case !k.RevokedAt.IsZero():
		l.State = "revoked"
	case !k.Stands(now):
		l.State = "ended"
	}
	return l
}

type keyList struct {
	config
	JSON bool `help:"As JSON."`
}

// Run lists them without their secrets.
func (k *keyList) Run(ctx context.Context) error {
	return k.withKeys(ctx, func(ctx context.Context, keys *apikeys.Keys, p *portal) error {
		all, err := keys.ListPlatform(ctx)
		if err != nil {
			return err
		}
		rows := []listedKey{}
		for _, one := range all {
			rows = append(rows, listKey(one, p.db.Clock().Now()))
		}
		if k.JSON {
			return printJSON(rows)
		}
		for _, r := range rows {
			fmt.Printf("%s  %-8s until %s  %-24s %s\n", r.ID, r.State, r.Ends, r.Name, strings.Join(r.May, " "))
		}
		return nil
	})
}

type keyRevoke struct {
	config
	ID string `arg:"" help:"Which key: its id."`
}

// Run ends a key everywhere at once.
func (k *keyRevoke) Run(ctx context.Context) error {
	id, err := uuid.Parse(k.ID)
	if err != nil {
		return fmt.Errorf("%q is no id of a key", k.ID)
	}
	return k.withKeys(ctx, func(ctx context.Context, keys *apikeys.Keys, _ *portal) error {
		err := keys.RevokePlatform(ctx, id)
		if errors.Is(err, tenants.ErrNotFound) {
			return fmt.Errorf("there is no key %s", id)
		}
		return err
	})
}
