package audit

import (
	"context"

	"github.com/google/uuid"
)

// The actors that are nobody's account.
const (
	Anonymous = "anonymous" // somebody who has not signed in
	Operator  = "operator"  // a command on the machine
	System    = "system"    // the program by itself
)

// AccountActor names a signed-in person: "account:<uuid>".
func AccountActor(id uuid.UUID) string { return "account:" + id.String() }

// KeyActor names a key of the API: "key:<uuid>".
func KeyActor(id uuid.UUID) string { return "key:" + id.String() }

// Origin is who asked, from where, in which request. Strings must not alias a reused request buffer
// (security.md F5).
type Origin struct {
	Actor         string // Anonymous, Operator, System, AccountActor or KeyActor; "" is System
	ClientAddress string
	RequestID     string
}

type originKey struct{}

// With puts the origin into a context; every event written below takes it from there.
func With(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// From reads the origin, the zero value when none was put.
func From(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
