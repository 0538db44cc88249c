package imports

import (
	"slices"

	"portico/app/proofs"
)

// nameless is one side of a change as the audit keeps it, which outlives people: of what names somebody its
// first letter alone.
func nameless(values map[string]any) map[string]any {
	all := make(map[string]any, len(values))
	for field, value := range values {
		if slices.Contains([]Field{Name, Email, Username, UserID}, Field(field)) {
			value = hidden(Field(field), value)
		}
		all[field] = value
	}
	return all
}

func hidden(field Field, value any) any {
	switch v := value.(type) {
	case string:
		return initial(field, v)
	case []string:
		all := make([]string, len(v))
		for i, one := range v {
			all[i] = initial(field, one)
		}
		return all
	}
	return nil
}

func initial(field Field, text string) string {
	if field == Email {
		return proofs.MaskAddress(text)
	}
	for _, r := range text {
		return string(r) + "•••"
	}
	return ""
}
