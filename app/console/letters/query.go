package letters

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"portico/app/letters"
	"portico/app/visit"
	"portico/themes"
)

// asked is the list's filter as somebody typed or chose it.
type asked struct {
	themes.DeliveryFilter

	filter letters.DeliveryFilter
	errs   themes.FieldErrors
}

var aKind = regexp.MustCompile(`^[a-z_]{1,40}$`)

// read takes the filter from an address. What was typed wrongly is a fault at its field; what no page offers
// is ErrNotFound.
func read(v *visit.Visit) (asked, error) {
	get := func(name string) string { return v.C.Query(name) }
	a := asked{errs: themes.FieldErrors{}, DeliveryFilter: themes.DeliveryFilter{To: strings.TrimSpace(get("to")), Kind: get("kind"), Stage: get("stage"),
		From: get("from"), Until: get("until")}}
	switch {
	case a.Kind != "" && !aKind.MatchString(a.Kind), a.Stage != "" && !slices.Contains(letters.Stages(), a.Stage), len(a.To) > 300:
		return a, visit.ErrNotFound
	}
	a.filter.Kind, a.filter.Stage = a.Kind, a.Stage
	a.filter.Since = a.day("from", a.From)
	if a.filter.Until = a.day("until", a.Until); !a.filter.Until.IsZero() {
		a.filter.Until = a.filter.Until.AddDate(0, 0, 1)
	}
	var err error
	a.filter.Before, a.filter.After, err = visit.Cursors(get)
	return a, err
}

func (a *asked) day(field, text string) time.Time {
	day, ok := visit.Day(text)
	if !ok {
		a.errs[field] = themes.Message{Key: "audit.bad_day"}
	}
	return day
}

// query is the filter as it stands in an address, with a cursor; "" is none.
func (a *asked) query(cursor, id string) string {
	q := url.Values{}
	for name, value := range map[string]string{"to": a.To, "kind": a.Kind, "stage": a.Stage, "from": a.From, "until": a.Until, cursor: id} {
		if name != "" && value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
