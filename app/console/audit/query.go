package audit

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/insight"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// asked is the list's filter as somebody typed or chose it.
type asked struct {
	themes.AuditFilter

	filter audit.Filter
	keys   insight.Keys
	errs   themes.FieldErrors
}

var aKind = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)

// fields are the names of the filter in a query and in the form of the export.
var fields = []string{"person", "side", "kind", "outcome", "from", "to"}

// read takes a filter from what get answers for a field's name. What makes no sense is a fault at its field
// where it was typed, and ErrNotFound where it was chosen: no page offers that.
func read(get func(string) string) (asked, error) {
	a := asked{errs: themes.FieldErrors{}, AuditFilter: themes.AuditFilter{Person: strings.TrimSpace(get("person")), Side: get("side"),
		Kind: get("kind"), Outcome: get("outcome"), From: get("from"), To: get("to")}}
	if a.Kind != "" {
		if len(a.Kind) > 60 || !aKind.MatchString(a.Kind) {
			return a, visit.ErrNotFound
		}
		a.filter.Kinds = []audit.Kind{audit.Kind(a.Kind)}
	}
	outcomes := []string{"", string(audit.Success), string(audit.Failure), string(audit.Denied)}
	if !slices.Contains(outcomes, a.Outcome) || !slices.Contains([]string{"", "about", "by"}, a.Side) || len(a.Person) > 300 {
		return a, visit.ErrNotFound
	}
	a.filter.Outcome = audit.Outcome(a.Outcome)
	a.filter.Since = a.day("from", a.From)
	if a.filter.Until = a.day("to", a.To); !a.filter.Until.IsZero() {
		a.filter.Until = a.filter.Until.AddDate(0, 0, 1) // the day that was named is meant as well
	}
	a.keys = keysOf(a.Person)
	return a, nil
}

func (a *asked) day(field, text string) time.Time {
	day, ok := visit.Day(text)
	if !ok {
		a.errs[field] = themes.Message{Key: "audit.bad_day"}
	}
	return day
}

// keysOf says what a typed text may mean.
func keysOf(typed string) insight.Keys {
	if id, err := uuid.Parse(typed); err == nil && len(typed) == 36 {
		return insight.Keys{ID: &id}
	}
	return insight.Keys{Norm: accounts.KeysOf(typed)}
}

// narrow finds the person in the scope's tenant and bounds the filter to a reach. Who may not look
// everywhere is not told whether somebody is there: nobody and somebody out of reach are the same empty list.
func (a *asked) narrow(v *visit.Visit, s *tenants.Scope, reach rbac.Reach) error {
	if !reach.Everywhere {
		a.filter.Groups = &reach.Groups
	}
	if a.Person == "" {
		return nil
	}
	id, err := insight.Person(v.Context(), s, a.keys)
	switch {
	case errors.Is(err, insight.ErrNobody):
		if reach.Everywhere {
			a.errs["person"] = themes.Message{Key: "audit.nobody"}
		}
	case err != nil:
		return err
	}
	if a.Side == "by" {
		a.filter.By = &id
	} else {
		a.filter.Account = &id
	}
	return nil
}

// query is the filter as it stands in an address, with a cursor; "" is none.
func (a *asked) query(cursor, id string) string {
	q := url.Values{}
	for i, value := range []string{a.Person, a.Side, a.Kind, a.Outcome, a.From, a.To} {
		if value != "" {
			q.Set(fields[i], value)
		}
	}
	if cursor != "" {
		q.Set(cursor, id)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// cursors reads where in the list a page begins.
func (a *asked) cursors(get func(string) string) error {
	var err error
	a.filter.Before, a.filter.After, err = visit.Cursors(get)
	return err
}

// earlier is the earlier of two moments; a zero one does not count.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
