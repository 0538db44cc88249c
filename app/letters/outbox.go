package letters

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"portico/tenants"
	"portico/themes"
)

// Settings are what an Outbox needs. Every field without a default must be set.
type Settings struct {
	DB       *tenants.DB // for the workers and the upkeep; its pool is best not the requests' own, and may commit relaxed
	Resolver *tenants.Resolver
	Keys     tenants.Keyring
	Renderer *themes.Renderer
	Log      *slog.Logger

	Platform  Identity      // sends what no tenant sends, and for tenants without an address of their own
	Transport Transport     // the platform's: SES, SMTP, or the dev inbox
	SES       Transport     // for tenants whose sender says "ses"; nil sends those by Transport
	Phones    PhoneSettings // texts and calls of tenants without an account of their own
	Proven    bool          // what leaves by SES carries a tenant's own address only once its domain is verified (table sender_domains)
	OwnRelays bool          // tenants' own SMTP relays are used; false (dev) sends those by Transport too

	// RelaysAt tells at which addresses a tenant's own relay may stand; nil is anywhere.
	RelaysAt func(netip.Addr) bool

	Work    bool         // false: this instance writes letters, others send them
	Portal  bool         // it shows pages, though others send: what no carrier would take is not offered there either
	Workers map[Lane]int // letters in the air at once; missing lanes get 8, 4 and 2
	Poll    time.Duration
	Lease   time.Duration // after which a letter of a dead worker goes to another one; 0 is 45 s
}

// Outbox writes letters and, where Settings.Work says so, sends them.
type Outbox struct {
	Settings
	turns  *turns
	counts *Counts
	brands *brands
	relays *relays // and carriers of texts and calls, which fail apart
	texts  *relays
	calls  *relays
	client *river.Client[pgx.Tx] // nil on an instance that only writes

	stop context.CancelFunc
	done sync.WaitGroup
}

const (
	handOver   = 20 * time.Second // for one hand-over to a transport
	letterLife = 24 * time.Hour   // then a letter that could not leave is dead
)

// New checks the settings and makes an Outbox; nothing runs before Start.
func New(s Settings) (*Outbox, error) {
	if s.DB == nil || s.Resolver == nil || s.Renderer == nil || s.Log == nil {
		return nil, errors.New("letters: DB, Resolver, Renderer and Log are needed")
	}
	if s.Lease == 0 {
		s.Lease = 45 * time.Second
	}
	if s.Poll == 0 {
		s.Poll = 100 * time.Millisecond
	}
	workers := map[Lane]int{Urgent: 8, Notice: 4, Bulk: 2}
	for l, n := range s.Workers {
		workers[l] = n
	}
	s.Workers = workers
	o := &Outbox{
		Settings: s, turns: newTurns(), counts: &Counts{},
		brands: newBrands(s.Resolver.PlatformOrigin()), relays: newRelays(), texts: newRelays(), calls: newRelays(),
	}
	if !s.Work {
		return o, nil
	}
	if s.Transport == nil {
		return nil, errors.New("letters: an instance that sends needs a transport")
	}
	if _, ok := CleanAddress(s.Platform.From); !ok {
		return nil, errors.New("letters: the platform's sender is not one plain address")
	}
	client, err := o.newClient()
	if err != nil {
		return nil, err
	}
	o.client = client
	return o, nil
}

// Counts are this instance's totals, for metrics.
func (o *Outbox) Counts() *Counts { return o.counts }
