package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// ErrNoFlow means that the recovery on its way, which knew who asks for help, is over.
var ErrNoFlow = errors.New("no recovery on its way")

const (
	codeLength   = 12                 // characters of a support code: 60 bits
	requestStays = 7 * 24 * time.Hour // an open request is shown again, and nobody is told twice, until then
	mostNotes    = 3                  // that one request keeps
	noteEnds     = "\x1e"             // between two notes: the record separator, which no note holds
)

// HelpAsked is somebody's request to the administrators.
type HelpAsked struct {
	Flow  string // secret of a recovery on its way; "" is none
	Typed string // else: the identifier that recovery asks for
	Note  string // what the person wrote, at most 500 characters
}

// AskForHelp tells the people who can help that somebody cannot get back in, and gives the code that both
// can name. A stranger's request costs the same statements, rows and decoy letters, and is given a
// code as well. Asked again while the request is open, whoever asks is given the same code, learns nothing of
// what was written before, and adds their note to it, up to three; nobody is told again. Beyond thirty
// requests of a tenant in an hour, requests are kept and no letter is written.
// *LimitError when the client's address asked too often, ErrNoFlow when the recovery named is over.
func (a *Accounts) AskForHelp(ctx context.Context, t *tenants.Tenant, ask HelpAsked, client Client) (code string, err error) {
	defer evenOut(ctx, time.Now())
	ask.Note = strings.ReplaceAll(ask.Note, noteEnds, " ")
	var limit limitAnswer
	err = a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		factor := NetworkFactor(t.Policy.Throttle, client.Address)
		b := &tenants.Batch{}
		a.takeLimits(b, s, 1, &limit,
			counter{"help address", client.AddressKey(), times(window(5, 10*time.Minute), factor)},
			counter{"help address hour", client.AddressKey(), times(window(15, time.Hour), factor)})
		if err := s.Send(ctx, b); err != nil || !limit.allowed {
			return err // nil commits: a refusal may have begun a block
		}
		who, whom, err := a.whoAsks(ctx, s, t, ask, client)
		if err != nil {
			return err
		}
		code, err = a.writeRequest(ctx, s, t, who, whom, ask)
		return err
	})
	if err == nil {
		err = limit.err()
	}
	return code, err
}

// whoAsks finds the person, and the keyed hash of what was typed, under which a request is known: two
// addresses of one person do not show that they are one's.
func (a *Accounts) whoAsks(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, ask HelpAsked, client Client) (who Person, whom []byte, err error) {
	b := &tenants.Batch{}
	if ask.Flow == "" {
		kind := t.Policy.Reset.Identifier
		FindPerson(b, s, t, kind, ask.Typed, client, &who)
		return who, a.Seals.MAC("recovery of", s.Tenant(), kind, lookUpKey(kind, ask.Typed)), s.Send(ctx, b)
	}
	var account *uuid.UUID
	var found bool
	b.Row(&found, `SELECT account_id, whom FROM recovery_flows WHERE tenant_id = $1 AND secret_hash = $2 AND whom IS NOT NULL
		AND ended_at IS NULL AND expires_at > $3`, []any{s.Tenant(), secretHash(ask.Flow), s.Now()}, &account, &whom)
	if err := s.Send(ctx, b); err != nil {
		return who, nil, err
	}
	if !found {
		return who, nil, ErrNoFlow
	}
	b = &tenants.Batch{}
	PersonOf(b, s, t, account, client, &who)
	return who, whom, s.Send(ctx, b)
}

func (a *Accounts) writeRequest(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, who Person, whom []byte, ask HelpAsked) (string, error) {
	id, plain := tenants.NewID(), randomText(codeLength)
	var fresh int64
	var standing uuid.UUID
	var sealed []byte
	var others int
	var all []helper
	b := &tenants.Batch{}
	b.Exec(`UPDATE support_requests SET state = 'closed', closed_at = $3 WHERE tenant_id = $1 AND whom = $2 AND state = 'open' AND expires_at <= $3`,
		s.Tenant(), whom, s.Now())
	b.ExecCount(&fresh, `INSERT INTO support_requests (tenant_id, id, whom, account_id, code, code_hash, note, client_address, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, whom) WHERE state = 'open' DO NOTHING`,
		s.Tenant(), id, whom, who.Ref(), a.Seals.Seal("support code", s.Tenant(), id.String(), []byte(plain)), a.codeHash(s.Tenant(), plain),
		ask.Note, audit.From(ctx).ClientAddress, s.Now(), s.Now().Add(requestStays))
	b.Row(nil, "SELECT id, code FROM support_requests WHERE tenant_id = $1 AND whom = $2 AND state = 'open'",
		[]any{s.Tenant(), whom}, &standing, &sealed)
	b.Row(nil, `SELECT count(*) FROM support_requests WHERE tenant_id = $1 AND account_id = $2 AND id <> $3 AND state = 'open' AND expires_at > $4`,
		[]any{s.Tenant(), who.Ref(), id, s.Now()}, &others)
	readHelpers(b, s, t, who.Ref(), &all)
	if err := s.Send(ctx, b); err != nil {
		return "", err
	}
	code, err := a.Seals.Open("support code", s.Tenant(), standing.String(), sealed)
	if err != nil {
		return "", fmt.Errorf("support code of %s: %w", standing, err)
	}
	if fresh == 0 {
		return grouped(string(code)), addNote(ctx, s, standing, ask.Note)
	}
	return grouped(plain), a.announceRequest(ctx, s, t, who, all, others > 0, id, grouped(plain), ask.Note)
}

// addNote keeps what somebody wrote later, as any owner of the identifier may have: up to three notes, none twice.
func addNote(ctx context.Context, s *tenants.Scope, request uuid.UUID, note string) error {
	_, err := s.Exec(ctx, `UPDATE support_requests SET note = CASE note WHEN '' THEN $3 ELSE note || $4 || $3 END
		WHERE tenant_id = $1 AND id = $2 AND $3 <> '' AND $3 <> ALL (string_to_array(note, $4)) AND cardinality(string_to_array(note, $4)) < $5`,
		s.Tenant(), request, note, noteEnds, mostNotes)
	return err
}

// announceRequest writes the letters and the audit row of a new request. The tenant's budget counts a
// stranger's requests as everybody's.
func (a *Accounts) announceRequest(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, who Person, all []helper,
	silent bool, id uuid.UUID, code, note string) error {
	var budget limitAnswer
	b := &tenants.Batch{}
	a.takeLimits(b, s, 1, &budget, counter{"help letters", "", window(30, time.Hour)})
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	b = &tenants.Batch{}
	details := map[string]any{"request": id}
	if budget.allowed {
		told, err := a.tellHelpers(ctx, b, s, t, who, all, silent, id, code, unlinked(note))
		if err != nil {
			return err
		}
		details["told"] = told
	} else {
		details["told"], details["over_budget"] = 0, true
	}
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.HelpAsked, Outcome: audit.Success, AccountID: who.Ref(), Details: details})
	if err != nil {
		return err
	}
	return s.SendAndCommit(ctx, b)
}

// unlinked is a note without what programs for mail make a link of.
func unlinked(note string) string {
	return regexp.MustCompile(`(?i)www\.`).ReplaceAllString(strings.ReplaceAll(note, "://", ":// "), "www. ")
}

// tellHelpers adds one letter for every administrator of the tenant to a batch, at most a hundred, whoever
// asks: those who are not to hear of it, and all of them for a stranger, stand as decoys.
func (a *Accounts) tellHelpers(ctx context.Context, b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, who Person, all []helper,
	silent bool, id uuid.UUID, code, note string) (told int, err error) {
	var to []helper
	if who.Ref() != nil && !silent {
		to = whoHelps(all, who.ID, t)
	}
	for i := range max(1, min(len(all), mostHelpers)) {
		d := letters.Draft{Lane: letters.Notice, AccountID: who.Ref(), Event: fmt.Sprintf("%s:%d", id, i), Letter: themes.ContactAdminLetter{
			Name: who.Name, Identifier: cmp.Or(who.Username, who.Email), At: s.Now(), From: audit.From(ctx).ClientAddress, Code: code, Note: note}}
		if i < len(to) {
			d.To, d.Locale = to[i].Email, to[i].Locale
		}
		if _, err := a.Outbox.Add(b, s, d); err != nil {
			return 0, err
		}
	}
	return len(to), nil
}

func (a *Accounts) codeHash(tenant tenants.ID, code string) []byte {
	return a.Seals.MAC("support code", tenant, code)
}

// SupportRequest is a request as the people who help see it.
type SupportRequest struct {
	ID            uuid.UUID
	AccountID     *uuid.UUID // nil: whoever asked is known under no such identifier
	Notes         []string   // what was written, the first first; anybody may have
	ClientAddress string
	Open          bool
	CreatedAt     time.Time
}

// SupportRequest finds a request by the code that a person reads out, however it is typed;
// tenants.ErrNotFound when there is none. The code shows that somebody saw the page, not who they are.
func (a *Accounts) SupportRequest(ctx context.Context, s *tenants.Scope, typed string) (SupportRequest, error) {
	var r SupportRequest
	var notes string
	err := s.Row(ctx, `SELECT id, account_id, note, client_address, state = 'open' AND expires_at > $3, created_at FROM support_requests
		WHERE tenant_id = $1 AND code_hash = $2`, []any{s.Tenant(), a.codeHash(s.Tenant(), ReadGrouped(typed, codeLength)), s.Now()},
		&r.ID, &r.AccountID, &notes, &r.ClientAddress, &r.Open, &r.CreatedAt)
	if notes != "" {
		r.Notes = strings.Split(notes, noteEnds)
	}
	return r, err
}
