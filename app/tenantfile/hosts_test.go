package tenantfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/tenants/domains"
)

func newHostBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.Claimable = domains.Zones{Platform: b.Platform, BaseDomain: b.BaseDomain}.Claimable
	return b
}

func TestHostsOfAFileKeepTheRulesOfClaims(t *testing.T) {
	t.Parallel()
	b := newHostBench(t)
	b.apply(parse(t, strings.Replace(small, "acme", "owner", 1)+"hosts:\n  - host: apple.example\n"), Options{TrustHosts: true})
	doc := small + "hosts:\n  - host: "
	b.apply(parse(t, doc+"support.alliantpower.com\n  - host: alliants.app\n"), Options{TrustHosts: true})
	for host, says := range map[string]error{
		"co.uk":                     domains.ErrPublicSuffix,
		"github.io":                 domains.ErrPublicSuffix,
		"login.acme.local":          domains.ErrNotPublic,
		"10.0.0.0x7f":               domains.ErrIPLiteral,
		"xn--80ak6aa92e.example":    domains.ErrLookAlike, // the Cyrillic apple
		"xn--pple-43d.example":      domains.ErrMixedScripts,
		"p0rtico.test":              domains.ErrLookAlike,
		"login.xn--prtico-bxa.test": domains.ErrLookAlike, // pórtico
	} {
		_, err := b.Apply(t.Context(), parse(t, doc+"support.alliantpower.com\n  - host: "+host+"\n"), Options{TrustHosts: true})
		var refused *Refused
		if !errors.As(err, &refused) || refused.Faults[0].Field != "hosts[1].host" || refused.Faults[0].Line != 8 || !strings.HasSuffix(refused.Faults[0].Problem, says.Error()) {
			t.Errorf("%s: %v", host, err)
		}
	}
	var many strings.Builder
	for n := range 21 {
		fmt.Fprintf(&many, "a%d.acme.example\n  - host: ", n)
	}
	var refused *Refused
	_, err := b.Apply(t.Context(), parse(t, doc+strings.TrimSuffix(many.String(), "\n  - host: ")+"\n"), Options{})
	if !errors.As(err, &refused) || len(refused.Faults) != 1 || refused.Faults[0].Field != "hosts[20].host" {
		t.Errorf("21 hosts: %v", err)
	}
	// What the tenant has already is not judged again.
	if _, err := b.owner.Exec(t.Context(), "UPDATE hosts SET host = 'co.uk' WHERE host = 'alliants.app'"); err != nil {
		t.Fatal(err)
	}
	b.apply(parse(t, doc+"co.uk\n"), Options{})
}

func TestTheOperatorsWordEndsWhatWasLost(t *testing.T) {
	t.Parallel()
	b := newHostBench(t)
	file := parse(t, small+"hosts:\n  - host: login.acme.example\n")
	b.apply(file, Options{})
	at := time.Now()
	if _, err := b.owner.Exec(t.Context(), "UPDATE hosts SET proved_at = $1, missing_since = $1, lost_at = $1, tries = 9", at); err != nil {
		t.Fatal(err)
	}
	b.apply(file, Options{TrustHosts: true})
	if b.count("SELECT count(*) FROM hosts WHERE verified_at IS NOT NULL AND proved_at IS NULL AND missing_since IS NULL AND lost_at IS NULL AND tries = 0") != 1 {
		t.Error("the loss of before stands beside the operator's word")
	}
	if _, err := b.owner.Exec(t.Context(), "UPDATE hosts SET proved_at = $1", at); err != nil {
		t.Fatal(err)
	}
	b.apply(parse(t, strings.Replace(small, "name: ", "name: New ", 1)+"hosts:\n  - host: login.acme.example\n"), Options{TrustHosts: true})
	if b.count("SELECT count(*) FROM hosts WHERE proved_at IS NOT NULL") != 1 {
		t.Error("a proof that stands was forgotten")
	}
}

func TestTheAddressOfBeforeSendsPeopleOn(t *testing.T) {
	t.Parallel()
	b := newHostBench(t)
	doc := small + "hosts:\n  - {host: a.acme.example}\n  - {host: b.acme.example}\n"
	moved := func(canonical, want string) {
		t.Helper()
		b.apply(parse(t, strings.Replace(doc, canonical+"}", canonical+", canonical: true}", 1)), Options{TrustHosts: true})
		var got string
		if err := b.owner.QueryRow(t.Context(), `SELECT coalesce((SELECT 'slug ' FROM tenants WHERE moved_at IS NOT NULL), '') ||
			coalesce(string_agg(host, ' ' ORDER BY host), '') FROM hosts WHERE moved_at IS NOT NULL`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("with %q canonical, %q send people on, not %q", canonical, got, want)
		}
	}
	moved("none", "")
	moved("a.acme.example", "slug")
	moved("b.acme.example", "slug a.acme.example")
	moved("a.acme.example", "slug b.acme.example")
	moved("none", "a.acme.example b.acme.example")
}
