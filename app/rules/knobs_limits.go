package rules

import (
	"slices"
	"time"

	"portico/tenants"
)

// counter is the three knobs of one limit.
func counter(path string, v func(*policy) *tenants.Throttle) []Knob {
	return []Knob{
		number(path+".limit", 0, 10_000, func(p *policy) *int { return &v(p).Limit }).lessOrOff(),
		length(path+".window", 0, day, func(p *policy) *tenants.Duration { return &v(p).Window }).more(),
		length(path+".block", 0, day, func(p *policy) *tenants.Duration { return &v(p).Block }).more(),
	}
}

func limitKnobs() []Knob {
	return slices.Concat(
		counter("throttle.identity_fail", func(p *policy) *tenants.Throttle { return &p.Throttle.IdentityFail }),
		counter("throttle.method_use", func(p *policy) *tenants.Throttle { return &p.Throttle.MethodUse }),
		counter("throttle.mail_send", func(p *policy) *tenants.Throttle { return &p.Throttle.MailSend }),
		counter("throttle.same_account", func(p *policy) *tenants.Throttle { return &p.Throttle.SameAccount }),
		counter("throttle.signin_ip", func(p *policy) *tenants.Throttle { return &p.Throttle.SignInIP }),
		[]Knob{
			networks("throttle.networks", func(p *policy) *[]tenants.Network { return &p.Throttle.Networks }),
			number("throttle.ceiling", 1, 10_000, func(p *policy) *int { return &p.Throttle.Ceiling }),

			number("lockout.threshold", 3, 100, func(p *policy) *int { return &p.Lockout.Threshold }).less(),
			length("lockout.duration", 10*time.Second, day, func(p *policy) *tenants.Duration { return &p.Lockout.Duration }).more(),
			choice("lockout.growth", func(p *policy) *string { return &p.Lockout.Growth }, "none", "double").words("growth").more(),
			length("lockout.growth_cap", 0, day, func(p *policy) *tenants.Duration { return &p.Lockout.GrowthCap }),
			number("lockout.ignore_repeat_last", 0, 10, func(p *policy) *int { return &p.Lockout.IgnoreRepeatLast }).less(),
			flag("lockout.location_aware", func(p *policy) *bool { return &p.Lockout.LocationAware }).fixed(),
			flag("lockout.admin_unlock", func(p *policy) *bool { return &p.Lockout.AdminUnlock }),
			flag("lockout.cleared_by_reset", func(p *policy) *bool { return &p.Lockout.ClearedByReset }).fixed(),
			flag("lockout.cleared_by_self_unlock", func(p *policy) *bool { return &p.Lockout.ClearedByUnlock }).fixed(),
			flag("lockout.reveal_locked", func(p *policy) *bool { return &p.Lockout.RevealLocked }),
		})
}
