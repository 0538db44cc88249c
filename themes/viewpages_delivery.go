package themes

import (
	"maps"
	"slices"
	"strings"
)

// LetterKind is which letter it is, in words.
func (v *view) LetterKind(kind string) string { return v.worded("delivery.kind.", kind) }

// StageText is where a letter stands, in words.
func (v *view) StageText(stage string) string { return v.worded("delivery.stage.", stage) }

// StageBadge is the colour of where a letter stands; its word stands in it.
func (v *view) StageBadge(stage string) string {
	return map[string]string{"sent": "good", "delivered": "good", "bounced": "bad", "complained": "bad", "failed": "bad", "skipped": "warn"}[stage]
}

// StageWhy is why a letter stands there, as a sentence.
func (v *view) StageWhy(why string) string { return v.worded("delivery.why.", why) }

// SentAs is which sender a letter left with, and so why, in words.
func (v *view) SentAs(as string) string { return v.worded("delivery.as.", as) }

// ChannelText is how a letter travels, in words.
func (v *view) ChannelText(channel string) string { return v.worded("delivery.channel.", channel) }

// LaneText is which line a letter stood in, in words.
func (v *view) LaneText(lane string) string { return v.worded("delivery.lane.", lane) }

// LetterKinds are all letters to choose from, by their words.
func (v *view) LetterKinds() []Option {
	chosen := v.P.(DeliveryPage).Filter.Kind
	options := []Option{{Text: v.r.Text(v.B, v.Locale, "delivery.any_kind", nil), Chosen: chosen == ""}}
	for _, key := range slices.Sorted(maps.Keys(v.r.words.placeholders)) {
		if kind, ok := strings.CutPrefix(key, "delivery.kind."); ok {
			options = append(options, Option{Value: kind, Text: v.LetterKind(kind), Chosen: kind == chosen})
		}
	}
	slices.SortStableFunc(options[1:], func(a, b Option) int { return strings.Compare(a.Text, b.Text) })
	return options
}
