package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
)

// Letter is a letter with what became of it; its text is gone once it was handed over.
type Letter struct {
	ID          string    `json:"id" format:"uuid"`
	Kind        string    `json:"kind" example:"recovery"`
	Channel     string    `json:"channel" enum:"email,sms,voice"`
	To          string    `json:"to" doc:"The address or number."`
	Person      string    `json:"person,omitempty" format:"uuid"`
	Stage       string    `json:"stage" enum:"queued,sending,sent,delivered,bounced,complained,failed,skipped"`
	Reason      string    `json:"reason,omitempty" doc:"Why it failed or was skipped: a word."`
	Attempts    int       `json:"attempts"`
	MessageID   string    `json:"message_id,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	SentAt      time.Time `json:"sent_at,omitzero"`
	DeliveredAt time.Time `json:"delivered_at,omitzero"`
	BouncedAt   time.Time `json:"bounced_at,omitzero"`
	AddressDead bool      `json:"address_dead" doc:"Nothing arrives at this address any more."`
	MayResend   bool      `json:"may_resend" doc:"It is of a kind that can be written anew."`
}

// LetterPage is one page of letters.
type LetterPage struct {
	Items []Letter `json:"items" nullable:"false"`
	Next  string   `json:"next,omitempty"`
}

type listLettersIn struct {
	Person string    `query:"person" format:"uuid"`
	To     string    `query:"to" maxLength:"300" doc:"The address or number as it stands on the letter."`
	Kind   string    `query:"kind" pattern:"^[a-z_]{1,40}$"`
	Stage  string    `query:"stage" enum:"queued,sending,sent,delivered,bounced,complained,failed,skipped"`
	Since  time.Time `query:"since" doc:"From then on."`
	Until  time.Time `query:"until" doc:"Before then."`
	Cursor string    `query:"cursor" maxLength:"600"`
}

type listLettersOut struct {
	Link string `header:"Link"`
	Body LetterPage
}

type letterOut struct{ Body Letter }

func (a *API) letterOperations() {
	handle(a, operation{id: "list-letters", method: http.MethodGet, path: "/letters", tag: tagLetters, summary: "List letters", permission: rbac.LettersRead,
		doc: "Each letter's way, the newest first."}, a.listLetters)
	handle(a, operation{id: "get-letter", method: http.MethodGet, path: "/letters/{id}", tag: tagLetters, summary: "Read a letter's way", permission: rbac.LettersRead},
		func(ctx context.Context, c *call, in *ByID) (*letterOut, error) {
			one, err := a.People.Letter(ctx, c.by(), rbac.LettersRead, in.id())
			return &letterOut{Body: letterOf(one)}, err
		})
	handle(a, operation{id: "resend-letter", method: http.MethodPost, path: "/letters/{id}/resend", tag: tagLetters, summary: "Write a letter anew", permission: rbac.LettersResend,
		conflict: true, status: http.StatusNoContent, doc: "Recovery letters and invitations alone: the person gets a new link, the one before ends, and their limits hold. Never a copy."},
		func(ctx context.Context, c *call, in *ByID) (*struct{}, error) {
			return nil, a.People.ResendLetter(ctx, c.by(), in.id(), c.v.Locale)
		})
}

func (a *API) listLetters(ctx context.Context, c *call, in *listLettersIn) (*listLettersOut, error) {
	reach, err := a.reach(ctx, c, rbac.LettersRead)
	if err != nil {
		return nil, err
	}
	f := letters.DeliveryFilter{To: in.To, Kind: in.Kind, Stage: in.Stage, Since: in.Since, Until: in.Until, Limit: pageRows + 1}
	if !reach.Everywhere {
		f.Groups = &reach.Groups
	}
	if in.Person != "" {
		id := parsed(in.Person)
		f.Account = &id
	}
	if f.Before, err = a.opened(c.tenant().ID, "letters", in.Cursor); err != nil {
		return nil, err
	}
	var rows []letters.Delivery
	err = a.DB.In(ctx, c.tenant().ID, func(s *tenants.Scope) (err error) {
		rows, err = letters.Deliveries(ctx, s, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &listLettersOut{Body: LetterPage{Items: []Letter{}}}
	rows, out.Body.Next = cut(rows, func(r letters.Delivery) string { return a.sealed(c.tenant().ID, "letters", r.ID) })
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, letterOf(r))
	}
	out.Link = c.next(out.Body.Next)
	return out, nil
}

// cut takes off the row that only told of another page.
func cut[T any](rows []T, sealed func(T) string) ([]T, string) {
	if len(rows) <= pageRows {
		return rows, ""
	}
	return rows[:pageRows], sealed(rows[pageRows-1])
}

func letterOf(r letters.Delivery) Letter {
	out := Letter{ID: r.ID.String(), Kind: r.Kind, Channel: r.Channel, To: r.To, Stage: r.Stage, Reason: letters.Why(r.Reason), Attempts: r.Attempts, MessageID: r.MessageID,
		CreatedAt: utc(r.CreatedAt), SentAt: moment(r.SentAt), DeliveredAt: moment(r.DeliveredAt), BouncedAt: moment(r.BouncedAt), AddressDead: r.AddressDead, MayResend: r.Again()}
	if r.AccountID != nil && *r.AccountID != (uuid.UUID{}) {
		out.Person = r.AccountID.String()
	}
	return out
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return utc(*t)
}
