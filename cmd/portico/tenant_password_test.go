package main

import (
	"strings"
	"testing"

	"portico/app/accounts"
	"portico/tenants"
)

func TestThePasswordTesterShowsTermsAndNothingElse(t *testing.T) {
	t.Parallel()
	p := tenants.PasswordPolicy{Mode: "classes", Min: 8, BannedGlobal: true, BannedCustom: []string{"contoso", "blank"}, BannedMinScore: 5, BannedNameMin: 4}
	for password, want := range map[string]string{
		"C0ntos0Blank12":  "[tenant: contoso][tenant: blank]··\nscore 4, needed 5\nbreaks banned\n",
		"ContoS0Bl@nkf9!": "[tenant: contoso][tenant: blank]···\nscore 5, needed 5\naccepted\n",
	} {
		e := accounts.Explain(p, password, accounts.Personal{})
		if got := explained(e); got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
		if got := triedOf(e); got.Accepted != strings.Contains(want, "accepted") || len(got.Terms) != 2 || got.Score != e.Score {
			t.Errorf("%q: %+v", password, got)
		}
	}
	secret := accounts.Explain(p, "Kettle#Qvx81zz", accounts.Personal{Name: "Kettle"})
	if got := explained(secret); strings.ContainsAny(got, "QvxK#8") || !strings.Contains(got, "breaks personal_word") {
		t.Errorf("the tester shows %q", got)
	}
	if got := explained(accounts.Explain(tenants.PasswordPolicy{Mode: "classes", Min: 4}, "copper kettle", accounts.Personal{})); got != "this tenant scores no banned terms\naccepted\n" {
		t.Errorf("without the check: %q", got)
	}
}

func TestThePasswordComesFromTheStandardInput(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a b\n": "a b", "x\r\n": "x", "no end": "no end", " \tkept \nrest": " \tkept "} {
		if got, err := readPassword(strings.NewReader(in)); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if _, err := readPassword(strings.NewReader("\n")); err == nil {
		t.Error("nothing was read and nobody said so")
	}
}
