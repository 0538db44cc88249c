package tenants

// Preset is a complete policy under a name: email-link, two-gate, customer-portal, nist.
func Preset(name string) (Policy, bool) {
	return Policy{Preset: name}, name != ""
}
