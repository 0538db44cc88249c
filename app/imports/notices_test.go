package imports_test

import (
	"testing"
	"time"

	"portico/app/imports"
)

// TestOwnersHearOfWhatAFileChanged: who was here before hears at the addresses that were known, one letter
// after another; who is new hears of nothing.
func TestOwnersHearOfWhatAFileChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.done(h.admin, imports.Options{}, "external_id,name,email,auth_phone,auth_email,username\n"+
		"p-1,Ann Old,ann@house.example,+1 425 555 0123,ann@home.example,ann\n"+
		"n-1,Bea,bea@house.example,+1 425 555 0124,bea@home.example,bea\n")
	letters := func(kind, to string) int {
		return h.count("letters WHERE tenant_id = $1 AND kind = $2 AND recipient = $3", h.tenant.ID, kind, to)
	}
	if n, m := letters("proofs_notice", "ann@house.example"), letters("identifier_notice", "ann@house.example"); n != 2 || m != 1 {
		t.Errorf("%d notices of two contacts and %d of a username, want 2 and 1", n, m)
	}
	if n := h.count("letters WHERE tenant_id = $1", h.tenant.ID); n != 3 {
		t.Errorf("%d letters were written, want 3", n)
	}
	// The pace is that of invitations: the second and third wait.
	var waits []time.Duration
	for _, place := range []int{1, 2} {
		var seconds float64
		h.scan("SELECT extract(epoch FROM scheduled_at - created_at) FROM river.river_job ORDER BY scheduled_at OFFSET $1 LIMIT 1", []any{place}, &seconds)
		waits = append(waits, time.Duration(seconds*float64(time.Second)).Round(time.Millisecond))
	}
	if waits[0] != 300*time.Millisecond || waits[1] != 600*time.Millisecond {
		t.Errorf("letters wait %v", waits)
	}
	// A registered address that is replaced hears of it, too, and so does the address that people wrote to.
	h.done(h.admin, imports.Options{}, "external_id,email,auth_email\np-1,ann.new@house.example,new@home.example\n")
	for _, to := range []string{"ann@house.example", "ann@home.example"} {
		if n := letters("address_notice", to); n != 1 {
			t.Errorf("%s hears %d times of a new address", to, n)
		}
	}
	if n := letters("proofs_notice", "ann@home.example"); n != 1 {
		t.Errorf("the replaced address hears %d times of it", n)
	}
	if n := h.count("letters WHERE recipient IN ('ann.new@house.example', 'new@home.example')"); n != 0 {
		t.Errorf("%d letters went to addresses that nobody confirmed", n)
	}
	if n := h.count("audit_events WHERE details::text LIKE '%ann.new@%' OR details::text LIKE '%ann@%' OR details::text LIKE '%Ann Old%'"); n != 0 {
		t.Errorf("the audit names people in %d rows", n)
	}
	before := h.count("letters")
	h.done(h.admin, imports.Options{}, "external_id,email,auth_email\np-1,ann.new@house.example,new@home.example\n")
	if n := h.count("letters"); n != before {
		t.Errorf("the same file once more writes %d letters", n-before)
	}
}
