package audit

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// ErrNoKind means that an event says neither what happened nor how it ended.
var ErrNoKind = errors.New("audit: an event needs a kind and an outcome")

// Event is one thing that happened. Empty Actor, ClientAddress and RequestID are taken from the
// context's Origin.
type Event struct {
	Kind          Kind
	Outcome       Outcome
	Reason        string // a short code: "wrong_password", "link_replaced"
	Actor         string
	AccountID     *uuid.UUID // whom it is about
	ClientAddress string
	RequestID     string
	Details       any // becomes JSON: method, before, after; never a secret
}

const insertEvent = `INSERT INTO audit_events
	(tenant_id, id, at, kind, outcome, reason, actor, account_id, client_address, request_id, details)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// Add puts the event's INSERT into a batch that the caller sends within the scope.
func Add(ctx context.Context, b *tenants.Batch, s *tenants.Scope, e Event) error {
	e, details, err := complete(ctx, e)
	if err != nil {
		return err
	}
	b.Exec(insertEvent, s.Tenant(), NewID(s.Now()), s.Now(), string(e.Kind), string(e.Outcome), e.Reason,
		e.Actor, e.AccountID, e.ClientAddress, e.RequestID, details)
	return nil
}

// Write adds the event in a round trip of its own within the scope.
func Write(ctx context.Context, s *tenants.Scope, e Event) error {
	b := &tenants.Batch{}
	if err := Add(ctx, b, s, e); err != nil {
		return err
	}
	return s.Send(ctx, b)
}

const insertPlatformEvent = `INSERT INTO platform.audit_events
	(id, at, kind, outcome, reason, actor, tenant_id, client_address, request_id, details)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// AddPlatform puts an event of the platform itself into a batch sent through Across; tenant is the one
// that it was about, nil for none. AccountID has no place there and is not kept.
func AddPlatform(ctx context.Context, b *tenants.Batch, a *tenants.Across, tenant *tenants.ID, e Event) error {
	e, details, err := complete(ctx, e)
	if err != nil {
		return err
	}
	b.Exec(insertPlatformEvent, NewID(a.Now()), a.Now(), string(e.Kind), string(e.Outcome), e.Reason,
		e.Actor, tenant, e.ClientAddress, e.RequestID, details)
	return nil
}

// WritePlatform adds an event of the platform in a round trip of its own.
func WritePlatform(ctx context.Context, a *tenants.Across, tenant *tenants.ID, e Event) error {
	b := &tenants.Batch{}
	if err := AddPlatform(ctx, b, a, tenant, e); err != nil {
		return err
	}
	return a.Send(ctx, b)
}

// complete fills in the origin and turns the details into JSON; nil details stay NULL.
func complete(ctx context.Context, e Event) (Event, json.RawMessage, error) {
	if e.Kind == "" || e.Outcome == "" {
		return e, nil, ErrNoKind
	}
	o := From(ctx)
	e.Actor = cmp.Or(e.Actor, o.Actor, System)
	e.ClientAddress = cmp.Or(e.ClientAddress, o.ClientAddress)
	e.RequestID = cmp.Or(e.RequestID, o.RequestID)
	if e.Details == nil {
		return e, nil, nil
	}
	details, err := json.Marshal(e.Details)
	if err != nil {
		return e, nil, fmt.Errorf("audit details of %s: %w", e.Kind, err)
	}
	return e, details, nil
}

// NewID is a UUIDv7 (RFC 9562) of the given moment with microseconds in its next twelve bits, so that
// rows sort by the program's clock, which tests and dev move, and not by the machine's.
func NewID(at time.Time) uuid.UUID {
	var id uuid.UUID
	_, _ = rand.Read(id[:]) // never fails (crypto/rand since Go 1.24)
	ms := at.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (8 * (5 - i)))
	}
	fraction := uint16(at.Nanosecond() / 1_000 % 1_000 * 4096 / 1_000)
	id[6] = 0x70 | byte(fraction>>8)
	id[7] = byte(fraction)
	id[8] = 0x80 | id[8]&0x3f
	return id
}
