package accounts_test

import (
	"errors"
	"testing"

	"portico/app/accounts"
	"portico/app/apptest"
	"portico/tenants"
)

// enter signs ava in from a browser and returns it with the device secret that it got.
func enter(t *testing.T, p *apptest.Portal, first *tenants.Tenant, address, device, password string) accounts.Client {
	t.Helper()
	c := from(address)
	c.Device = device
	in, err := p.Accounts.SignIn(t.Context(), first, try(ava, password, c))
	must(t, err)
	c.Device = in.Device.Value
	return c
}

// exhaust tries wrong passwords from a known device until it is told that it is locked.
func exhaust(t *testing.T, p *apptest.Portal, first *tenants.Tenant, c accounts.Client) {
	t.Helper()
	var locked *accounts.LockedError
	for i := range 10 {
		_, err := p.Accounts.SignIn(t.Context(), first, try(ava, "wrong", c))
		if errors.As(err, &locked) != (i == 9) {
			t.Fatalf("try %d from a known device: %v", i+1, err)
		}
	}
}

const devicesOfAva = `SELECT count(*) FROM known_devices d JOIN accounts a ON a.tenant_id = d.tenant_id AND a.id = d.account_id WHERE a.external_id = 'f-1'`

func TestKnownDevicesCountApart(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	stolen := enter(t, p, first, "192.0.2.1", "", apptest.Password)
	own := enter(t, p, first, "192.0.2.2", "", apptest.Password)
	exhaust(t, p, first, stolen)
	if n := count(t, p, "SELECT count(*) FROM account_locks WHERE device LIKE 'known:%' AND locked_until IS NOT NULL"); n != 1 {
		t.Errorf("%d known devices are locked", n)
	}
	enter(t, p, first, "192.0.2.2", own.Device, apptest.Password)
	enter(t, p, first, "192.0.2.3", "", apptest.Password)
	if _, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, stolen)); err == nil {
		t.Error("the locked device is in")
	}
	must(t, p.Accounts.Unlock(t.Context(), first, tokens(t, p, "unlock", ava)[0]))
	enter(t, p, first, "192.0.2.1", stolen.Device, apptest.Password)
}

func TestAResetMakesStrangersOfOtherDevices(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	stolen := enter(t, p, first, "192.0.2.1", "", apptest.Password)
	own := enter(t, p, first, "192.0.2.2", "", apptest.Password)
	_, err := p.Accounts.RequestLink(t.Context(), first, ava, "", own)
	must(t, err)
	const fresh = "Lantern!meadow9"
	must(t, p.Accounts.ResetPassword(t.Context(), first, tokens(t, p, "recovery", ava)[0], fresh, own))
	if n := count(t, p, devicesOfAva); n != 1 {
		t.Errorf("%d devices are known after the reset, want the one that did it", n)
	}
	var locked *accounts.LockedError
	for range 12 {
		if _, err := p.Accounts.SignIn(t.Context(), first, try(ava, "wrong", stolen)); !errors.Is(err, accounts.ErrWrong) || errors.As(err, &locked) {
			t.Fatalf("the thief's device is no stranger: %v", err)
		}
	}
	if again := enter(t, p, first, "192.0.2.2", own.Device, fresh); again.Device != own.Device {
		t.Error("the device that did the reset is a stranger")
	}
	exhaust(t, p, first, own) // its own counter, its own answer
}

func TestDevicesAreForgotten(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	enter(t, p, first, "192.0.2.1", "", apptest.Password)
	c := from("192.0.2.2")
	in, err := p.Accounts.SignIn(t.Context(), first, try(ava, apptest.Password, c))
	must(t, err)
	c.Device = in.Device.Value
	who, err := p.Accounts.Session(t.Context(), first, in.Session.Value)
	must(t, err)
	must(t, p.Accounts.EndSessions(t.Context(), first, who, c))
	if n := count(t, p, devicesOfAva); n != 1 {
		t.Errorf("%d devices are known after signing out everywhere, want the asking one", n)
	}
	must(t, p.Accounts.DB.In(t.Context(), first.ID, func(s *tenants.Scope) error {
		return accounts.SetStatus(t.Context(), s, who.AccountID, true)
	}))
	if n := count(t, p, devicesOfAva); n != 0 {
		t.Errorf("%d devices are known of a disabled account", n)
	}
}

func TestADevicesSecretComesFromHere(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	planted := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	own := enter(t, p, first, "192.0.2.1", planted, apptest.Password)
	if own.Device == planted {
		t.Error("a secret that somebody else may know was taken over")
	}
	shared, err := p.Accounts.SignIn(t.Context(), first, try("tariq@first.example", apptest.Password, own))
	must(t, err)
	if shared.Device.Value != own.Device {
		t.Error("one browser of two people got two secrets")
	}
	elsewhere, err := p.Accounts.SignIn(t.Context(), p.Tenant("second"), try("mina", apptest.Password, own))
	must(t, err)
	if elsewhere.Device.Value == own.Device {
		t.Error("another tenant's secret was taken over")
	}
}

func TestOneUnlockLetterADay(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	lock := func(address string) {
		t.Helper()
		for range 5 {
			_, _ = p.Accounts.SignIn(t.Context(), first, try(ava, "wrong", from(address)))
		}
		if n := count(t, p, "SELECT count(*) FROM account_locks WHERE device = 'unknown' AND locked_until IS NOT NULL"); n != 1 {
			t.Fatal("not locked")
		}
	}
	lock("192.0.2.1")
	must(t, p.Accounts.Unlock(t.Context(), first, tokens(t, p, "unlock", ava)[0]))
	enter(t, p, first, "192.0.2.2", "", apptest.Password)
	lock("192.0.2.3")
	if n := len(tokens(t, p, "unlock", ava)); n != 1 {
		t.Errorf("%d unlock letters within a day", n)
	}
	p.Clock.Advance(25 * hour)
	enter(t, p, first, "192.0.2.4", "", apptest.Password)
	lock("192.0.2.5")
	if n := len(tokens(t, p, "unlock", ava)); n != 2 {
		t.Errorf("%d unlock letters in two days", n)
	}
}
