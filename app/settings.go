package app

import (
	"log/slog"
	"net/netip"
	"time"

	"portico/app/accounts"
	"portico/app/captcha"
	"portico/app/directory"
	"portico/app/feedback"
	"portico/app/gates"
	"portico/app/letters"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/app/senders"
	"portico/app/tenantfile"
	"portico/tenants"
	"portico/tenants/domains"
	"portico/themes"
)

// Settings are the needs of a Server: parts that somebody else built, and bounds.
type Settings struct {
	DB       *tenants.DB
	Resolver *tenants.Resolver
	Seals    tenants.Keyring
	Accounts *accounts.Accounts
	Captcha  *captcha.Desk // nil is our own kinds
	Phones   *phones.Book  // nil is one of its own
	Outbox   *letters.Outbox
	Renderer *themes.Renderer
	Log      *slog.Logger

	Domains        *domains.Domains   // custom hosts; nil leaves their pages out
	Files          *tenantfile.Files  // how staff change customers; nil leaves the staff's pages out
	Senders        *senders.Senders   // nil leaves the pages of senders out
	Steps          []directory.Check  // steps to a customer's first day that other rooms answer for
	TrustedProxies []netip.Prefix     // whose X-Forwarded-For counts
	ClientIPHeader string             // in which a trusted proxy names the client, such as Fly-Client-IP; "" is none
	RequestTimeout time.Duration      // of the work behind one request; 0 is ten seconds
	Dev            *Dev               // nil outside of `portico dev`
	Feedback       *feedback.Feedback // nil when no carrier tells what became of letters
	Unseen         bool               // this instance answers /healthz and /readyz alone
	Ready          func() bool        // nil is always; false while draining
	Contact        string             // of security.txt: mailto: or https:
}

// proofs are the ways to show who one is, on what the accounts stand on.
func (s *Settings) proofs() *proofs.Proofs {
	return &proofs.Proofs{DB: s.DB, Seals: s.Seals, Peppers: s.Accounts.Peppers, Hasher: s.Accounts.Hasher, Outbox: s.Outbox}
}

// gates are the recoveries that ask for more than one mailed link.
func (s *Settings) gates() *gates.Gates {
	if s.Phones == nil {
		s.Phones = &phones.Book{Keys: s.Seals, Log: s.Log}
	}
	return &gates.Gates{DB: s.DB, Seals: s.Seals, Accounts: s.Accounts, Proofs: s.proofs(), Phones: s.Phones}
}

// secondFactor takes the codes of sign-ins.
func (s *Settings) secondFactor() *proofs.SecondFactor {
	return &proofs.SecondFactor{Proofs: s.proofs(), Accounts: s.Accounts}
}

// enrolment is how people register their proofs.
func (s *Settings) enrolment() *proofs.Enrolment {
	g := s.gates()
	return &proofs.Enrolment{Proofs: g.Proofs, Accounts: s.Accounts, Phones: g.Phones}
}
