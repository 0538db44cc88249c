package phones_test

import (
	"errors"
	"strings"
	"testing"

	"portico/app/phones"
)

func TestNumbersOfManyCountries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, home string
		e164, in    string
		kind        phones.Kind
	}{
		{"+1 2025550123", "", "+12025550123", "US", phones.Either},
		{"(202) 555-0123", "US", "+12025550123", "US", phones.Either},
		{"202.555.0123", "us", "+12025550123", "US", phones.Either},
		{"+1 4251234567", "", "+14251234567", "US", phones.Either}, // Entra's own example, which nobody can have
		{"+1 4251234567", "DE", "+14251234567", "US", phones.Either},
		{"+1 5550100101", "", "+15550100101", "US", phones.Either}, // the demo's
		{"5550100101", "US", "+15550100101", "US", phones.Either},
		{"+1 416 555 0123", "US", "+14165550123", "CA", phones.Either},
		{"001 202 555 0123", "DE", "+12025550123", "US", phones.Either},
		{"+1 202 555 0123 ext. 55", "", "+12025550123", "US", phones.Either},
		{"+12025550123x55", "", "+12025550123", "US", phones.Either},
		{"0151 12345678", "DE", "+4915112345678", "DE", phones.Mobile},
		{"+49 30 123456", "", "+4930123456", "DE", phones.Fixed},
		{"06 12 34 56 78", "FR", "+33612345678", "FR", phones.Mobile},
		{"+33 1 23 45 67 89", "", "+33123456789", "FR", phones.Fixed},
		{"07400 123456", "GB", "+447400123456", "GB", phones.Mobile},
		{"+44 (0) 20 7946 0958", "", "+442079460958", "GB", phones.Fixed},
		{"612 34 56 78", "ES", "+34612345678", "ES", phones.Mobile},
		{"050 123 4567", "SA", "+966501234567", "SA", phones.Mobile},
		{"٠٥٠ ١٢٣ ٤٥٦٧", "SA", "+966501234567", "SA", phones.Mobile},
		{"＋81 90 1234 5678", "", "+819012345678", "JP", phones.Mobile},
		{"+52 55 1234 5678", "", "+525512345678", "MX", phones.Either},
		{"+39 06 1234 5678", "", "+390612345678", "IT", phones.Fixed}, // Italy keeps its zero
		{"011 15-2345-6789", "AR", "+5491123456789", "AR", phones.Mobile},
		{"\u202a+12025550123\u202c", "", "+12025550123", "US", phones.Either}, // as copied from a contact
		{" +65 8123 4567 ", "", "+6581234567", "SG", phones.Mobile},
		{"+383 43 201 234", "", "+38343201234", "XK", phones.Mobile},
	} {
		n, err := phones.Parse(c.typed, c.home)
		if err != nil || n != (phones.Number{E164: c.e164, Country: c.in, Kind: c.kind}) {
			t.Errorf("%q at home in %q: %+v, %v", c.typed, c.home, n, err)
		}
		if n.TakesText() != (c.kind != phones.Fixed) {
			t.Errorf("%q takes a text: %t", c.typed, n.TakesText())
		}
	}
}

func TestBadNumbersSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, home string
		why         phones.Reason
		example     string // how it begins
	}{
		{"", "US", phones.Empty, "+1 "},
		{" \u200b\t", "DE", phones.Empty, "+49 "},
		{"hello", "US", phones.NotANumber, "+1 "},
		{"2025550123", "", phones.NotANumber, "+1 "}, // whose country?
		{"+999 123 456 789", "FR", phones.NotANumber, "+33 "},
		{"ada@people.example", "US", phones.NotANumber, "+1 "},
		{"+1 202 555", "", phones.TooShort, "+1 "},
		{"555-0123", "US", phones.TooShort, "+1 "},
		{"911", "US", phones.TooShort, "+1 "},
		{"+49 1", "", phones.TooShort, "+49 "},
		{"+1 202 555 01234", "", phones.TooLong, "+1 "},
		{"+33 6 12 34 56 78 90", "", phones.TooLong, "+33 "},
		{strings.Repeat("2", 65), "US", phones.TooLong, "+1 "},
		{"+1 155 555 0123", "", phones.NotInCountry, "+1 "},
		{"+44 1111 111111", "", phones.NotInCountry, "+44 "},
		{"+1 900 555 0123", "", phones.Refused, "+1 "},    // premium rate
		{"+1 800 555 0147", "", phones.Refused, "+1 "},    // toll-free: the called one pays
		{"+44 906 123 4567", "", phones.Refused, "+44 "},  // premium rate
		{"+49 900 1234567", "", phones.Refused, "+49 "},   // premium rate
		{"+33 8 92 70 12 39", "", phones.Refused, "+33 "}, // premium rate
		{"+44 845 612 3456", "", phones.Refused, "+44 "},  // shared cost
		{"+1 900 123 4567", "", phones.NotInCountry, "+1 "},
		{"+1 888 123 4567", "", phones.NotInCountry, "+1 "},
	} {
		_, err := phones.Parse(c.typed, c.home)
		var bad *phones.NumberError
		if !errors.As(err, &bad) || !errors.Is(err, phones.ErrNumber) || bad.Reason != c.why || !strings.HasPrefix(bad.Example, c.example) {
			t.Errorf("%q at home in %q: %+v, want %s with an example %s…", c.typed, c.home, err, c.why, c.example)
			continue
		}
		if bad.Key() != "error.phone_"+string(c.why) || len(c.typed) > 3 && strings.Contains(err.Error(), c.typed) {
			t.Errorf("%q: key %s, error %q", c.typed, bad.Key(), err)
		}
		if _, err := phones.Parse(bad.Example, ""); err != nil {
			t.Errorf("the example %q is no number itself: %v", bad.Example, err)
		}
	}
}

func TestCountriesOfATenant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed     string
		countries []string
		e164      string
		why       phones.Reason
	}{
		{"202 555 0123", []string{"US", "CA"}, "+12025550123", ""},
		{"+1 416 555 0123", []string{"US", "CA"}, "+14165550123", ""},
		{"+1 416 555 0123", []string{"US"}, "", phones.CountryRefused},
		{"+49 151 12345678", []string{"US"}, "", phones.CountryRefused},
		{"+1 876 555 0123", []string{"US"}, "", phones.CountryRefused}, // Jamaica has +1 too: a favourite of toll fraud
		{"+1 900 555 0123", []string{"US"}, "", phones.Refused},
		{"+12025550123", nil, "", phones.CountryRefused},
	} {
		n, err := phones.ParseFor(c.typed, c.countries)
		var bad *phones.NumberError
		errors.As(err, &bad)
		if n.E164 != c.e164 || (bad == nil) != (c.why == "") || bad != nil && bad.Reason != c.why {
			t.Errorf("%q for %v: %+v, %v", c.typed, c.countries, n, err)
		}
	}
}

func TestMaskShowsCountryAndTwoDigits(t *testing.T) {
	t.Parallel()
	for e164, want := range map[string]string{
		"+15550100101": "+1 ••••••••01", "+4930123456": "+49 ••••••56", "+966501234567": "+966 •••••••67",
		"": "••••••", "+1": "••••••", "ada@people.example": "••••••", "12345": "••••••",
	} {
		if got := phones.Mask(e164); got != want {
			t.Errorf("%q is masked as %q, want %q", e164, got, want)
		}
	}
}

func TestTheSameNumberInOtherWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, e164, home string
		want              bool
	}{
		{"+1 2025550123", "+12025550123", "US", true},
		{"(202) 555-0123", "+12025550123", "US", true},
		{"(202) 555-0123", "+12025550123", "", true}, // the number's own country
		{"+1 202 555 0123 ext 4", "+12025550123", "US", true},
		{"5550100101", "+15550100101", "US", true},
		{"0151 12345678", "+4915112345678", "", true},
		{"0151 12345678", "+4915112345678", "US", false},
		{"+12025550124", "+12025550123", "US", false},
		{"2025550123", "+442025550123", "US", false},
		{"", "", "US", false},
		{"nonsense", "", "US", false},
		{"23", "+12025550123", "US", false},
	} {
		if got := phones.Same(c.typed, c.e164, c.home); got != c.want {
			t.Errorf("%q and %q: %t", c.typed, c.e164, got)
		}
	}
}

// FuzzParse: whatever is typed, the parser neither breaks nor lets through what is no number.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"+1 4251234567", "(202) 555-0123 x5", "٠٥٠", "+", "tel:+1-202-555-0123;ext=1", "\x00+1\xff"} {
		f.Add(s, "US")
	}
	f.Fuzz(func(t *testing.T, typed, home string) {
		n, err := phones.Parse(typed, home)
		if err != nil {
			if !errors.Is(err, phones.ErrNumber) || n != (phones.Number{}) {
				t.Fatalf("%+v with %v", n, err)
			}
			return
		}
		again, err := phones.Parse(n.E164, "")
		if err != nil || again.E164 != n.E164 || len(n.E164) < 8 || len(n.E164) > 16 || !phones.Same(typed, n.E164, home) {
			t.Fatalf("%q became %+v, and that %+v, %v", typed, n, again, err)
		}
	})
}
