package imports_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/imports"
	"portico/tenants"
)

// members is a file of n people beside those of the house.
func members(n int) []string {
	lines := []string{"external_id,name,email\n", "p-1,Ann Old,ann@house.example\n", "staff,Staff,staff@house.example\n", "root,Root,root@house.example\n"}
	for i := range n {
		lines = append(lines, fmt.Sprintf("m-%d,M %d,m%d@house.example\n", i, i, i))
	}
	return lines
}

// TestASwallowedLineClosesNoAccount: a quotation mark too many hides the next person's line, and they are in the file.
func TestASwallowedLineClosesNoAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lines := members(40)
	h.done(h.admin, imports.Options{}, strings.Join(lines, ""))
	for name, two := range map[string]string{
		"a quote that the next line's closes":     "m-0,\"M 0,m0@house.example\nm-1,\"M 1\",m1@house.example\n",
		"a quote that a lone one closes":          "m-0,M 0,\"m0@house.example\nm-1,M 1,m1@house.example\"\n",
		"a lone quote in the next line's name":    "m-0,\"M 0\nm-1,\",m1@house.example\n",
		"a cell without an end, over its bound":   "m-0,M 0,\"" + strings.Repeat("x", 17<<10) + "\nm-1,M 1,m1@house.example\"\n",
		"a fault that stands before the identity": "m 0,M 0,m0@house.example\n",
	} {
		text := strings.Join(lines[:4], "") + two + strings.Join(lines[6:], "")
		i := h.done(h.admin, imports.Options{DisableMissing: true}, text)
		if n := h.count("accounts WHERE tenant_id = $1 AND status = 'disabled'", h.tenant.ID); n != 0 || i.Reason != "unread" {
			t.Errorf("%s: %d people are disabled; %q %+v", name, n, i.Reason, i.Counts)
		}
	}
	// Notes of several lines are nobody's.
	notes := strings.ReplaceAll(strings.Join(lines[:43], ""), "\n", ",\"here, there\nand again\"\n")
	notes = strings.Replace(notes, ",\"here, there\nand again\"\n", ",notes\n", 1)
	if i := h.done(h.admin, imports.Options{DisableMissing: true}, notes); i.Counts.Disabled != 1 {
		t.Errorf("%+v %s", i.Counts, i.Reason)
	}
}

// TestAFileSpeaksOfWhatItCanName: a role in a group without an external id is no business of a file's.
func TestAFileSpeaksOfWhatItCanName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.exec(fmt.Sprintf(`INSERT INTO groups (tenant_id, id, kind, name, created_at) VALUES ('%s', gen_random_uuid(), 'group', 'By hand', now())`, h.tenant.ID))
	h.exec(fmt.Sprintf(`INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at)
		SELECT a.tenant_id, gen_random_uuid(), a.id, 'support_agent', g.id, 'test', now() FROM accounts a JOIN groups g ON g.tenant_id = a.tenant_id AND g.name = 'By hand'
		WHERE a.tenant_id = '%s' AND a.external_id = 'p-1'`, h.tenant.ID))
	h.done(h.admin, imports.Options{}, "external_id,roles\np-1,member\n")
	h.done(h.admin, imports.Options{}, "external_id,roles\np-1,-\n")
	if n := h.count("role_assignments WHERE role = 'support_agent'"); n != 1 {
		t.Error("the file took a role of which it does not speak")
	}
	if n := h.count("role_assignments WHERE role = 'member'"); n != 0 {
		t.Error("the file did not take a role of which it speaks")
	}
	i := h.judged(h.admin, imports.Options{}, "external_id,roles\np-1,global_admin\n")
	if h.whys(i)["p-1"] != "role" {
		t.Errorf("a role that is not offered here: %v", h.whys(i))
	}
}

// TestTheCeilingHoldsUntilTheEnd: what was foreseen days ago is no leave to close others.
func TestTheCeilingHoldsUntilTheEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lines := members(40)
	h.done(h.admin, imports.Options{}, strings.Join(lines, ""))
	i := h.judged(h.admin, imports.Options{DisableMissing: true}, strings.Join(lines[:43], ""))
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.admin))
	h.must(h.RunHere(t.Context(), h.tenant.ID, i.ID))
	listed := func() (missing []string) {
		h.must(h.Report(t.Context(), h.tenant.ID, h.get(i.ID), func(v imports.Verdict) error {
			if v.Result == imports.Missing {
				missing = append(missing, v.ExternalID)
			}
			return nil
		}))
		return missing
	}
	if got := listed(); len(got) != 1 || got[0] != "m-39" {
		t.Errorf("closed by the report: %v", got)
	}
	// As if it had been cancelled between two batches, and others had joined since.
	h.exec(fmt.Sprintf("UPDATE imports SET state = 'cancelled', ended_at = NULL WHERE id = '%s'", i.ID))
	h.exec(fmt.Sprintf(`INSERT INTO accounts (tenant_id, id, external_id, display_name, locale, status, sign_in, created_at, updated_at)
		SELECT '%s', gen_random_uuid(), 'late-' || n, 'Late', '', 'active', 'local', now(), now() FROM generate_series(1, 30) n`, h.tenant.ID))
	h.must(h.Start(t.Context(), h.tenant.ID, i.ID, h.admin))
	h.must(h.RunHere(t.Context(), h.tenant.ID, i.ID))
	if i = h.get(i.ID); i.Reason != "ceiling" || h.count("accounts WHERE status = 'disabled'") != 1 {
		t.Errorf("%q: %d people are disabled", i.Reason, h.count("accounts WHERE status = 'disabled'"))
	}
	if got := listed(); len(got) != 1 {
		t.Errorf("closed by the report: %v", got)
	}
	// Nobody was closed, so nobody is listed.
	j := h.done(h.admin, imports.Options{DisableMissing: true, Ceiling: 100}, strings.Join(lines[:42], "")+"broken row\n")
	i = j
	if got := listed(); len(got) != 0 {
		t.Errorf("closed by the report: %v", got)
	}
}

// TestInvitationsStopWithTheRights: nobody is invited in the name of somebody who may not invite any more.
func TestInvitationsStopWithTheRights(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var all strings.Builder
	all.WriteString("external_id,name,email\n")
	for n := range 30 {
		fmt.Fprintf(&all, "w-%d,W %d,w%d@house.example\n", n, n, n)
	}
	i := h.done(h.staff, imports.Options{Invite: true}, all.String())
	h.exec(fmt.Sprintf("UPDATE accounts SET status = 'disabled' WHERE id = '%s'", h.staff.Account))
	h.DB.Clock().Advance(4 * time.Second)
	_ = h.RunHere(t.Context(), h.tenant.ID, i.ID)
	if i = h.get(i.ID); i.Waves != "stopped" || i.Reason != "rights" || h.count("letters WHERE lane = 'bulk'") != 0 {
		t.Fatalf("%+v", i)
	}
	h.must(h.LetOff(t.Context(), h.tenant.ID, i.ID, h.admin, true))
	h.DB.Clock().Advance(4 * time.Second)
	h.must(h.RunHere(t.Context(), h.tenant.ID, i.ID))
	if n := h.count("audit_events WHERE kind = 'invite.sent' AND actor = $1", "account:"+h.admin.Account.String()); n != 10 {
		t.Errorf("%d invitations in the name of who let them off", n)
	}
}

// TestWhatIsStartedIsWhatWasSeen: a dry run that somebody else made meanwhile is another one.
func TestWhatIsStartedIsWhatWasSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	i := h.judged(h.staff, imports.Options{}, "external_id,name,email,extra\nz,Z,z@house.example,brand_admin\n")
	seen := i.Version()
	h.DB.Clock().Advance(time.Second)
	h.must(h.Judge(t.Context(), h.tenant.ID, i.ID, h.staff, []imports.Field{imports.ExternalID, imports.Name, imports.Email, imports.Roles}, imports.Options{Ceiling: 10}))
	h.must(h.RunHere(t.Context(), h.tenant.ID, i.ID))
	for _, version := range []int64{seen, 0} {
		if err := h.StartSeen(t.Context(), h.tenant.ID, i.ID, h.admin, version); !errors.Is(err, imports.ErrState) {
			t.Errorf("another dry run was started: %v", err)
		}
	}
	h.must(h.StartSeen(t.Context(), h.tenant.ID, i.ID, h.admin, h.get(i.ID).Version()))
}

// TestFilesThatDiedHoldUpNoOthers: a process that was killed while a file streamed in leaves it behind.
func TestFilesThatDiedHoldUpNoOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for n := range 5 {
		h.exec(fmt.Sprintf(`INSERT INTO imports (tenant_id, id, state, file_name, headings, by_name, created_at, updated_at)
			VALUES ('%s', gen_random_uuid(), 'reading', 'f%d', '[]', 'x', now() - interval '1 hour', now() - interval '1 hour')`, h.tenant.ID, n))
	}
	h.received(h.admin, "external_id,name,email\nz,Z,z@house.example\n")
	if n := h.count("imports"); n != 1 {
		t.Errorf("%d imports are left", n)
	}
}

// TestAFileOpensNoAccountThatIsInUse: what a file says of somebody with a password is no way in, or not at once.
func TestAFileOpensNoAccountThatIsInUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.exec(fmt.Sprintf(`UPDATE accounts SET password = '\x01', password_set_at = now() WHERE tenant_id = '%s' AND external_id = 'p-1'`, h.tenant.ID))
	h.DB.Clock().Advance(time.Minute)
	h.done(h.staff, imports.Options{}, "external_id,name,email,auth_phone\np-1,Ann Old,evil@far.example,+1 425 555 0123\nn-1,Bea,bea@house.example,+1 425 555 0124\n")
	if n := h.count("proofs p JOIN accounts a ON a.id = p.account_id WHERE a.external_id = 'p-1' AND p.counts_from > p.created_at"); n != 1 {
		t.Error("a new way into an account that is in use counts at once")
	}
	if n := h.count("proofs p JOIN accounts a ON a.id = p.account_id WHERE a.external_id = 'n-1' AND p.counts_from = p.created_at"); n != 1 {
		t.Error("what was registered for somebody new waits")
	}
	var claimed bool
	h.must(h.DB.In(t.Context(), h.tenant.ID, func(s *tenants.Scope) error {
		var who accounts.Person
		var id uuid.UUID
		if err := s.Row(t.Context(), "SELECT id FROM accounts WHERE tenant_id = $1 AND external_id = 'p-1'", []any{s.Tenant()}, &id); err != nil {
			return err
		}
		b := &tenants.Batch{}
		accounts.PersonOf(b, s, h.tenant, &id, accounts.Client{}, &who)
		err := s.Send(t.Context(), b)
		claimed = who.Email == "evil@far.example" && !who.TakesRecovery(h.tenant)
		return err
	}))
	if !claimed {
		t.Error("an address that a file gave to an account in use takes its recovery letters")
	}
}
