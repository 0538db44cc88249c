package letters

import (
	"cmp"
	"context"
	"regexp"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
	"portico/themes"
)

// PhoneSettings are the platform's own account for texts and calls, used by tenants whose sender.phone says
// platform; and where the carriers are, for tests.
type PhoneSettings struct {
	Transport Transport // nil: there is none, and such tenants have no texts and calls
	From      string    // shown as the sender; "" is the brand's name
	TwilioAt  string    // base address of Twilio's API; "" is Twilio's own
	AWSAt     string    // endpoint of AWS End User Messaging; "" is Amazon's own
}

// e164 is what a text or call goes to (ITU-T E.164): a plus sign and at most 15 digits.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// carrierOf names the tenant's account among the carriers that rest after failures; all who use the
// platform's have one name.
func carrierOf(t *tenants.Tenant) tenants.ID {
	if t.Sender.Phone.Provider == "platform" {
		return uuid.Max
	}
	return t.ID
}

// phoneWay replaces the mail's way with that of texts and calls.
func (o *Outbox) phoneWay(w way, t *tenants.Tenant, channel Channel) (way, error) {
	p := t.Sender.Phone
	w.transport, w.relay, w.from = nil, tenants.ID{}, Identity{Name: t.Name}
	if !p.Texts() || channel == Voice && !p.Calls() {
		return w, refused("the tenant sends no such letters", nil)
	}
	w.from.From, w.relay = p.From, carrierOf(t)
	switch {
	case !o.OwnRelays: // dev: the inbox stands for every carrier, and takes as many at once as there are
		w.transport, w.share = o.Transport, maxAttempts
	case p.Provider == "twilio", p.Provider == "aws":
		secret, err := o.Keys.Open(PhonePurpose, t.ID, t.ID.String(), p.SealedSecret)
		if err != nil {
			return w, temporary("the account's secret cannot be opened", err)
		}
		w.transport = o.ownPhones(p, string(secret))
	default:
		w.transport = o.Phones.Transport
		w.from.From = cmp.Or(p.From, o.Phones.From)
	}
	if w.transport == nil {
		return w, refused("no account for texts and calls is set up", nil)
	}
	return w, nil
}

func (o *Outbox) ownPhones(p *tenants.PhoneSender, secret string) Transport {
	if p.Provider == "aws" {
		return NewAWSPhones(AWSPhoneSettings{Region: p.Region, KeyID: p.Account, Secret: secret, Origination: p.From, Endpoint: o.Phones.AWSAt})
	}
	return &Twilio{Account: p.Account, Token: secret, From: p.From, BaseURL: o.Phones.TwilioAt}
}

// PhonePurpose names the key that such a secret is sealed with.
const PhonePurpose = "sender phone"

// SealPhoneSecret seals the secret of a tenant's own account for texts and calls as the workers expect it in
// PhoneSender.SealedSecret.
func SealPhoneSecret(keys tenants.Keyring, tenant tenants.ID, secret string) []byte {
	return keys.Seal(PhonePurpose, tenant, tenant.String(), []byte(secret))
}

// Health tells whether texts and calls of the tenant leave at the moment: it has them, and its carrier has
// not just failed. Pages offer the other methods at once where they do not. It is what this instance saw.
func (o *Outbox) Health(t *tenants.Tenant) (sms, voice bool) {
	return o.answers(t, SMS), o.answers(t, Voice)
}

func (o *Outbox) answers(t *tenants.Tenant, channel Channel) bool {
	p := t.Sender.Phone
	if !p.Texts() || channel == Voice && !p.Calls() {
		return false
	}
	if p.Provider == "platform" && o.Phones.Transport == nil && o.OwnRelays && (o.Work || o.Portal) {
		return false
	}
	return !o.relaysOf(channel).rests(carrierOf(t), time.Now())
}

// relaysOf are the carriers of a channel: texts may fail while calls go through.
func (o *Outbox) relaysOf(c Channel) *relays {
	switch c {
	case SMS:
		return o.texts
	case Voice:
		return o.calls
	}
	return o.relays
}

// speak turns a letter with a code into a text or call. What has no short form is refused.
func (o *Outbox) speak(d desk, w way, c claimed, locale string, letter themes.Letter) (Envelope, error) {
	e := Envelope{ID: d.id, Tenant: w.slug, Channel: c.Channel, From: cmp.Or(w.from.From, w.from.Name), To: c.To, Locale: w.brand.LocaleOr(locale), At: o.DB.Clock().Now()}
	code, ok := letter.(themes.CodeLetter)
	if !ok {
		return e, refused("has no short form", nil)
	}
	if !e164.MatchString(c.To) {
		return e, refused("bad telephone number", nil)
	}
	e.Code, e.Until = code.Code, code.ExpiresAt
	if c.Channel == Voice {
		e.Text = o.Renderer.Voice(w.brand, locale, code)
	} else {
		e.Text = o.Renderer.SMS(w.brand, locale, code)
	}
	return e, nil
}

// handOverPhone bounds a hand-over to a carrier of texts and calls.
const handOverPhone = 10 * time.Second

func handOverTime(ctx context.Context, c Channel) (context.Context, context.CancelFunc) {
	if c == SMS || c == Voice {
		return context.WithTimeout(ctx, handOverPhone)
	}
	return context.WithTimeout(ctx, handOver)
}
