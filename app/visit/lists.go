package visit

import (
	"time"

	"github.com/google/uuid"
)

// Day reads a day as forms send it, 2006-01-02, in UTC; false for what is none of this or the next century.
// "" is the zero time.
func Day(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 2000 || day.Year() > 2200 {
		return time.Time{}, false
	}
	return day, true
}

// Cursors reads where in a list that is ordered by ids a page begins: before or after a row, or with neither at
// its start. ErrNotFound for what no page links to.
func Cursors(get func(name string) string) (before, after uuid.UUID, err error) {
	for name, into := range map[string]*uuid.UUID{"before": &before, "after": &after} {
		text := get(name)
		if text == "" {
			continue
		}
		if *into, err = uuid.Parse(text); err != nil || len(text) != 36 {
			return before, after, ErrNotFound
		}
	}
	if before != (uuid.UUID{}) && after != (uuid.UUID{}) {
		return before, after, ErrNotFound
	}
	return before, after, nil
}

// Around cuts the row that only told of another page from rows that were read with the cursors of Cursors, most
// and one more of them. link makes the address of a page from a cursor and a row; an address is "" where there
// is no page.
func Around[T any](rows []T, most int, before, after uuid.UUID, link func(cursor string, row T) string) (page []T, back, on string) {
	more := len(rows) > most
	backwards := after != (uuid.UUID{})
	if more && backwards {
		rows = rows[1:]
	} else if more {
		rows = rows[:most]
	}
	if len(rows) == 0 {
		return rows, "", ""
	}
	if backwards && more || before != (uuid.UUID{}) {
		back = link("after", rows[0])
	}
	if backwards || more {
		on = link("before", rows[len(rows)-1])
	}
	return rows, back, on
}
