package themes

import "time"

// AddrText is a word of a family of the pages of addresses.
func (v *view) AddrText(family, value string) string {
	return v.worded("addr."+family+"_", value)
}

// AddrBadge is the colour of a host's or a record's state.
func (v *view) AddrBadge(state string) string {
	return map[string]string{"verified": "good", "trusted": "good", "ok": "good", "pending": "info", "unknown": "info",
		"losing": "warn", "missing": "warn", "wrong": "bad", "conflict": "bad", "lost": "bad"}[state]
}

// recordsView is what the table of a checklist sees.
type recordsView struct {
	View    *view
	Records []DNSRecord
	Caption string
}

// RecordsOf makes the table of a checklist.
func (v *view) RecordsOf(records []DNSRecord, caption string) recordsView {
	return recordsView{View: v, Records: records, Caption: caption}
}

// DayPicks are for how long a link can be shared.
func (v *view) DayPicks() []Option {
	var all []Option
	for _, days := range []string{"1", "3", "7", "14"} {
		all = append(all, Option{Value: days, Text: v.worded("addr.days_", days), Chosen: days == "7"})
	}
	return all
}

// Never tells whether a moment is none.
func (v *view) Never(t time.Time) bool { return t.IsZero() }
