package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/tenants/domains/domainstest"
)

func TestADomainIsClaimedProvedAndReleasedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	p, server := newProduction(t), domainstest.Start(t)
	p.env = append(p.env, "PORTICO_DNS="+server.Addr, "PORTICO_HOST_TARGET=edge.portico.test")
	server.Set(t, "edge.portico.test. 60 IN A 192.0.2.10")
	try := func(args string, code int, wants ...string) said {
		t.Helper()
		got := runs(t, p.env, strings.Fields(args)...)
		for _, want := range wants {
			if !strings.Contains(got.out+got.err, want) {
				t.Errorf("portico %s does not say %q:\n%s%s", args, want, got.out, got.err)
			}
		}
		if got.code != code {
			t.Fatalf("portico %s: exit %d, want %d\n%s%s", args, got.code, code, got.out, got.err)
		}
		return got
	}
	try("tenant apply -f "+tenantOf(t, 1), 0)
	try("domain status", 0)
	try("domain status harbour --json", 0, "[]")
	try("domain status nobody", 1, "no tenant")
	try("domain claim harbour co.uk", 1, "handed out to everybody")
	try("domain claim harbour x.portico.test", 1, "platform's own")
	claimed := try("domain claim harbour Login.Harbour.Example", 0, "login.harbour.example  pending", "_portico-verify.login.harbour.example")
	try("domain status harbour", 1, "not everything stands")
	try("domain check harbour login.harbour.example", 1, "missing  proof", "missing  address", "not everything stands")
	proof := regexp.MustCompile(`portico-verify=[0-9a-f]{64}`).FindString(claimed.out)
	server.Set(t, `_portico-verify.login.harbour.example. 60 IN TXT "`+proof+`"`, "login.harbour.example. 60 IN CNAME edge.portico.test.")

	r := p.serve(t)
	at := func() int { return apptest.NewBrowser(t, p.addr).Get("http://login.harbour.example/login").Status }
	if got := at(); got != 421 {
		t.Errorf("an unproved host answers %d", got)
	}
	try("domain check harbour login.harbour.example", 0, "verified", "ok       address")
	until(t, 20*time.Second, "the instance serves it:\n"+r.said(), func() bool { return at() == 200 })
	try("domain status", 0, "login.harbour.example  verified")
	var list []listedHost
	if err := json.Unmarshal([]byte(try("domain status harbour --json", 0).out), &list); err != nil || len(list) != 1 || list[0].State != "verified" || len(list[0].Records) != 3 {
		t.Errorf("%v: %+v", err, list)
	}
	try("domain release harbour login.harbour.example", 0, "no longer answers")
	try("domain release harbour login.harbour.example", 1, "does not claim")
	try("domain status harbour", 0)
}

func TestDemoHostsAreTheOperatorsWord(t *testing.T) {
	t.Parallel()
	if c, err := (&devVerb{Addr: "127.0.0.1:8080"}).config(devSecrets{Seal: "s1:" + key(), Pepper: "p1:" + key()}, ""); err != nil || c.DNS != "off" {
		t.Errorf("dev asks DNS (%q), %v", c.DNS, err)
	}
}
