package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/tenants"
)

// Kind says what a knob's value is, and with it how it is written and shown.
type Kind string

// The kinds of knobs.
const (
	Flag     Kind = "flag"     // true, false
	Number   Kind = "number"   // a whole number
	Length   Kind = "length"   // a length of time: "24h" in files, "24 h" as people write it
	Choice   Kind = "choice"   // one of Choices
	Several  Kind = "several"  // any of Choices, in an order that counts
	Lines    Kind = "lines"    // texts, one a line
	Text     Kind = "text"     // one line
	Networks Kind = "networks" // one a line: range, factor, note
)

// Knob is one field of the policy. Its words are rules.knob.<Path> and rules.why.<Path>.
type Knob struct {
	Path    string // dotted, as tenant files write it: "link.ttl"
	Group   string // the section of the file: "link"
	Kind    Kind
	Choices []string
	Low     int // of a Number; both ends belong to it
	High    int
	Least   time.Duration // of a Length
	Most    time.Duration
	Fixed   bool // one value alone is allowed: shown with the reason, rules.fixed.<Path>

	family string // of the words of its choices
	safer  int    // 1: more is safer, -1: less is safer, 0: neither
	off    bool   // 0 means without a bound
	shown  func(*tenants.Policy) string
	read   func(*tenants.Policy, string) *Fault
}

// Fault is what is wrong with one knob's value. Code is a word, rules.fault.<Code>; Args are its values.
type Fault struct {
	Path string
	Code string // number, range, length, length_range, choice, twice, network, long, flag, fixed, rule, cannot.…, later, unknown
	Args map[string]any
}

// Print writes a knob's value as tenant files do; lists have one item a line.
func (k Knob) Print(p tenants.Policy) string { return k.shown(&p) }

// Read sets a knob from what Print writes or a person typed; nil when it was understood.
func (k Knob) Read(p *tenants.Policy, text string) *Fault {
	if f := k.read(p, text); f != nil {
		f.Path = k.Path
		return f
	}
	return nil
}

// Word is the key of the word for one of its choices.
func (k Knob) Word(choice string) string {
	if choice == "" {
		choice = "same"
	}
	if k.family != "" {
		choice = k.family + "_" + choice
	}
	return "rules.is." + choice
}

// Items are the lines of a printed list.
func Items(printed string) []string {
	if printed == "" {
		return nil
	}
	return strings.Split(printed, "\n")
}

func fault(code string, args ...any) *Fault {
	f := &Fault{Code: code, Args: map[string]any{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i].(string)] = args[i+1]
	}
	return f
}

type at[T any] func(*tenants.Policy) *T

func newKnob(path string, kind Kind, show func(*tenants.Policy) string, read func(*tenants.Policy, string) *Fault) Knob {
	group, _, _ := strings.Cut(path, ".")
	return Knob{Path: path, Group: group, Kind: kind, shown: show, read: read}
}

func flag(path string, v at[bool]) Knob {
	return newKnob(path, Flag, func(p *tenants.Policy) string { return strconv.FormatBool(*v(p)) },
		func(p *tenants.Policy, text string) *Fault {
			if text != "true" && text != "false" {
				return fault("flag")
			}
			*v(p) = text == "true"
			return nil
		})
}

func number(path string, low, high int, v at[int]) Knob {
	k := newKnob(path, Number, func(p *tenants.Policy) string { return strconv.Itoa(*v(p)) },
		func(p *tenants.Policy, text string) *Fault {
			n, err := strconv.Atoi(strings.TrimSpace(latinDigits(text)))
			if err != nil {
				return fault("number")
			}
			if n < low || n > high {
				return fault("range", "low", low, "high", high)
			}
			*v(p) = n
			return nil
		})
	k.Low, k.High = low, high
	return k
}

func length(path string, least, most time.Duration, v at[tenants.Duration]) Knob {
	k := newKnob(path, Length, func(p *tenants.Policy) string { return v(p).String() },
		func(p *tenants.Policy, text string) *Fault {
			d, ok := ParseLength(text)
			if !ok {
				return fault("length")
			}
			if d < least || d > most {
				return fault("length_range", "low", HumanLength(least), "high", HumanLength(most))
			}
			*v(p) = tenants.Duration(d)
			return nil
		})
	k.Least, k.Most = least, most
	return k
}

func choice(path string, v at[string], choices ...string) Knob {
	k := newKnob(path, Choice, func(p *tenants.Policy) string { return *v(p) },
		func(p *tenants.Policy, text string) *Fault {
			if !slices.Contains(choices, text) && text != *v(p) {
				return fault("choice")
			}
			*v(p) = text
			return nil
		})
	k.Choices = choices
	return k
}

func several(path string, v at[[]string], choices ...string) Knob {
	k := newKnob(path, Several, func(p *tenants.Policy) string { return strings.Join(*v(p), "\n") },
		func(p *tenants.Policy, text string) *Fault {
			list := []string{}
			for _, item := range split(text) {
				if !slices.Contains(choices, item) {
					return fault("choice")
				}
				if slices.Contains(list, item) {
					return fault("twice", "item", item)
				}
				list = append(list, item)
			}
			*v(p) = list
			return nil
		})
	k.Choices = choices
	return k
}

func lines(path string, v at[[]string]) Knob {
	return newKnob(path, Lines, func(p *tenants.Policy) string { return strings.Join(*v(p), "\n") },
		func(p *tenants.Policy, text string) *Fault {
			*v(p) = split(text)
			return nil
		})
}

// split takes the lines of a field apart: trimmed, without empty ones.
func split(text string) []string {
	list := []string{}
	for item := range strings.SplitSeq(text, "\n") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

func text(path string, v at[string]) Knob {
	return newKnob(path, Text, func(p *tenants.Policy) string { return *v(p) },
		func(p *tenants.Policy, typed string) *Fault {
			*v(p) = strings.TrimSpace(typed)
			return nil
		})
}

// networks writes one a line: the range, the factor, and what it is.
func networks(path string, v at[[]tenants.Network]) Knob {
	return newKnob(path, Networks, func(p *tenants.Policy) string {
		var list []string
		for _, n := range *v(p) {
			list = append(list, strings.TrimSpace(n.CIDR+" "+strconv.Itoa(n.Factor)+" "+n.Note))
		}
		return strings.Join(list, "\n")
	}, func(p *tenants.Policy, text string) *Fault {
		list := []tenants.Network{}
		for _, line := range split(text) {
			cidr, rest, _ := strings.Cut(line, " ")
			factor, note, _ := strings.Cut(strings.TrimSpace(rest), " ")
			n, err := strconv.Atoi(factor)
			if err != nil {
				return fault("network", "line", line)
			}
			list = append(list, tenants.Network{CIDR: cidr, Factor: n, Note: strings.TrimSpace(note)})
		}
		*v(p) = list
		return nil
	})
}

// more and less say which way is safer; fixed that only one value stands; words name the choices' family.
func (k Knob) more() Knob               { k.safer = 1; return k }
func (k Knob) less() Knob               { k.safer = -1; return k }
func (k Knob) fixed() Knob              { k.Fixed = true; return k }
func (k Knob) words(family string) Knob { k.family = family; return k }

// lessOrOff is less where 0 takes the bound away.
func (k Knob) lessOrOff() Knob { k.safer, k.off = -1, true; return k }
