package themes

import "time"

// ImportsPage is /console/imports: a file to choose, and the imports of the last week.
type ImportsPage struct {
	Parts
	Imports []ImportRow
	Export  bool // the list of people may be taken out
}

// ImportRow is one import in the list.
type ImportRow struct {
	ID, File, By string
	State        string // mapping, judging, judged, running, done, cancelled, failed
	Rows         int
	At           time.Time
}

// ImportPage is one import: its columns, its progress, what would come of it or what came.
type ImportPage struct {
	Parts
	ID, File  string
	State     string
	Edit      bool // the columns are shown, whatever the state
	Rows      int
	Percent   int
	Columns   []ImportColumn
	Invite    bool
	Missing   bool
	Ceiling   string // as typed
	Foreseen  ImportCounts
	Counts    ImportCounts
	Over      bool // the ceiling
	Reason    string
	First     []ImportLines
	Waves     string // "", going, stopped, done
	Way       ImportWay
	CanStart  bool
	Version   int64 // of the dry run that is shown
	Unwelcome bool  // invitations are not open to who looks
}

// ImportColumn is one column of the file.
type ImportColumn struct {
	Number  int
	Heading string
	Samples []string
	Field   string
}

// ImportCounts are numbers of rows, and of people who are missing.
type ImportCounts struct{ New, Changed, Same, Refused, Unread, Known, Missing, Kept, Disabled int }

// ImportLines are the first rows with one result.
type ImportLines struct {
	Result string
	Lines  []ImportLine
}

// ImportLine is one row of a file and what comes of it.
type ImportLine struct {
	Line       int // 0: not in the file
	ExternalID string
	Column     string // its heading; "" is none
	Why        Message
}

// ImportWay is how far invitations have come.
type ImportWay struct{ Written, Waiting, Sent, Failed int }

// Template names the file.
func (ImportsPage) Template() string { return "imports" }

// Template names the file.
func (ImportPage) Template() string { return "import" }
