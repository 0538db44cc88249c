package themes

import "time"

// RuleValue is the value of a knob of the policy, as it is shown.
type RuleValue struct {
	Kind   string        // flag, number, length, choice, several, lines, text, networks
	Text   string        // of a number or a text; the lines of a list
	Words  []string      // keys of what was chosen
	Length time.Duration // of a length
	Human  string        // of a length: "1 h 30 min"
}

// RuleMark says why a value is not conformant: the word rules.mark.<Code> and the requirement.
type RuleMark struct{ Path, Code, Source string }

// RuleRow is one knob in the list.
type RuleRow struct {
	Path    string
	Value   RuleValue
	Preset  RuleValue
	Differs bool
	Fixed   bool // one value alone is allowed here
	Later   bool // what it turns on comes in a later version
	Marks   []RuleMark
}

// RuleGroup is one section of the policy.
type RuleGroup struct {
	Name string
	Rows []RuleRow
}

// RulesPage is /console/rules.
type RulesPage struct {
	Parts
	Preset  string
	Version int64
	Show    string // "", differs, marked
	Total   int
	Differs int
	Marked  int
	Edit    bool
	Groups  []RuleGroup
}

// RuleField is one knob of a form.
type RuleField struct {
	RuleRow
	Typed   string // of a number, a length, a text; the lines of a list; "true" of a flag that is on
	Options []RuleOption
}

// RuleOption is one choice of a field.
type RuleOption struct {
	Value  string
	Word   string // key; "" shows the value itself
	Chosen bool
	Later  bool
}

// RulesEditPage is the form of one group.
type RulesEditPage struct {
	Parts
	Group  string
	Base   int64
	Preset string
	Fields []RuleField
	Loose  []Message // what is wrong and belongs to no field of this form
}

// RuleChange is a knob with its values before and after.
type RuleChange struct {
	Path          string
	Before, After RuleValue
	Weaker        bool
}

// RuleEffect is what a change would do to people; Name is the word rules.effect.<Name>.
type RuleEffect struct {
	Name   string
	Count  int
	People []RulePerson
}

// RulePerson is somebody whom a change touches.
type RulePerson struct{ ID, Name, Identifier string }

// RuleHidden is a value that a form carries on.
type RuleHidden struct{ Name, Value string }

// RulesImpactPage stands between editing and saving.
type RulesImpactPage struct {
	Parts
	Base    int64
	Changes []RuleChange
	Marks   []RuleMark // that the change brings
	Mended  []RuleMark // that it takes away
	Effects []RuleEffect
	AtLeast bool // not everybody was looked at
	Looked  int  // people
	Named   bool // who looks may see people
	Kept    []string
	Faults  []Message
	Carry   []RuleHidden
	Back    string
}

// RuleClash is a knob that somebody else changed meanwhile, or that both did.
type RuleClash struct {
	Path            string
	Base, Now, Mine RuleValue
	Both            bool
}

// RulesConflictPage says that somebody else saved since the form was opened.
type RulesConflictPage struct {
	Parts
	Base, Now int64
	By        string
	At        time.Time
	Rows      []RuleClash
	Carry     []RuleHidden
}

// RulesComparePage is /console/rules/compare: the policy beside a preset.
type RulesComparePage struct {
	Parts
	Present string // the preset that the policy starts from
	Other   string // the one that it is compared with
	Presets []string
	Rows    []RuleChange
	Base    int64
	Edit    bool
}

// RulesHistoryPage is /console/rules/history.
type RulesHistoryPage struct {
	Parts
	Now      int64
	Versions []RuleVersion
	Older    string // path of the next page; "" is none
}

// RuleVersion is one state of the policy.
type RuleVersion struct {
	Number  int64
	At      time.Time
	By      string // a name; "" is the operator or a tenant file
	Changes int
}

// RulesVersionPage is one version: what it changed, and how it differs from today.
type RulesVersionPage struct {
	Parts
	Version RuleVersion
	First   bool
	Now     int64
	Changed []RuleChange // from the one before
	Since   []RuleChange // from today's to this one
	Edit    bool
}

// Template names the file.
func (RulesPage) Template() string { return "rules" }

// Template names the file.
func (RulesEditPage) Template() string { return "rules_edit" }

// Template names the file.
func (RulesImpactPage) Template() string { return "rules_impact" }

// Template names the file.
func (RulesConflictPage) Template() string { return "rules_conflict" }

// Template names the file.
func (RulesComparePage) Template() string { return "rules_compare" }

// Template names the file.
func (RulesHistoryPage) Template() string { return "rules_history" }

// Template names the file.
func (RulesVersionPage) Template() string { return "rules_version" }
