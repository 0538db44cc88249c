package accounts_test

import (
	"errors"
	"testing"

	"portico/app/accounts"
	"portico/tenants"
)

func TestAddressesAreOnesThatLettersReach(t *testing.T) {
	t.Parallel()
	p, first := ground(t)
	for _, c := range []struct{ typed, stored string }{
		{"New@Dot.example.", "New@Dot.example"}, {"new@wide.example\u3002", "new@wide.example"}, {" new@m\u00fcnchen.example ", "new@m\u00fcnchen.example"},
		{"\u00e9va@x.example", ""}, {"\u212aim@x.example", ""}, {"a\u0440a@x.example", ""}, {"new@x.example..", ""},
	} {
		var id [16]byte
		err := p.Accounts.DB.In(t.Context(), first.ID, func(s *tenants.Scope) (err error) {
			id, err = p.Accounts.Create(t.Context(), s, accounts.New{DisplayName: "New", Identifiers: map[string]string{accounts.Email: c.typed}})
			return err
		})
		if c.stored == "" {
			if !errors.Is(err, accounts.ErrBadIdentifier) {
				t.Errorf("%q: %v", c.typed, err)
			}
			continue
		}
		must(t, err)
		if n := count(t, p, "SELECT count(*) FROM account_identifiers WHERE account_id = $1 AND value = $2", id, c.stored); n != 1 {
			t.Errorf("%q is not stored as %q", c.typed, c.stored)
		}
	}
}
