package app

import (
	"log/slog"
	"net/netip"
	"time"

	"portico/app/accounts"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// Settings are the needs of a Server: parts that somebody else built, and bounds.
type Settings struct {
	DB       *tenants.DB
	Resolver *tenants.Resolver
	Seals    tenants.Keyring
	Accounts *accounts.Accounts
	Outbox   *letters.Outbox
	Renderer *themes.Renderer
	Log      *slog.Logger

	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	ClientIPHeader string         // in which a trusted proxy names the client, such as Fly-Client-IP; "" is none
	RequestTimeout time.Duration  // of the work behind one request; 0 is ten seconds
	Dev            *Dev           // nil outside of `portico dev`
	Ready          func() bool    // nil is always; false while draining
	Contact        string         // of security.txt: mailto: or https:
}
