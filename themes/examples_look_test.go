package themes

import "time"

// lookExamples are the pages about look and words, in the states that differ.
func lookExamples() []example {
	draft := DraftState{Exists: true, By: "Tariq Mensah", At: noon, Stamp: "018f0000-0000-7000-8000-000000000001", Base: 3, Newest: 3, CanEdit: true, CanPublish: true, Path: "/console/look"}
	stale, none, words := draft, DraftState{Base: 3, Newest: 3, Path: "/console/look"}, draft
	stale.Newest, words.Path = 4, "/console/words"
	theme := DefaultTheme()
	faulty := theme
	faulty.Logo.Image = "5f0c2d0c8c2c3f6f6a4f0d9f7b1a2e3d4c5b6a798897a6b5c4d3e2f1a0b9c8d7"
	changes := []ChangeRow{NameChange("colors.accent", "#1f5fbf", "#aa2255"), NameChange("colors.dark.bar", "", "#101010"), NameChange("type.title", "system", "serif")}
	text := Text{Key: "mail.recovery.subject", Forms: []string{"Reset your password"}, Own: "Your <b>new</b> password", Has: true, Values: []string{"brand", "name"}}
	plural := Text{Key: "rule.min", Forms: []string{"At least {count} character", "At least {count} characters"}, Values: []string{"count"}}
	show := exampleChoice("/console/look/preview", "recover_error")
	mail := exampleChoice("/console/look/preview", "code_signin")
	mail.Stories, mail.Width, mail.Scheme = nil, "phone", "dark"
	var codes []LetterSample
	for _, s := range LetterSamples() {
		if s.Letter.Template() == "code" {
			codes = append(codes, s)
		}
	}
	mail.Letters = codes
	link := PreviewLink{ID: "018f0000-0000-7000-8000-000000000002", By: "Tariq Mensah", Made: noon, Ends: noon.Add(7 * 24 * time.Hour)}
	full := Parts{Errors: FieldErrors{"form": {Key: "preview.many", Args: map[string]any{"most": 20}}}}
	return []example{
		{"look", LookPage{Draft: none, Theme: theme, Contrasts: theme.Contrasts()}, inConsole("/console/look")},
		{"look_draft", LookPage{Draft: stale, Theme: faulty, Typed: map[string]string{"accent": "red"}, Changes: changes,
			Parts: Parts{Errors: FieldErrors{"accent": {Key: "look.bad_color"}, "logo_image": {Key: "look.pic_kind"}}}}, inConsole("/console/look")},
		{"look_conflict", LookConflictPage{Draft: draft, Rows: changes, Fields: []Hidden{{"accent", "#aa2255"}, {"stamp", "x"}}, Action: "/console/look", Back: "/console/look"}, inConsole("/console/look")},
		{"look_conflict_same", LookConflictPage{Draft: words, Action: "/console/words/text", Back: "/console/words"}, inConsole("/console/words/text")},
		{"look_history", LookHistoryPage{Draft: draft, Subject: "theme", Versions: []VersionRow{{Number: 3, At: noon, By: "Tariq Mensah", Current: true, Changes: changes}, {Number: 2, At: noon}}}, inConsole("/console/look/history")},
		{"look_history_none", LookHistoryPage{Draft: words, Subject: "words"}, inConsole("/console/words/history")},
		{"words", WordsPage{Draft: words, Locale: "ar", Query: "password", Texts: []Text{text, plural}, More: 12, Changes: []ChangeRow{{Name: "en.mail.recovery.subject", After: text.Own}}}, inConsole("/console/words")},
		{"words_none", WordsPage{Draft: none, Locale: "en", Query: "zz"}, inConsole("/console/words")},
		{"words_text", TextPage{Draft: words, Locale: "en", Text: text, Typed: "two\nlines {nobody}", CanEdit: true, Action: "/console/words/letter",
			Parts: Parts{Errors: FieldErrors{"text": {Key: "words.bad", Args: map[string]any{"reason": "a subject is one line"}}}}}, inConsole("/console/words/text")},
		{"words_text_read", TextPage{Draft: none, Locale: "en", Text: plural}, inConsole("/console/words/text")},
		{"preview", PreviewPage{Draft: true, Show: show}, inConsole("/console/look/preview")},
		{"preview_links", PreviewLinksPage{Links: []PreviewLink{link}, Most: 20, CanEdit: true, Made: "http://alliants.localhost:8080/preview/c2VjcmV0", Until: link.Ends}, inConsole("/console/look/links")},
		{"preview_links_full", PreviewLinksPage{Links: []PreviewLink{link, {ID: "2", Made: noon, Ends: noon}}, Most: 20, CanEdit: true, Parts: full}, inConsole("/console/look/links")},
		{"preview_links_none", PreviewLinksPage{Most: 20}, inConsole("/console/look/links")},
		{"words_letters", WordLettersPage{Locale: "de", Letters: []WordLetterRow{{Kind: "recovery", Subject: "Neues Passwort", Own: 2}, {Kind: "code", Subject: "<b>Code</b>"}}}, inConsole("/console/words/letters")},
		{"words_letter", WordLetterPage{Kind: "code", Texts: []Text{text, plural}, Shared: []Text{plural}, Show: mail, CanTest: true, Draft: words,
			Parts: Parts{Errors: FieldErrors{"form": {Key: "preview.test_limited", Args: map[string]any{"when": noon}}}}}, inConsole("/console/words/letters/code")},
	}
}

// exampleChoice is a preview's choice of one sample, with a few to choose from.
func exampleChoice(path, name string) Preview {
	return Preview{Path: path, Name: name, Locale: "en", Scheme: "light", Width: "desktop", Part: "html",
		Stories: SampleStories(sampleOf("alliants"))[:2], Letters: LetterSamples()[:2]}
}

// sharedExamples are what people without the console see of a draft.
func sharedExamples() []example {
	return []example{
		{"shared", SharedPage{Show: exampleChoice("/preview/c2VjcmV0", "signin"), Until: noon}, chrome("/preview/c2VjcmV0")},
		{"shared_ended", SharedEndedPage{}, chrome("/preview/c2VjcmV0")},
	}
}
