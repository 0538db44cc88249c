package tenants

import (
	"net/netip"
	"time"
)

func (t ThrottlePolicy) validate(f *faults) {
	for _, c := range []struct {
		field string
		v     Throttle
	}{
		{"throttle.identity_fail", t.IdentityFail},
		{"throttle.method_use", t.MethodUse},
		{"throttle.mail_send", t.MailSend},
		{"throttle.same_account", t.SameAccount},
		{"throttle.signin_ip", t.SignInIP},
	} {
		c.v.validate(f, c.field)
	}
	in := t.SignInIP
	f.refuse(in.Limit == 0, "throttle.signin_ip.limit", "must not be 0: the platform always bounds sign-ins per address")
	f.refuse(in.Limit > 1000 || int64(in.Limit)*int64(3*time.Minute) > 1000*int64(in.Window), "throttle.signin_ip.limit",
		"%d in %s is more than the most of 1000 in 3m (a campus or hotel names its addresses in throttle.networks instead)", in.Limit, in.Window)
	f.refuse(len(t.Networks) > 100, "throttle.networks", "has %d networks; 100 at most", len(t.Networks))
	seen := map[netip.Prefix]bool{}
	for _, n := range t.Networks {
		n.validate(f, seen)
	}
	f.between("throttle.ceiling", t.Ceiling, 1, 10_000)
}

func (t Throttle) validate(f *faults, field string) {
	f.between(field+".limit", t.Limit, 0, 10_000)
	f.lasting(field+".block", t.Block, 0, 24*time.Hour, "a block never outlasts a day")
	if t.Limit > 0 {
		f.lasting(field+".window", t.Window, time.Second, 24*time.Hour, "counters are kept for a day")
		return
	}
	f.refuse(t.Window != 0 || t.Block != 0, field+".limit", "is 0 (off) while a window or a block is given")
}

func (n Network) validate(f *faults, seen map[netip.Prefix]bool) {
	const field = "throttle.networks"
	p, err := netip.ParsePrefix(n.CIDR)
	if err != nil {
		f.add(field, "%q is not an address range such as 192.0.2.0/24", cut(n.CIDR))
		return
	}
	f.refuse(p.Masked() != p, field, "%s has bits beyond its length; write %s", p, p.Masked())
	least := 8
	if p.Addr().Is6() {
		least = 24
	}
	f.refuse(p.Addr().Is4In6(), field, "%s is an IPv4 range in IPv6 writing; write it as IPv4", p)
	f.refuse(p.Bits() < least, field, "%s is wider than /%d: nobody's own network is that large", p, least)
	f.refuse(seen[p.Masked()], field, "%s stands twice", p)
	seen[p.Masked()] = true
	f.between(field+".factor", n.Factor, 1, 1000)
	f.oneLine(field+".note", n.Note, 200)
}

func (l LockoutPolicy) validate(f *faults) {
	f.refuse(l.Threshold < 3, "lockout.threshold", "%d is less than 3: people mistype", l.Threshold)
	f.refuse(l.Threshold > 100, "lockout.threshold",
		"%d is more than 100 failures in a row (NIST SP 800-63B-4 3.2.2)", l.Threshold)
	f.lasting("lockout.duration", l.Duration, 10*time.Second, 24*time.Hour, "a lock never outlasts a day; recovery opens it earlier")
	f.oneOf("lockout.growth", l.Growth, "none", "double")
	if l.Growth == "double" {
		f.lasting("lockout.growth_cap", l.GrowthCap, 0, 24*time.Hour, "a lock never outlasts a day")
		f.refuse(l.GrowthCap < l.Duration, "lockout.growth_cap", "%s is shorter than lockout.duration %s, so nothing could grow", l.GrowthCap, l.Duration)
	} else {
		f.refuse(l.GrowthCap != 0, "lockout.growth_cap", "bounds a growth that lockout.growth none does not have; say 0s")
	}
	f.between("lockout.ignore_repeat_last", l.IgnoreRepeatLast, 0, 10)
	f.refuse(!l.LocationAware, "lockout.location_aware",
		"must be true: a person's known devices always count apart, so that a stranger's guesses never lock the owner out")
	f.refuse(!l.ClearedByReset, "lockout.cleared_by_reset", "must be true: a lock that outlives a reset shuts the owner out")
	f.refuse(!l.ClearedByUnlock, "lockout.cleared_by_self_unlock", "must be true: an unlock that leaves the lock would mislead")
}
