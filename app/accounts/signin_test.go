package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

func TestEverybodyElseIsWrong(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	for _, c := range []struct{ typed, password string }{
		{"nobody@first.example", apptest.Password}, {ava, "wrong"}, {ava, ""}, {ava, strings.Repeat("x", 2000)}, {"ines@first.example", apptest.Password},
		{"kofi@first.example", apptest.Password}, {"mina@second.example", apptest.Password}, {"", ""}, {"\x00\xff", "\x00\xff"},
	} {
		if _, err := p.Accounts.SignIn(t.Context(), first, try(c.typed, c.password, from("192.0.2.1"))); !errors.Is(err, accounts.ErrWrong) {
			t.Errorf("%q: %v", c.typed, err)
		}
	}
	odd := from("192.0.2.2")
	odd.UserAgent = "broken \xff\x00" + strings.Repeat("é", 400)
	_, err := p.Accounts.SignIn(t.Context(), first, try("AVA@First.example", apptest.Password, odd))
	must(t, err)
}

func TestTheBlockOfAnAddressOutlastsItsWindow(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	policy := *first
	policy.Policy.Throttle.SignInIP = tenants.Throttle{Limit: 2, Window: tenants.Duration(3 * time.Minute), Block: tenants.Duration(10 * time.Minute)}
	one := func() error {
		_, err := p.Accounts.SignIn(t.Context(), &policy, try("nobody@first.example", "x", from("192.0.2.1")))
		return err
	}
	var limit *accounts.LimitError
	for i, after := range []time.Duration{0, 0, 0, 4 * time.Minute, 5 * time.Minute} {
		p.Clock.Advance(after)
		if err := one(); errors.As(err, &limit) != (i >= 2) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	p.Clock.Advance(2 * time.Minute)
	if err := one(); !errors.Is(err, accounts.ErrWrong) {
		t.Errorf("after the block: %v", err)
	}
}

func TestAKnownDeviceIsToldAndCountsApart(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	in, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, from("192.0.2.1")))
	must(t, err)
	for range 6 { // a stranger locks strangers out
		_, _ = p.Accounts.SignIn(t.Context(), first, try(ava, "wrong", from("192.0.2.2")))
	}
	own := from("192.0.2.3")
	own.Device = in.Device.Value
	again, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, own))
	if err != nil || again.Device.Value != in.Device.Value || again.Session.Value == in.Session.Value {
		t.Fatalf("the owner's device: %v", err)
	}
	var locked *accounts.LockedError
	for i := range 10 {
		_, err = p.Accounts.SignIn(t.Context(), first, try(ava, "wrong", own))
		if errors.As(err, &locked) != (i == 9) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	must(t, p.Accounts.Unlock(t.Context(), first, func() string { all := tokens(t, p, "unlock", ava); return all[len(all)-1] }()))
	_, err = p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, from("192.0.2.4")))
	must(t, err)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	enter := func(remember bool) accounts.SignedIn {
		t.Helper()
		tr := try(ava, apptest.Password, from("192.0.2.1"))
		tr.Remember = remember
		in, err := p.Accounts.SignIn(t.Context(), first, tr)
		must(t, err)
		return in
	}
	holds := func(tenant *tenants.Tenant, in accounts.SignedIn, want bool) accounts.Session {
		t.Helper()
		s, err := p.Accounts.Session(t.Context(), tenant, in.Session.Value)
		if (err == nil) != want || !want && !errors.Is(err, accounts.ErrNoSession) {
			t.Errorf("the session: %v, want it to hold: %v", err, want)
		}
		return s
	}
	a := enter(false)
	holds(first, a, true)
	holds(p.Tenant("second"), a, false)
	for range 35 { // sliding: a day of idleness, thirty days in all
		p.Clock.Advance(20 * time.Hour)
		holds(first, a, true)
	}
	p.Clock.Advance(19 * time.Hour)
	holds(first, a, true)
	p.Clock.Advance(hour)
	holds(first, a, false)
	b := enter(false)
	p.Clock.Advance(24*time.Hour + time.Second)
	holds(first, b, false)

	c, d := enter(false), enter(false)
	sc, sd := holds(first, c, true), holds(first, d, true)
	must(t, p.Accounts.SignOut(t.Context(), first, sc))
	must(t, p.Accounts.SignOut(t.Context(), first, sc)) // twice is no error
	holds(first, c, false)
	tariq, err := p.Accounts.SignIn(t.Context(), first, try("tariq@first.example", apptest.Password, from("192.0.2.1")))
	must(t, err)
	st := holds(first, tariq, true)
	if err := p.Accounts.EndSession(t.Context(), first, st, sd.PublicID); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("another's session: %v", err)
	}
	holds(first, d, true)
	must(t, p.Accounts.EndSessions(t.Context(), first, sd, from("192.0.2.1")))
	holds(first, d, false)
	holds(first, tariq, true)
	change(t, p, "UPDATE accounts SET status = 'disabled' WHERE external_id = 'f-2'")
	holds(first, tariq, false)
	e := enter(false)
	change(t, p, "UPDATE accounts SET stamp = stamp + 1")
	holds(first, e, false)
	for _, bad := range []string{"", "x", e.Session.Value + "A", strings.Repeat("\xff", 43)} {
		if _, err := p.Accounts.Session(t.Context(), first, bad); !errors.Is(err, accounts.ErrNoSession) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestASessionInUseWritesOnceAMinute(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	in, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, from("192.0.2.1")))
	must(t, err)
	at := func() time.Time {
		s, err := p.Accounts.Session(t.Context(), first, in.Session.Value)
		must(t, err)
		return s.SeenAt
	}
	begin := at()
	p.Clock.Advance(50 * time.Second)
	if at(); !at().Equal(begin) {
		t.Error("written within the minute")
	}
	p.Clock.Advance(11 * time.Second)
	at()
	if moved := at(); !moved.After(begin) {
		t.Error("not written after a minute")
	}
}
