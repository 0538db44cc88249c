package letters_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/tenants"
	"portico/themes"
)

const (
	ada       = "+12025550123"
	twilioSID = "AC0123456789abcdef0123456789abcdef"
)

// code is a draft of a code to a number, by text where the channel is not changed.
func (h *house) code(event string, change ...func(*letters.Draft)) letters.Draft {
	until := h.clock.Now().Add(5 * time.Minute)
	d := letters.Draft{
		Letter: themes.CodeLetter{Name: "Ada", Code: "480913", TTL: 5 * time.Minute, ExpiresAt: until, For: "recovery"},
		To:     ada, Channel: letters.SMS, Lane: letters.Urgent, Event: event, ExpiresAt: until,
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func byVoice(d *letters.Draft) { d.Channel = letters.Voice }

// gamma adds a tenant that has an account of its own at the provider.
func (h *house) gamma(provider string) tenants.ID {
	h.t.Helper()
	p := &tenants.PhoneSender{Provider: provider, Countries: []string{"US"}, Voice: true, DailyBudget: 500, From: "+12025550100"}
	if provider == "twilio" {
		p.Account = twilioSID
	} else {
		p.Account, p.Region = "AKIAIOSFODNN7EXAMPLE", "eu-west-1"
	}
	id := h.addTenant("gamma", tenants.Sender{Transport: "platform"})
	p.SealedSecret = letters.SealPhoneSecret(h.keys, id, "hush")
	h.setSender(id, tenants.Sender{Transport: "platform", Phone: p})
	return id
}

func (h *house) setSender(id tenants.ID, sender tenants.Sender) {
	h.t.Helper()
	err := h.db.In(h.t.Context(), id, func(s *tenants.Scope) error {
		return tenants.SaveSetting(h.t.Context(), s, tenants.SubjectSender, sender, "test")
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.resolver.ForgetAll()
}

func (h *house) phones(fake *letterstest.Phones) *letters.Outbox {
	h.t.Helper()
	return h.working(&sink{}, func(s *letters.Settings) {
		s.OwnRelays, s.Phones = true, letters.PhoneSettings{TwilioAt: fake.URL, AWSAt: fake.URL}
	})
}

// faults meets the first calls with the faults given.
func faults(list []letterstest.PhoneFault) func(int) letterstest.PhoneFault {
	return func(call int) letterstest.PhoneFault {
		if call <= len(list) {
			return list[call-1]
		}
		return letterstest.PhoneFault{}
	}
}

func TestTextsAndCallsByTheTenantsOwnAccount(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"twilio", "aws"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			fake := letterstest.NewPhones(t, nil)
			id, o := h.gamma(provider), h.phones(fake)
			text, call := h.write(o, id, h.code("1")), h.write(o, id, h.code("1", byVoice, func(d *letters.Draft) { d.To = "+12025550124" }))
			h.row(id, text, letters.Sent)
			h.row(id, call, letters.Sent)
			for _, l := range fake.Got() {
				if l.From != "+12025550100" || l.Account == "" || provider == "twilio" && l.Token != "hush" || provider == "aws" && l.Row == "" {
					t.Errorf("request: %+v", l)
				}
				want := "480913 is your code for Brand gamma. It works for 5 minutes. Give it to nobody.\n\n@gamma.localhost #480913"
				if l.Channel == "sms" && (l.Words != want || l.To != ada || l.Validity == "" || l.Validity == "0") {
					t.Errorf("text: %+v", l)
				}
				if l.Channel == "voice" && (strings.Count(l.Words, "4, 8, 0, 9, 1, 3") != 2 || l.To != "+12025550124") {
					t.Errorf("call: %+v", l)
				}
			}
			if row := h.row(id, text, letters.Sent); len(fake.Got()) != 2 || row.Channel != "sms" || !strings.HasPrefix(row.MessageID, "SM") {
				t.Errorf("%d letters, row %+v", len(fake.Got()), row)
			}
		})
	}
}

func TestCarriersOfTextsThatFail(t *testing.T) {
	t.Parallel()
	const own = "the carrier does not take our account (401/20003)"
	for name, c := range map[string]struct {
		provider string
		fault    letterstest.PhoneFault
		state    letters.State // after the first try
		reason   string
		letters  int
		health   bool
	}{
		"bad number":      {"twilio", letterstest.PhoneFault{Status: 400, Code: "21211"}, letters.Failed, "the carrier does not take this number or sender (400/21211)", 0, true},
		"throttled":       {"twilio", letterstest.PhoneFault{Status: 429, Code: "20429", RetryAfter: "30"}, letters.Queued, "the carrier throttles (429/20429)", 0, false},
		"broken":          {"twilio", letterstest.PhoneFault{Status: 503, Code: "20500"}, letters.Queued, "the carrier does not answer as it should (503/20500)", 0, false},
		"broken garbage":  {"twilio", letterstest.PhoneFault{Status: 500, Body: "<html>"}, letters.Queued, "the carrier does not answer as it should (500)", 0, false},
		"not our account": {"twilio", letterstest.PhoneFault{Status: 401, Code: "20003"}, letters.Queued, own, 0, false},
		"redirected":      {"twilio", letterstest.PhoneFault{Status: 302, Code: "0"}, letters.Queued, "the carrier does not answer as it should (302)", 0, false},
		"taken garbage":   {"twilio", letterstest.PhoneFault{Body: "<ok>"}, letters.Sent, "", 1, true},
		"taken nothing":   {"twilio", letterstest.PhoneFault{Body: " "}, letters.Sent, "", 1, true},
		"lost":            {"twilio", letterstest.PhoneFault{Lost: true}, letters.Queued, "the carrier cannot be reached", 1, false},
		"aws bad number":  {"aws", letterstest.PhoneFault{Status: 400, Code: "ValidationException"}, letters.Failed, "AWS does not take this number or message", 0, true},
		"aws opted out":   {"aws", letterstest.PhoneFault{Status: 400, Code: "ConflictException"}, letters.Failed, "AWS will not send to this number", 0, true},
		"aws throttled":   {"aws", letterstest.PhoneFault{Status: 400, Code: "ThrottlingException"}, letters.Queued, "AWS throttles", 0, false},
		"aws spent":       {"aws", letterstest.PhoneFault{Status: 402, Code: "ServiceQuotaExceededException"}, letters.Queued, "AWS throttles", 0, false},
		"aws account":     {"aws", letterstest.PhoneFault{Status: 400, Code: "AccessDeniedException"}, letters.Queued, "AWS does not take our account", 0, false},
		"aws broken":      {"aws", letterstest.PhoneFault{Status: 500, Code: "InternalServerException"}, letters.Queued, "AWS does not answer as it should", 0, false},
		"aws garbage":     {"aws", letterstest.PhoneFault{Status: 500, Body: "\x00"}, letters.Queued, "AWS does not answer as it should", 0, false},
		"aws lost":        {"aws", letterstest.PhoneFault{Lost: true}, letters.Queued, "AWS does not answer as it should", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			fake := letterstest.NewPhones(t, faults([]letterstest.PhoneFault{c.fault}))
			id, o := h.gamma(c.provider), h.phones(fake)
			tenant, err := h.resolver.ByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if sms, voice := o.Health(tenant); !sms || !voice {
				t.Fatalf("before anything went wrong: %t %t", sms, voice)
			}
			letter := h.write(o, id, h.code("1"))
			row := h.tried(id, letter, c.state)
			if row.Reason != c.reason || len(fake.Got()) != c.letters {
				t.Errorf("%+v, %d letters", row, len(fake.Got()))
			}
			if sms, voice := o.Health(tenant); sms != c.health || !voice {
				t.Errorf("health: texts %t, calls %t", sms, voice)
			}
			if strings.Contains(row.Reason, "202555") {
				t.Errorf("the reason repeats the number: %s", row.Reason)
			}
		})
	}
}

// tried waits for the end of the first try.
func (h *house) tried(tenant, id tenants.ID, want letters.State) letters.Row {
	h.t.Helper()
	var row letters.Row
	h.eventually("a first try", func() bool {
		for _, r := range h.list(tenant, letters.Filter{}) {
			if r.ID == id {
				row = r
			}
		}
		return row.Attempts > 0 && row.State != letters.Sending
	}, func() string { return fmt.Sprintf("%+v", row) })
	if row.State != want {
		h.t.Fatalf("%+v, want %s", row, want)
	}
	return row
}

// A lost answer may mean that the text arrived: it goes again while its code holds, and not a moment longer.
func TestALetterGoesAgainOnlyWhileItsCodeHolds(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"twilio", "aws"} {
		h := newHouse(t)
		fake := letterstest.NewPhones(t, faults([]letterstest.PhoneFault{{Lost: true}}))
		id, o := h.gamma(provider), h.phones(fake)
		letter := h.write(o, id, h.code("1"))
		h.tried(id, letter, letters.Queued)
		h.clock.Advance(5 * time.Minute)
		h.eventually("the letter has ended", func() bool {
			h.hurry()
			return h.row1(id, letter).EndedAt != nil
		}, func() string { return fmt.Sprintf("%+v", h.row1(id, letter)) })
		if row := h.row1(id, letter); row.State != letters.Skipped || row.Reason != "code expired" || fake.Calls() != 1 {
			t.Errorf("%s: %+v, %d calls", provider, row, fake.Calls())
		}
	}
}

func (h *house) row1(tenant, id tenants.ID) letters.Row {
	for _, r := range h.list(tenant, letters.Filter{}) {
		if r.ID == id {
			return r
		}
	}
	return letters.Row{}
}

func TestALostAnswerGoesAgainBeforeTheCodeEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fake := letterstest.NewPhones(t, faults([]letterstest.PhoneFault{{Lost: true}}))
	id, o := h.gamma("twilio"), h.phones(fake)
	letter := h.write(o, id, h.code("1"))
	h.tried(id, letter, letters.Queued)
	h.eventually("the letter is sent", func() bool {
		h.hurry()
		return h.row1(id, letter).State == letters.Sent
	}, func() string { return fmt.Sprintf("%+v", h.row1(id, letter)) })
	if got := fake.Got(); len(got) != 2 || got[0].Words != got[1].Words {
		t.Errorf("%+v", got)
	}
}

// A carrier that hangs holds up its own tenant's texts and nobody's mail.
func TestAHangingCarrierHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	never := make(chan struct{})
	fake := letterstest.NewPhones(t, func(int) letterstest.PhoneFault { return letterstest.PhoneFault{Until: never} })
	t.Cleanup(func() { close(never) })
	id, mails := h.gamma("twilio"), &sink{}
	o := h.working(mails, func(s *letters.Settings) {
		s.OwnRelays, s.Phones = true, letters.PhoneSettings{TwilioAt: fake.URL}
		s.Workers = map[letters.Lane]int{letters.Urgent: 4}
	})
	for i := range 8 {
		h.write(o, id, h.code(fmt.Sprint(i)))
	}
	h.eventually("the carrier is asked", func() bool { return fake.Calls() == 3 }, func() string { return fmt.Sprint(fake.Calls(), " calls") })
	h.row(h.a, h.write(o, h.a, recovery("ada@people.example", "r1")), letters.Sent)
	h.row(id, h.write(o, id, recovery("bob@people.example", "r2")), letters.Sent)
	if fake.Calls() != 3 {
		t.Errorf("%d at once, want 3", fake.Calls())
	}
}

func TestWhatCannotBeTextedIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fake := letterstest.NewPhones(t, nil)
	id, o := h.gamma("twilio"), h.phones(fake)
	for name, c := range map[string]struct {
		tenant tenants.ID
		draft  letters.Draft
		state  letters.State
		reason string
	}{
		"no number":          {id, h.code("1", func(d *letters.Draft) { d.To = "ada@people.example" }), letters.Failed, "bad telephone number"},
		"two numbers":        {id, h.code("2", func(d *letters.Draft) { d.To = ada + "," + ada }), letters.Failed, "bad telephone number"},
		"no short form":      {id, h.code("3", func(d *letters.Draft) { d.Letter = themes.ResetNotice{Name: "Ada"} }), letters.Failed, "has no short form"},
		"no account":         {h.a, h.code("4"), letters.Failed, "the tenant sends no such letters"},
		"a decoy":            {id, h.code("5", func(d *letters.Draft) { d.To = "" }), letters.Skipped, "decoy"},
		"an ended code":      {id, h.code("6", func(d *letters.Draft) { d.ExpiresAt = h.clock.Now() }), letters.Skipped, "code expired"},
		"an ended mail code": {h.a, h.code("7", func(d *letters.Draft) { d.To, d.Channel, d.ExpiresAt = "ada@people.example", "", h.clock.Now() }), letters.Skipped, "code expired"},
	} {
		if row := h.row(c.tenant, h.write(o, c.tenant, c.draft), c.state); row.Reason != c.reason {
			t.Errorf("%s: %+v", name, row)
		}
	}
	if n := fake.Calls(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// The words of a call are words, whatever a brand is called: a verb in them could dial at the tenant's cost.
func TestABrandsNameCannotScriptACall(t *testing.T) {
	t.Parallel()
	fake := letterstest.NewPhones(t, nil)
	carrier := &letters.Twilio{Account: twilioSID, Token: "t", From: "+12025550100", BaseURL: fake.URL}
	words := "Hello </Say><Dial>+19005550100</Dial><Say>\x00 & \"quotes\" ]]>"
	for _, locale := range themes.Locales() {
		if _, err := carrier.Send(t.Context(), letters.Envelope{Channel: letters.Voice, To: ada, Locale: locale, Text: words}); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range fake.Got() {
		var script struct {
			XMLName xml.Name `xml:"Response"`
			Say     struct {
				Language string `xml:"language,attr"`
				Words    string `xml:",chardata"`
			}
			Others []struct{ XMLName xml.Name } `xml:",any"`
		}
		if err := xml.Unmarshal([]byte(l.Words), &script); err != nil || len(script.Others) > 0 || script.Say.Language == "" ||
			script.Say.Words != strings.ReplaceAll(words, "\x00", "\ufffd") || strings.Contains(l.Words, "<Dial") {
			t.Errorf("%q: %+v, %v", l.Words, script, err)
		}
	}
}

func TestInboxStandsForEveryCarrierInDev(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in := &letters.Inbox{}
	id := h.addTenant("delta", tenants.Sender{Transport: "platform", Phone: &tenants.PhoneSender{Provider: "platform", Countries: []string{"US"}, Voice: true, DailyBudget: 500}})
	own := h.gamma("twilio")
	o := h.working(in, func(s *letters.Settings) { s.Phones.Transport = in })
	for _, tenant := range []tenants.ID{id, own} {
		h.row(tenant, h.write(o, tenant, h.code("1")), letters.Sent)
		h.row(tenant, h.write(o, tenant, h.code("2", byVoice)), letters.Sent)
		h.row(tenant, h.write(o, tenant, h.code("3", func(d *letters.Draft) { d.Channel, d.To = "", "ada@people.example" })), letters.Sent)
	}
	for _, slug := range []string{"delta", "gamma"} {
		page := in.List(slug, "", time.Time{}).Letters
		channels := ""
		for _, l := range page {
			channels += l.Channel + " "
			if l.Code != "480913" || l.From == "" || l.Text == "" || (l.HTML != "") != (l.Channel == "email") || l.Headers == nil || l.Links == nil {
				t.Errorf("%s: %+v", slug, l)
			}
		}
		if channels != "email voice sms " {
			t.Errorf("%s: %s", slug, channels)
		}
		for _, to := range []string{ada, "+1 (202) 555-0123", " 12025550123"} {
			if n := len(in.List(slug, to, time.Time{}).Letters); n != 2 {
				t.Errorf("%s: %d letters to %q", slug, n, to)
			}
		}
	}
}

func TestThePlatformsAccountServesTenantsWithoutOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fake := letterstest.NewPhones(t, faults([]letterstest.PhoneFault{{}, {Status: 500, Code: "1"}}))
	sender := func(voice bool) tenants.Sender {
		return tenants.Sender{Transport: "platform", Phone: &tenants.PhoneSender{Provider: "platform", Countries: []string{"US"}, Voice: voice, DailyBudget: 500}}
	}
	one, other := h.addTenant("one", sender(false)), h.addTenant("other", sender(true))
	platform := &letters.Twilio{Account: twilioSID, Token: "platform", From: "MG0123456789abcdef0123456789abcdef", BaseURL: fake.URL}
	o := h.working(&sink{}, func(s *letters.Settings) { s.OwnRelays, s.Phones.Transport = true, platform })
	h.row(one, h.write(o, one, h.code("1")), letters.Sent)
	if l := fake.Got()[0]; l.Service != platform.From || l.From != "" || l.Token != "platform" {
		t.Errorf("%+v", l)
	}
	if row := h.row(one, h.write(o, one, h.code("2", byVoice)), letters.Failed); row.Reason != "the tenant sends no such letters" {
		t.Errorf("%+v", row)
	}
	h.tried(one, h.write(o, one, h.code("3")), letters.Queued)
	for id, want := range map[tenants.ID][2]bool{one: {false, false}, other: {false, true}} { // one carrier, one trouble
		tenant, err := h.resolver.ByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if sms, voice := o.Health(tenant); sms != want[0] || voice != want[1] {
			t.Errorf("%s: texts %t, calls %t", tenant.Slug, sms, voice)
		}
	}
}
