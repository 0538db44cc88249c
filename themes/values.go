package themes

import (
	"fmt"
	"html/template"
	"strconv"
	"time"
)

// plain writes a value as text. The placeholder's name decides how much of a time is told: {time}
// is the clock, {date} the day, any other name both.
func (r *Renderer) plain(b *Brand, locale, name string, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Duration:
		return r.duration(b, locale, v)
	case time.Time:
		return r.moment(b, locale, name, v)
	case Message:
		return r.Text(b, locale, v.Key, v.Args)
	}
	return fmt.Sprint(v)
}

// markup writes a value as HTML: text escaped, a value isolated from the direction around it, a time
// as <time>, which the script shows in the person's own zone.
func (r *Renderer) markup(b *Brand, locale, name string, v any) string {
	s := template.HTMLEscapeString(r.plain(b, locale, name, v))
	if name == "" {
		return s
	}
	switch v := v.(type) {
	case time.Time:
		kind := "both"
		if name == "time" || name == "date" {
			kind = name
		}
		return fmt.Sprintf(`<time datetime="%s" data-local="%s">%s</time>`, v.UTC().Format(time.RFC3339), kind, s)
	case string:
		if name == "email" {
			s = breaks.Replace(s)
		}
		return `<bdi>` + s + `</bdi>`
	}
	return s
}

// duration tells a length in its largest whole unit: "24 hours", "15 minutes", from three days on "30 days".
func (r *Renderer) duration(b *Brand, locale string, d time.Duration) string {
	switch {
	case d >= 72*time.Hour && d%(24*time.Hour) == 0:
		return r.Text(b, locale, "time.days", map[string]any{"count": int(d / (24 * time.Hour))})
	case d >= time.Hour && d%time.Hour == 0:
		return r.Text(b, locale, "time.hours", map[string]any{"count": int(d / time.Hour)})
	case d >= time.Minute:
		return r.Text(b, locale, "time.minutes", map[string]any{"count": int(d.Round(time.Minute) / time.Minute)})
	}
	return r.Text(b, locale, "time.seconds", map[string]any{"count": int(d.Round(time.Second) / time.Second)})
}

// moment tells a point in time in UTC, with the zone named: a server cannot know the person's.
func (r *Renderer) moment(b *Brand, locale, name string, t time.Time) string {
	t = t.UTC()
	clock := t.Format("15:04") + " UTC"
	if name == "time" {
		return clock
	}
	day := r.Text(b, locale, "time.day", map[string]any{
		"day": t.Day(), "month": r.Text(b, locale, "month."+strconv.Itoa(int(t.Month())), nil), "year": t.Year(),
	})
	if name == "date" {
		return day
	}
	return r.Text(b, locale, "time.day_clock", map[string]any{"day": day, "clock": clock})
}
