package senders

import (
	"context"
	"time"

	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

const shownRows = 50

// Shown is how a tenant's sender stands, for the pages of both consoles: the status, the records that its DNS
// needs, and suppressed addresses, narrowed to one where address is not "". barred leaves those out. The time is
// that of the last row when more follow.
func (x *Senders) Shown(ctx context.Context, t *tenants.Tenant, barred bool, address string, before time.Time) (p themes.Sender, more time.Time, err error) {
	st, err := x.Of(ctx, t)
	if err != nil {
		return p, more, err
	}
	h := st.Health
	p = themes.Sender{Uses: string(st.Uses), From: st.Sender, Wanted: st.From, ReplyTo: st.ReplyTo, Level: string(h.Level), Cause: h.Cause,
		LevelSince: moment(h.Since), Sent: h.Sent, Bounced: h.Bounced, Complained: h.Complained, Address: address}
	if d := st.Domain; d != nil && st.BySES {
		p.Domain, p.State, p.Since, p.Checked, p.Trouble, p.TroubleAt = d.Name, string(d.State), d.Since, moment(d.CheckedAt), d.Trouble, moment(d.TroubleAt)
		m, _, err := x.Records(ctx, t)
		if err != nil {
			return p, more, err
		}
		p.Records = recordsOf(m)
	}
	if !barred {
		return p, more, nil
	}
	rows, err := x.Suppressed(ctx, t.ID, address, before, shownRows+1)
	if len(rows) > shownRows {
		rows = rows[:shownRows]
		more = rows[shownRows-1].Since
	}
	for _, r := range rows {
		p.Rows = append(p.Rows, themes.SenderSuppressed{Address: r.Address, Cause: string(r.Cause), Word: r.Word, Since: r.Since, Forced: r.AdminAt != nil})
	}
	return p, more, err
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// recordsOf are the records that a Mail needs, one a line.
func recordsOf(m Mail) (all []themes.SenderRecord) {
	if m.Challenge != "" {
		all = append(all, themes.SenderRecord{Use: "own", Type: "TXT", Name: ChallengeName(m.Domain), Value: m.Challenge})
	}
	for _, token := range m.Tokens {
		all = append(all, themes.SenderRecord{Use: "dkim", Type: "CNAME", Name: DKIMName(token, m.Domain), Value: DKIMValue(token)})
	}
	if m.MailFrom != "" {
		all = append(all, themes.SenderRecord{Use: "mail_from", Type: "MX", Name: m.MailFrom, Value: "10 " + m.MX},
			themes.SenderRecord{Use: "spf", Type: "TXT", Name: m.MailFrom, Value: m.SPF},
			themes.SenderRecord{Use: "dmarc", Type: "TXT", Name: "_dmarc." + m.Domain, Value: m.DMARC})
	}
	return all
}

// Tested puts what came of a test into what is shown.
func Tested(p *themes.Sender, t letters.Tried) {
	p.Tested, p.ByWhom, p.Said = t.Why, t.From, t.Said
	if t.Why == "" {
		p.Tested = "taken"
	}
}

// LetOne lets one letter go to a suppressed address, as letters.LetOne does.
func (x *Senders) LetOne(ctx context.Context, tenant tenants.ID, address string) error {
	return x.DB.In(ctx, tenant, func(s *tenants.Scope) error { return letters.LetOne(ctx, s, address) })
}
