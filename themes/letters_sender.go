package themes

// SenderNotice tells administrators what became of their tenant's sender.
type SenderNotice struct {
	What   string // verified, failed, lost, unproven: of the domain; warned, paused, stopped: of the mail as a whole
	Domain string
	From   string
	Cause  string // bounces, complaints
	Link   string // a path below the base

	Sent, Bounced, Complained int // of the last seven days
}

// Template names the letter.
func (SenderNotice) Template() string { return "sender_notice" }

// SenderKey is the sentence of what happened.
func (v letterView) SenderKey() string {
	n, _ := v.L.(SenderNotice)
	if n.Cause != "" && (n.What == "warned" || n.What == "paused") {
		return "mail.sender_notice." + n.What + "_" + n.Cause
	}
	return "mail.sender_notice." + n.What
}
