package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/insight"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

func gone(err error) error {
	if errors.Is(err, tenants.ErrNotFound) {
		return visit.ErrNotFound
	}
	return err
}

func shown(r audit.Row, names insight.Names) themes.AuditRow {
	row := themes.AuditRow{ID: r.ID.String(), At: r.At, Kind: string(r.Kind), Outcome: string(r.Outcome), Reason: r.Reason, By: themes.AuditWho{Kind: r.Actor}}
	if id, ok := audit.ActorID(r.Actor); ok {
		row.By = who(id, names)
	}
	if id, ok := audit.KeyID(r.Actor); ok {
		row.By = themes.AuditWho{Kind: "key", ID: id.String(), Name: cmp.Or(names[id], id.String()[28:])}
	}
	if r.AccountID != nil {
		row.About = who(*r.AccountID, names)
	}
	return row
}

// who names somebody; whoever is gone is an erased person, told from others by the first digits of their id.
func who(id uuid.UUID, names insight.Names) themes.AuditWho {
	if name, ok := names[id]; ok {
		return themes.AuditWho{Kind: "account", ID: id.String(), Name: name}
	}
	return themes.AuditWho{Kind: "gone", ID: id.String(), Name: id.String()[28:]}
}

// told turns the details of an event into what changed and what else is known. Whatever they hold is shown:
// a form that is not known here as it stands.
func told(details json.RawMessage, names insight.Names) (changes []themes.AuditChange, facts []themes.AuditFact) {
	var all map[string]any
	decoder := json.NewDecoder(bytes.NewReader(details))
	decoder.UseNumber()
	if len(details) == 0 || decoder.Decode(&all) != nil {
		return nil, nil
	}
	if _, ok := all["before"]; ok || all["after"] != nil {
		changes = compared(all["before"], all["after"], names)
		delete(all, "before")
		delete(all, "after")
	}
	if list, ok := all["changes"].([]any); ok {
		for _, one := range list {
			if c, ok := one.(map[string]any); ok {
				weaker, _ := c["weaker"].(bool)
				changes = append(changes, themes.AuditChange{Field: text(c["field"]), Weaker: weaker,
					Old: value(either(c, "before", "old"), names), New: value(either(c, "after", "value"), names)})
			}
		}
		delete(all, "changes")
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if v := value(all[key], names); !v.Empty() {
			facts = append(facts, themes.AuditFact{Key: key, Value: v})
		}
	}
	return changes, facts
}

// either is the value of the first key that is there: tenant files write old and value, the console before
// and after.
func either(c map[string]any, keys ...string) any {
	for _, key := range keys {
		if v, ok := c[key]; ok {
			return v
		}
	}
	return nil
}

// compared sets two states side by side, field by field where they have some.
func compared(before, after any, names insight.Names) []themes.AuditChange {
	old, wasMap := before.(map[string]any)
	now, isMap := after.(map[string]any)
	if !(wasMap || before == nil) || !(isMap || after == nil) || !wasMap && !isMap {
		return []themes.AuditChange{{Old: value(before, names), New: value(after, names)}}
	}
	keys := slices.Collect(maps.Keys(old))
	for k := range now {
		if _, both := old[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var changes []themes.AuditChange
	for _, k := range keys {
		changes = append(changes, themes.AuditChange{Field: k, Old: value(old[k], names), New: value(now[k], names)})
	}
	return changes
}

// value is one value for a page: somebody by name, a moment, or text.
func value(v any, names insight.Names) themes.AuditValue {
	t := text(v)
	if id, ok := audit.ActorID(t); ok {
		w := who(id, names)
		return themes.AuditValue{Who: &w}
	}
	if id, err := uuid.Parse(t); err == nil && len(t) == 36 {
		if _, known := names[id]; known {
			w := who(id, names)
			return themes.AuditValue{Who: &w}
		}
	}
	if at, err := time.Parse(time.RFC3339Nano, t); err == nil {
		return themes.AuditValue{At: at}
	}
	return themes.AuditValue{Text: t}
}

const longest = 2_000 // characters of a value on a page; files have it whole

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return cut(v)
	case json.Number:
		return v.String()
	}
	if list, ok := v.([]any); ok && len(list) == 1 {
		return text(list[0])
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return cut(string(b))
}

func cut(s string) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
