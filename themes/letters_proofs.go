package themes

import (
	"html/template"
	"time"
)

// ProofsNotice tells the owner that a way to get back in was added, replaced or removed.
type ProofsNotice struct {
	Name    string
	Change  string // added, replaced, removed
	Kind    string // auth_phone, office_phone, auth_email, security_questions, totp, recovery_code
	Contact string // masked; "" where there is none
	At      time.Time
	From    string // client address; "" when an operator did it
}

// Template names the letter.
func (ProofsNotice) Template() string { return "proofs_notice" }

// ProofsChange says what became of which way to get back in; as HTML for the one part, plain for the other.
func (v letterView) ProofsChange() template.HTML {
	return v.Msg(v.proofsChange())
}

// ProofsChangeText is ProofsChange for the text part.
func (v letterView) ProofsChangeText() string {
	m := v.proofsChange()
	return v.r.Text(v.B, v.Locale, m.Key, m.Args)
}

func (v letterView) proofsChange() Message {
	n := v.L.(ProofsNotice)
	what := v.kindText(n.Kind)
	if n.Contact != "" {
		what = v.r.Text(v.B, v.Locale, "proof.with_contact", map[string]any{"proof": what, "contact": n.Contact})
	}
	key := map[string]string{"added": "mail.proofs_notice.added", "replaced": "mail.proofs_notice.replaced", "removed": "mail.proofs_notice.removed"}[n.Change]
	return Message{Key: key, Args: map[string]any{"proof": what, "when": n.At}}
}
