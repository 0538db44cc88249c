package themes

import "time"

// gateSamples are the pages of a recovery through gates, in the states that differ.
func gateSamples(of SampleOf, h Help) []Sample {
	at := func(step int) Parts {
		return Parts{Help: h, Steps: Steps{Current: step, Keys: []string{"step.identify", "step.first", "step.second", "step.password"}}}
	}
	wrong := func(step int, name, key string, args map[string]any) Parts {
		p := at(step)
		p.Errors = FieldErrors{name: {Key: key, Args: args}}
		return p
	}
	text := Way{Name: "sms_mobile", Contact: "+1 ••••••••01"}
	link := Way{Name: "email_link", Contact: "a•••@e•••.com"}
	code := Way{Name: "email_code", Contact: "a•••@e•••.org"}
	office := Way{Name: "voice_office", Contact: "+44 ••••••••37"}
	totp, questions, saved := Way{Name: "totp"}, Way{Name: "security_questions"}, Way{Name: "recovery_code"}
	first := []Way{link, code, text, {Name: "voice_mobile", Contact: text.Contact}, office, questions, totp, saved}
	sent := AnswerPage{Parts: at(2), Gate: 1, Way: text, Sent: true, TTL: 10 * time.Minute, ResendAt: sampleTime.Add(time.Minute), Digits: 6, Contact: true, Action: "/recover/answer"}
	again := sent
	again.Parts, again.Gate, again.Way, again.Digits = wrong(3, "code", "error.code_wrong", map[string]any{"count": 2}), 2, code, 8
	mailed := sent
	mailed.Way, mailed.TTL = link, 15*time.Minute
	app := AnswerPage{Parts: at(3), Gate: 2, Way: totp, Digits: 6, Action: "/recover/answer"}
	kept := AnswerPage{Parts: wrong(3, "code", "error.code_empty", nil), Gate: 2, Way: saved, Digits: 6, Contact: true, Action: "/recover/answer"}
	asked := AnswerPage{Parts: at(3), Gate: 2, Way: questions, Contact: true, Action: "/recover/answer", Questions: []AskedQuestion{
		{ID: "q02", Key: "question.q02"}, {ID: "q27", Key: "question.q27"}, {ID: "own:1", Text: "What was the number of your first locker?"},
	}}
	askedAgain := asked
	askedAgain.Parts = wrong(3, "answer1", "error.answers_wrong", map[string]any{"count": 1})
	types := of.Policy.SignIn.AccountTypeChooser
	if len(types) == 0 {
		types = []string{"Students", "Staff", "Applicants and guests"}
	}
	path := func(p string) Chrome { return sampleChrome("/recover/" + p) }
	return []Sample{
		{"chooser", ChooserPage{Parts: Parts{Help: h}, Types: types, ReturnTo: "c2VhbGVk"}, path("account-type")},
		{"goal", GoalPage{Parts: at(2)}, path("goal")},
		{"goal_error", GoalPage{Parts: wrong(2, "goal", "error.choose_goal", nil)}, path("goal")},
		{"prove_first", ProvePage{Parts: at(2), Gate: 1, Required: 2, Ways: first, Contact: true, Unlock: true}, path("verify")},
		{"prove_second", ProvePage{Parts: at(3), Gate: 2, Required: 2, Ways: []Way{text, questions}, Contact: true,
			Notice: &Message{Key: "gate.too_often", Args: map[string]any{"when": sampleTime}}}, path("verify")},
		{"prove_error", ProvePage{Parts: wrong(2, "way", "error.choose_way", nil), Gate: 1, Required: 1, Ways: []Way{link, totp}, Contact: true}, path("verify")},
		{"prove_one", ProvePage{Parts: at(2), Gate: 1, Required: 1, Ways: []Way{link}, Chosen: "email_link"}, path("verify")},
		{"retype_phone", RetypePage{Parts: at(2), Gate: 1, Way: text, Contact: true}, path("verify")},
		{"retype_email", RetypePage{Parts: wrong(3, "contact", "error.contact_mismatch", nil), Gate: 2, Way: code, Email: true, Typed: "ada@example.org"}, path("verify")},
		{"answer_text", sent, path("answer")},
		{"answer_wrong", again, path("answer")},
		{"answer_link", mailed, path("answer")},
		{"answer_totp", app, path("answer")},
		{"answer_saved", kept, path("answer")},
		{"answer_questions", asked, path("answer")},
		{"answer_questions_wrong", askedAgain, path("answer")},
		{"unable", UnablePage{Parts: at(3), Contact: true}, path("verify")},
		{"blocked", BlockedPage{Parts: Parts{Help: h}, Until: sampleTime.Add(time.Hour), Contact: true}, path("verify")},
		{"flow_ended", FlowEndedPage{Parts: Parts{Help: h}}, path("verify")},
		{"gate_link", GateLinkPage{Parts: at(2)}, path("gate")},
		{"unlocked", UnlockedPage{Parts: Parts{Help: h}, Next: "/login"}, path("unlocked")},
	}
}
