package tenantfile

import (
	"testing"

	"portico/tenants"
)

// A changed policy is an event of its own with its values before and after (behaviour.md 2A); a new tenant
// has none to compare with.
func TestAChangedPolicyIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.apply(parse(t, small), Options{By: "somebody"})
	if n := b.count("SELECT count(*) FROM audit_events WHERE kind = 'policy.changed'"); n != 0 {
		t.Errorf("a new tenant changed %d policies", n)
	}
	file := parse(t, small)
	policy, _ := tenants.Preset("nist")
	policy.Lockout.Threshold = 7
	file.Policy = &policy
	b.apply(file, Options{By: "somebody"})
	n := b.count(`SELECT count(*) FROM audit_events WHERE kind = 'policy.changed' AND details->>'by' = 'somebody' AND EXISTS (
		SELECT FROM jsonb_array_elements(details->'changes') c WHERE c->>'field' = 'policy.lockout.threshold' AND c->>'value' = '7')`)
	if n != 1 {
		t.Errorf("the changed threshold is told %d times", n)
	}
}
