package phones

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Kind is what a number reaches, as far as its digits tell.
type Kind string

// The kinds that take a code. Premium, shared-cost and the like are refused and have no Kind.
const (
	Mobile Kind = "mobile"
	Fixed  Kind = "fixed"  // takes a call, no text
	Either Kind = "either" // the country's digits do not tell (North America)
)

// Number is a valid telephone number without extension.
type Number struct {
	E164    string // +14251234567
	Country string // ISO 3166-1 alpha-2: US
	Kind    Kind
}

// TakesText tells whether a text can reach the number.
func (n Number) TakesText() bool { return n.Kind != Fixed }

// ErrNumber is what every refusal of a number matches.
var ErrNumber = errors.New("no number that a code can go to")

// Reason says what is wrong with a number.
type Reason string

// The reasons. Each is the end of a key of the catalogue: error.phone_<reason>.
const (
	Empty          Reason = "empty"
	NotANumber     Reason = "not_a_number"
	TooShort       Reason = "too_short"
	TooLong        Reason = "too_long"
	NotInCountry   Reason = "not_in_country"  // the right length, but the country gives out no such numbers
	Refused        Reason = "refused"         // premium rate, shared cost, pagers: costs somebody money
	NoText         Reason = "no_text"         // a landline: takes a call, no text; Parse never says it, its callers do
	CountryRefused Reason = "country_refused" // valid, in a country that the tenant sends nothing to
)

// NumberError says what is wrong and how a right number looks.
type NumberError struct {
	Reason  Reason
	Country string // alpha-2 of the country that was meant; "" when that is unknown
	Example string // a typical number of that country in international form, or of some country where that is unknown
}

// Error names the reason, never the number.
func (e *NumberError) Error() string { return "telephone number: " + string(e.Reason) }

// Unwrap makes every NumberError match ErrNumber.
func (e *NumberError) Unwrap() error { return ErrNumber }

// Key is the catalogue's text for the reason.
func (e *NumberError) Key() string { return "error.phone_" + string(e.Reason) }

// mostTyped bounds what the parser sees; the longest number has 15 digits (ITU-T E.164).
const mostTyped = 64

// Parse reads a number as people type it: international (+1 4251234567, as Entra writes it, or with any
// punctuation), or as it is dialled within the default country (alpha-2, "" for none). An extension is
// taken off, since nothing can dial it. Errors are *NumberError.
func Parse(typed, defaultCountry string) (Number, error) {
	defaultCountry = strings.ToUpper(defaultCountry)
	fail := func(why Reason, country string) (Number, error) {
		return Number{}, &NumberError{Reason: why, Country: country, Example: cmp.Or(Example(country), Example(defaultCountry), Example("US"))}
	}
	typed = strings.TrimSpace(strings.Map(visible, typed))
	switch {
	case typed == "":
		return fail(Empty, defaultCountry)
	case len(typed) > mostTyped:
		return fail(TooLong, defaultCountry)
	}
	n, err := phonenumbers.Parse(typed, defaultCountry)
	switch {
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return fail(TooLong, meant(typed, defaultCountry))
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return fail(TooShort, meant(typed, defaultCountry))
	case err != nil:
		return fail(NotANumber, defaultCountry)
	}
	n.Extension = nil
	country := phonenumbers.GetRegionCodeForNumber(n)
	if country == "" {
		country = phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return fail(TooShort, country)
	case phonenumbers.TOO_LONG:
		return fail(TooLong, country)
	case phonenumbers.INVALID_COUNTRY_CODE:
		return fail(NotANumber, defaultCountry)
	}
	if fictitious(n) {
		return Number{E164: phonenumbers.Format(n, phonenumbers.E164), Country: country, Kind: Either}, nil
	}
	if !phonenumbers.IsValidNumber(n) {
		return fail(NotInCountry, country)
	}
	kind, ok := kinds[phonenumbers.GetNumberType(n)]
	if !ok {
		return fail(Refused, country)
	}
	return Number{E164: phonenumbers.Format(n, phonenumbers.E164), Country: country, Kind: kind}, nil
}

// meant is the country whose code a number that cannot be read begins with, or else the default.
func meant(typed, defaultCountry string) string {
	digits := phonenumbers.NormalizeDigitsOnly(typed)
	if !strings.HasPrefix(typed, "+") {
		return defaultCountry
	}
	for n := min(3, len(digits)); n > 0; n-- {
		code, err := strconv.Atoi(digits[:n])
		if country := phonenumbers.GetRegionCodeForCountryCode(code); err == nil && Country(country) {
			return country
		}
	}
	return defaultCountry
}

// kinds are the types that may take a code. Toll-free, premium rate, shared cost, pagers, voicemail and
// numbers of companies' own (UAN) are missing: the called or the caller pays for those, or nobody reads.
var kinds = map[phonenumbers.PhoneNumberType]Kind{
	phonenumbers.MOBILE:               Mobile,
	phonenumbers.FIXED_LINE:           Fixed,
	phonenumbers.FIXED_LINE_OR_MOBILE: Either,
	phonenumbers.VOIP:                 Either,
}

// fictitious tells whether a North American number is one that nobody can ever have: an exchange code begins
// with 2 to 9 (NANP), so documents and demos write 0 or 1 there, as in +1 4251234567 and +1 5550100101. Such
// a number is taken as it stands; what is sent to it reaches nobody and costs nothing. Area codes whose
// other numbers are refused stay refused.
func fictitious(n *phonenumbers.PhoneNumber) bool {
	digits := phonenumbers.GetNationalSignificantNumber(n)
	if n.GetCountryCode() != 1 || len(digits) != 10 || digits[0] < '2' || digits[3] > '1' {
		return false
	}
	if strings.HasPrefix(digits, "555") {
		return true // an area code that is not given out either
	}
	sister, err := phonenumbers.Parse("+1"+digits[:3]+"2"+digits[4:], "")
	if err != nil {
		return false
	}
	_, ok := kinds[phonenumbers.GetNumberType(sister)]
	return ok
}

// visible drops what cannot be seen and comes along with copied numbers: direction marks, zero-width spaces.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// ParseFor is Parse for a tenant that sends to the countries given alone (alpha-2); the first is the
// default for numbers without a country code. No countries is none allowed.
func ParseFor(typed string, countries []string) (Number, error) {
	home := ""
	if len(countries) > 0 {
		home = countries[0]
	}
	n, err := Parse(typed, home)
	if err != nil {
		return n, err
	}
	if !slices.Contains(countries, n.Country) {
		return Number{}, &NumberError{Reason: CountryRefused, Country: home, Example: cmp.Or(Example(home), Example("US"))}
	}
	return n, nil
}

// Example is a mobile number of the country (alpha-2) in international form, for a hint: +1 201-555-0123;
// "" for a country that is not known.
func Example(country string) string {
	if country == "" {
		return ""
	}
	n := phonenumbers.GetExampleNumberForType(country, phonenumbers.MOBILE)
	if n == nil {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// Country tells whether code is an ISO 3166-1 alpha-2 code, in capitals, of a country with numbers.
func Country(code string) bool { return phonenumbers.GetSupportedRegions()[code] }

// Mask shows of a number its country code and last two digits: "+1 •••••••01". Nothing in it turns around
// in a right-to-left sentence as long as it is isolated. What is no E.164 number is masked whole.
func Mask(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return "••••••"
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	if len(national) < 4 {
		return "••••••"
	}
	return fmt.Sprintf("+%s %s%s", strconv.Itoa(int(n.GetCountryCode())), strings.Repeat("•", len(national)-2), national[len(national)-2:])
}

// Same tells whether what was typed is the number, in any form that Parse reads; country is the default for
// what lacks a country code, "" for the number's own. The comparison takes the same time wherever two
// numbers differ.
func Same(typed, e164, country string) bool {
	if country == "" {
		if n, err := Parse(e164, ""); err == nil {
			country = n.Country
		}
	}
	n, err := Parse(typed, country)
	a, b := sha256.Sum256([]byte(n.E164)), sha256.Sum256([]byte(e164))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && err == nil
}
