package letters

import (
	"context"
	"encoding/base64"
	"errors"
	"net/textproto"
	"strconv"
	"strings"
	"time"
	"unicode"

	"portico/tenants"
	"portico/themes"
)

// Tried is how a test of a tenant's sender went.
type Tried struct {
	From string // with which sender
	As   SentAs
	Why  string // a code of Why; "" when it was taken
	Said string // what the server answered, 200 letters at most; "" where it said nothing
}

const tryTime = 8 * time.Second // a person waits for it

// Try hands one letter over at once, with the sender that the tenant's letters have, and tells how that went:
// somebody who sets a sender up wants to see what the server says. All other letters wait for a worker. The
// error is the machine's, not the sender's.
func (o *Outbox) Try(ctx context.Context, tenant tenants.ID, to, locale string, letter themes.Letter) (Tried, error) {
	w, err := o.wayOf(ctx, tenant, Email)
	switch {
	case errors.Is(err, tenants.ErrNoTenant), errors.Is(err, tenants.ErrUnavailable):
		return Tried{}, err
	case err != nil:
		return Tried{Why: Why(causeOf(err))}, nil
	case w.closed:
		return Tried{Why: "closed"}, nil
	case w.transport == nil:
		return Tried{Why: "not_ours"}, nil
	}
	c := claimed{Channel: Email, To: to}
	if w.wanted != nil {
		err := o.DB.In(ctx, tenant, func(s *tenants.Scope) error {
			return s.Row(ctx, standOfSender, []any{tenant, *w.wanted}, &c.stand.own, &c.stand.earlier, &c.stand.set)
		})
		if err != nil {
			return Tried{}, err
		}
	}
	w = o.choose(w, &c)
	tried := Tried{From: w.from.From, As: w.as}
	mail, err := o.Renderer.Letter(w.brand, locale, letter)
	if err != nil {
		return tried, err
	}
	e, err := compose(tenants.NewID(), w.from, to, locale, mail, o.DB.Clock().Now())
	if err != nil {
		tried.Why = Why(causeOf(err))
		return tried, nil
	}
	e.Tenant, e.Channel, e.Locale, e.Set = w.slug, Email, locale, w.set
	limited, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	if _, err := w.transport.Send(limited, e); err != nil {
		tried.Why, tried.Said = Why(causeOf(err)), said(err, w.transport)
	}
	return tried, nil
}

// said is what a mail server answered, without what we told it: a server may repeat a password.
func said(err error, by Transport) string {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return ""
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(strconv.Itoa(answer.Code)+" "+answer.Msg, " "))
	if relay, ok := by.(*SMTP); ok {
		in := base64.StdEncoding.EncodeToString // as AUTH PLAIN and LOGIN carry them
		for _, secret := range []string{in([]byte("\x00" + relay.Username + "\x00" + relay.Password)), in([]byte(relay.Password)), relay.Password, relay.Username} {
			if secret != "" {
				text = strings.ReplaceAll(text, secret, "…")
			}
		}
	}
	if letters := []rune(text); len(letters) > 200 {
		text = string(letters[:199]) + "…"
	}
	return text
}
