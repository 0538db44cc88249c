package phones_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/phones"
	"portico/tenants"
	"portico/tenants/tenantstest"
)

// desk is a database with a clock and a Book.
type desk struct {
	t     testing.TB
	db    *tenants.DB
	clock *tenants.Clock
	book  *phones.Book
	log   *bytes.Buffer
	a, b  tenants.ID
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	keys, err := tenants.ParseKeyring("k1:dGVzdCBrZXkgb2YgdGhpcnR5LXR3byBieXRlcywgbm8gbW9yZQ==")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, clock: &tenants.Clock{}, log: &bytes.Buffer{}, a: tenants.NewID(), b: tenants.NewID()}
	d.db, err = tenants.Open(tenants.DBSettings{URL: tenantstest.Database(t).AppURL, Clock: d.clock, Log: slog.New(slog.DiscardHandler), MaxConns: 12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.db.Close)
	d.book = &phones.Book{Keys: keys, Log: slog.New(slog.NewTextHandler(d.log, nil))}
	d.clock.Advance(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + time.Minute))) // begin early in an hour
	return d
}

// use is a request that shares nothing with another of another number.
func use(n int) phones.Use {
	account := uuid.UUID{15: byte(n), 14: byte(n >> 8)}
	return phones.Use{Number: fmt.Sprintf("+1202555%04d", n), Account: &account, Person: account.String(),
		AddressKey: fmt.Sprintf("192.0.2.%d", n), Budget: 500}
}

func (d *desk) take(tenant tenants.ID, u phones.Use) phones.Answer {
	d.t.Helper()
	var answer *phones.Answer
	err := d.db.In(d.t.Context(), tenant, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		answer = d.book.Take(b, s, u)
		return s.SendAndCommit(d.t.Context(), b)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return *answer
}

func (d *desk) used(tenant tenants.ID, n int) {
	d.t.Helper()
	err := d.db.In(d.t.Context(), tenant, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		for range n {
			d.book.Used(b, s)
		}
		return s.SendAndCommit(d.t.Context(), b)
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// counts reads how many codes were bought and used in all.
func (d *desk) counts(tenant tenants.ID) (bought, used int) {
	d.t.Helper()
	err := d.db.In(d.t.Context(), tenant, func(s *tenants.Scope) error {
		return s.Row(d.t.Context(), "SELECT coalesce(sum(bought), 0), coalesce(sum(used), 0) FROM phone_hours WHERE tenant_id = $1", []any{tenant}, &bought, &used)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return bought, used
}

func (d *desk) stops(tenant tenants.ID) []audit.Row {
	d.t.Helper()
	var rows []audit.Row
	err := d.db.In(d.t.Context(), tenant, func(s *tenants.Scope) (err error) {
		rows, err = audit.List(d.t.Context(), s, audit.Filter{Kinds: []audit.Kind{audit.PhonesStopped}})
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return rows
}

func (d *desk) expect(what string, got phones.Answer, want phones.Verdict, after time.Duration) {
	d.t.Helper()
	if got.Verdict != want {
		d.t.Fatalf("%s: %q, want %q", what, got.Verdict, want)
	}
	if left := got.RetryAt.Sub(d.clock.Now()); want == phones.Allowed && !got.RetryAt.IsZero() || want != phones.Allowed && (left > after || left < after-time.Minute) {
		d.t.Fatalf("%s: again at %v, in %v, want in about %v", what, got.RetryAt, left, after)
	}
}

func TestANumberGetsFiveAnHourAndTenADay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const numbers = 7
	at := func(n int) phones.Use { // one number, but persons and addresses enough
		u := use(n)
		u.Number = "+12025550100"
		return u
	}
	for i := range 5 {
		d.expect(fmt.Sprint("text ", i+1), d.take(d.a, at(i)), phones.Allowed, 0)
	}
	d.expect("the sixth", d.take(d.a, at(6)), phones.TooOften, time.Hour)
	d.expect("another number", d.take(d.a, use(numbers)), phones.Allowed, 0)
	d.expect("another tenant's", d.take(d.b, at(6)), phones.Allowed, 0)
	d.clock.Advance(time.Hour)
	for i := range 5 {
		d.expect(fmt.Sprint("an hour later ", i+1), d.take(d.a, at(10+i)), phones.Allowed, 0)
	}
	d.clock.Advance(time.Hour)
	d.expect("the eleventh of the day", d.take(d.a, at(20)), phones.TooOften, 22*time.Hour)
	d.clock.Advance(22 * time.Hour)
	d.expect("a day later", d.take(d.a, at(21)), phones.Allowed, 0)
}

func TestAPersonAndAnAddressHaveTheirLimits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one := use(1)
	for i := range 10 {
		u := use(i)
		u.Account, u.Person = one.Account, one.Person
		d.expect(fmt.Sprint("person ", i+1), d.take(d.a, u), phones.Allowed, 0)
	}
	u := use(11)
	u.Account, u.Person = one.Account, one.Person
	d.expect("the person's eleventh", d.take(d.a, u), phones.TooOften, 24*time.Hour)

	for i := range 10 {
		u := use(100 + i)
		u.AddressKey = "198.51.100.1"
		d.expect(fmt.Sprint("address ", i+1), d.take(d.a, u), phones.Allowed, 0)
	}
	u = use(120)
	u.AddressKey = "198.51.100.1"
	d.expect("the address's eleventh", d.take(d.a, u), phones.TooOften, time.Hour)
	u.Factor = 100 // the tenant listed it as a network of its own
	d.expect("from a listed network", d.take(d.a, u), phones.Allowed, 0)
}

func TestATenantsDayHasABudget(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	small := func(n int) phones.Use { u := use(n); u.Budget = 3; return u }
	stranger := func(n int) phones.Use { u := small(n); u.Account = nil; return u }
	for i := range 20 { // strangers' requests cost no money
		d.expect(fmt.Sprint("stranger ", i), d.take(d.a, stranger(200+i)), phones.Allowed, 0)
	}
	for i := range 3 {
		d.expect(fmt.Sprint("text ", i+1), d.take(d.a, small(i)), phones.Allowed, 0)
	}
	if bought, _ := d.counts(d.a); bought != 3 {
		t.Errorf("%d were bought, want 3", bought)
	}
	d.expect("the fourth", d.take(d.a, small(4)), phones.OverBudget, 24*time.Hour)
	d.expect("a stranger's, which is answered alike", d.take(d.a, stranger(5)), phones.OverBudget, 24*time.Hour)
	d.expect("another tenant's", d.take(d.b, small(4)), phones.Allowed, 0)
	d.clock.Advance(24 * time.Hour)
	for i := range 3 { // what was refused for want of budget counted nowhere
		d.expect(fmt.Sprint("the next day ", i+1), d.take(d.a, small(4+i)), phones.Allowed, 0)
	}
}

func TestManyAtOnceDoNotSpendMoreThanTheBudget(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var wg sync.WaitGroup
	verdicts := make([]phones.Verdict, 24)
	for i := range verdicts {
		wg.Go(func() {
			u := use(i)
			u.Budget = 5
			verdicts[i] = d.take(d.a, u).Verdict
		})
	}
	wg.Wait()
	allowed := 0
	for _, v := range verdicts {
		if v == phones.Allowed {
			allowed++
		}
	}
	if bought, _ := d.counts(d.a); allowed != 5 || bought != 5 {
		t.Errorf("%d were allowed and %d bought of a budget of 5: %v", allowed, bought, verdicts)
	}
}

func TestCodesThatNobodyUsesStopTheTenant(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 50 {
		if i == 20 {
			d.used(d.a, 9) // 18 per cent of fifty
		}
		d.expect(fmt.Sprint("text ", i+1), d.take(d.a, use(i)), phones.Allowed, 0)
	}
	if d.log.Len() > 0 {
		t.Errorf("alarm before the judgement: %s", d.log)
	}
	var wg sync.WaitGroup
	for i := range 8 { // many find out at once; one raises the alarm
		wg.Go(func() {
			if got := d.take(d.a, use(60+i)); got.Verdict != phones.Stopped {
				t.Errorf("the %d. is %q", 51+i, got.Verdict)
			}
		})
	}
	wg.Wait()
	d.expect("while stopped", d.take(d.a, use(70)), phones.Stopped, time.Hour)
	decoy := use(71)
	decoy.Account = nil
	d.expect("a stranger's", d.take(d.a, decoy), phones.Stopped, time.Hour)
	d.expect("another tenant's", d.take(d.b, use(72)), phones.Allowed, 0)
	rows := d.stops(d.a)
	if len(rows) != 1 || rows[0].Outcome != audit.Failure || !strings.Contains(string(rows[0].Details), `"bought": 50`) || !strings.Contains(string(rows[0].Details), `"used": 9`) {
		t.Errorf("audit: %+v", rows)
	}
	if text := d.log.String(); strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, d.a.String()) {
		t.Errorf("log: %s", text)
	}
	if got := d.book.Totals(d.clock.Now()); got.Stops != 1 || got.Stopped != 1 || got.Bought != 51 || got.Used != 9 {
		t.Errorf("totals: %+v", got)
	}
	if rows := d.stops(d.b); len(rows) != 0 {
		t.Errorf("the other tenant reads %+v", rows)
	}
	d.clock.Advance(time.Hour)
	if got := d.book.Totals(d.clock.Now()); got.Stopped != 0 {
		t.Errorf("after the stop: %+v", got)
	}
	for i := range 50 { // judged anew, from the end of the stop on
		d.expect(fmt.Sprint("after the stop ", i+1), d.take(d.a, use(100+i)), phones.Allowed, 0)
	}
	d.expect("unused again", d.take(d.a, use(160)), phones.Stopped, time.Hour)
	if rows := d.stops(d.a); len(rows) != 2 {
		t.Errorf("%d stops, want 2", len(rows))
	}
}

// The newest fifty count: what was used long ago does not pay for what is pumped now, and the other way round.
func TestTheBreakerJudgesTheNewestFifty(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 60 {
		d.expect("used", d.take(d.a, use(i)), phones.Allowed, 0)
		d.used(d.a, 1)
	}
	d.clock.Advance(2 * time.Hour)
	for i := range 50 {
		d.expect(fmt.Sprint("pumped ", i+1), d.take(d.a, use(100+i)), phones.Allowed, 0)
	}
	d.expect("pumped 51", d.take(d.a, use(200)), phones.Stopped, time.Hour)

	for range 10 { // exactly a fifth is enough
		d.used(d.b, 1)
	}
	for i := range 51 {
		d.expect(fmt.Sprint("a fifth used ", i+1), d.take(d.b, use(300+i)), phones.Allowed, 0)
	}
}
