package letters

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Delivery is a letter with what its carrier told since, as the delivery view shows it.
type Delivery struct {
	Row

	Stage       string // queued, sending, sent, failed, skipped, or what the carrier told last: delivered, bounced, complained
	DeliveredAt *time.Time
	BouncedAt   *time.Time
	ForGood     bool   // of a bounce
	Bounce      string // the carrier's word for it
	ComplainAt  *time.Time
	AddressDead bool // nothing arrives at this address any more
	Suppressed  bool // letters to it are not sent (suppress.go)

	SentFrom string // the address that it left with; "" before, and of texts and calls
	SentAs   SentAs // which of the possible senders that is
}

// Stages are what a letter's way can have come to, for filters.
func Stages() []string {
	return []string{string(Queued), string(Sending), string(Sent), string(Delivered), string(Bounced), string(Complained), string(Failed), string(Skipped)}
}

// DeliveryFilter narrows the delivery view; zero fields do not. Before is the id of the last row of the page
// before, After that of the first row of the page behind.
type DeliveryFilter struct {
	Account *uuid.UUID
	To      string // the address or number as it is stored
	Kind    string
	Stage   string // of Stages
	Since   time.Time
	Until   time.Time
	Groups  *[]uuid.UUID // nil: the whole tenant; else only letters to people in one of these groups
	ID      *uuid.UUID
	Before  uuid.UUID
	After   uuid.UUID
	Limit   int // 50 when zero, 500 at most
}

// Deliveries reads letters of the scope's tenant, newest first. What a stranger's request wrote in place of
// a letter is no letter and never among them.
func Deliveries(ctx context.Context, s *tenants.Scope, f DeliveryFilter) ([]Delivery, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	order := "DESC"
	if f.After != (uuid.UUID{}) {
		order = "ASC"
	}
	where, args := f.where(s.Tenant())
	var all []Delivery
	err := s.Each(ctx, fmt.Sprintf(`SELECT l.id, l.kind, l.lane, l.channel, l.recipient, l.account_id, l.link_id, l.event, l.state, l.reason, l.attempts,
			l.message_id, l.created_at, l.sent_at, l.ended_at, d.at, b.at, coalesce(b.permanent, false), coalesce(b.reason, ''), c.at,
			EXISTS (SELECT 1 FROM account_identifiers i WHERE i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.value = l.recipient AND i.bounced_at IS NOT NULL),
			EXISTS (SELECT 1 FROM suppressions x WHERE x.tenant_id = l.tenant_id AND l.channel = 'email' AND x.address = `+addressKey+`), l.sent_from, l.sent_as
		FROM letters l
		LEFT JOIN letter_feedback d ON d.tenant_id = l.tenant_id AND d.letter_id = l.id AND d.kind = 'delivered'
		LEFT JOIN letter_feedback b ON b.tenant_id = l.tenant_id AND b.letter_id = l.id AND b.kind = 'bounced'
		LEFT JOIN letter_feedback c ON c.tenant_id = l.tenant_id AND c.letter_id = l.id AND c.kind = 'complained'
		%s ORDER BY l.id %s LIMIT %d`, where, order, min(limit, 500)), args, func(scan func(...any) error) error {
		var r Delivery
		err := scan(&r.ID, &r.Kind, &r.Lane, &r.Channel, &r.To, &r.AccountID, &r.LinkID, &r.Event, &r.State, &r.Reason, &r.Attempts,
			&r.MessageID, &r.CreatedAt, &r.SentAt, &r.EndedAt, &r.DeliveredAt, &r.BouncedAt, &r.ForGood, &r.Bounce, &r.ComplainAt, &r.AddressDead, &r.Suppressed, &r.SentFrom, &r.SentAs)
		r.Stage = r.stage()
		all = append(all, r)
		return err
	})
	if order == "ASC" {
		slices.Reverse(all)
	}
	return all, err
}

// stage is what matters most of what is known: a complaint, a bounce, an arrival, the row's own state.
func (d Delivery) stage() string {
	switch {
	case d.ComplainAt != nil:
		return string(Complained)
	case d.BouncedAt != nil:
		return string(Bounced)
	case d.DeliveredAt != nil:
		return string(Delivered)
	}
	return string(d.State)
}

func (f DeliveryFilter) where(tenant tenants.ID) (string, []any) {
	args := []any{tenant}
	var stmt strings.Builder
	stmt.WriteString("WHERE l.tenant_id = $1 AND l.recipient <> ''")
	add := func(condition string, arg any) {
		args = append(args, arg)
		fmt.Fprintf(&stmt, " AND "+condition, len(args))
	}
	if f.Account != nil {
		add("l.account_id = $%d", *f.Account)
	}
	if f.To != "" {
		add("l.recipient = $%d", f.To)
	}
	if f.Kind != "" {
		add("l.kind = $%d", f.Kind)
	}
	if condition, ok := stages[f.Stage]; ok {
		stmt.WriteString(" AND " + condition)
	}
	if !f.Since.IsZero() {
		add("l.created_at >= $%d", f.Since)
	}
	if !f.Until.IsZero() {
		add("l.created_at < $%d", f.Until)
	}
	if f.Groups != nil {
		add("EXISTS (SELECT 1 FROM account_groups reach WHERE reach.tenant_id = $1 AND reach.account_id = l.account_id AND reach.group_id = ANY ($%d::uuid[]))", *f.Groups)
	}
	if f.ID != nil {
		add("l.id = $%d", *f.ID)
	}
	if f.Before != (uuid.UUID{}) {
		add("l.id < $%d", f.Before)
	}
	if f.After != (uuid.UUID{}) {
		add("l.id > $%d", f.After)
	}
	return stmt.String(), args
}

// stages are the conditions of each stage, in the order in which stage asks.
var stages = map[string]string{
	"queued": "l.state = 'queued'", "sending": "l.state = 'sending'", "failed": "l.state = 'failed'", "skipped": "l.state = 'skipped'",
	"sent":       "l.state = 'sent' AND d.at IS NULL AND b.at IS NULL AND c.at IS NULL",
	"delivered":  "d.at IS NOT NULL AND b.at IS NULL AND c.at IS NULL",
	"bounced":    "b.at IS NOT NULL AND c.at IS NULL",
	"complained": "c.at IS NOT NULL",
}

// Again tells whether a letter can be written anew: its story makes a new link, and whoever got it is known.
// A code is asked for by the person alone, a notice tells of a moment that is over.
func (r Row) Again() bool {
	return r.AccountID != nil && r.Channel == string(Email) && (r.Kind == "recovery" || r.Kind == "invitation")
}
