package themes

import "time"

// PreviewPage is /console/look/preview: every page and letter of a look, one of them in a frame.
type PreviewPage struct {
	Parts
	Draft bool // some of what is shown is not published
	Show  Preview
	Made  time.Time // of a link: the look is as it was then
}

// Preview is the choice of what is looked at, and everything there is to choose from.
type Preview struct {
	Path    string // below the base: of the page with the choice; its frame is Path + "/page"
	Stories []SampleStory
	Letters []LetterSample

	Name   string // of a Sample or a LetterSample
	Locale string
	Scheme string // light, dark
	Width  string // phone, desktop
	Part   string // of a letter: html, text, and of codes sms, voice
}

// PreviewLinksPage is /console/look/links: the links that show a draft to people without the console.
type PreviewLinksPage struct {
	Parts
	Links   []PreviewLink
	Most    int
	CanEdit bool
	Made    string    // the address of the link just made, which is shown this once
	Until   time.Time // of that link
}

// PreviewLink is one link that works.
type PreviewLink struct {
	ID   string
	By   string // a name; "" is the operator
	Made time.Time
	Ends time.Time
}

// SharedPage is what such a link shows: the choice and the frame, outside of the console.
type SharedPage struct {
	Parts
	Show  Preview
	Until time.Time
}

// SharedEndedPage answers a link that ended or never was, both alike.
type SharedEndedPage struct{ Parts }

// WordLettersPage is /console/words/letters: the letters with their subjects in one language.
type WordLettersPage struct {
	Parts
	Locale  string
	Letters []WordLetterRow
}

// WordLetterRow is one kind of letter.
type WordLetterRow struct {
	Kind    string
	Subject string
	Own     int // how many of its texts are the tenant's own in this language
}

// WordLetterPage is one kind of letter in one language: its texts, what they may use, how it looks.
type WordLetterPage struct {
	Parts
	Kind    string
	Texts   []Text
	Shared  []Text // those that stand in every letter
	Show    Preview
	CanTest bool
	Draft   DraftState
}

// Template names the file.
func (PreviewPage) Template() string { return "preview" }

// Template names the file.
func (PreviewLinksPage) Template() string { return "preview_links" }

// Template names the file.
func (SharedPage) Template() string { return "shared" }

// Template names the file.
func (SharedEndedPage) Template() string { return "shared_ended" }

// Template names the file.
func (WordLettersPage) Template() string { return "words_letters" }

// Template names the file.
func (WordLetterPage) Template() string { return "words_letter" }
