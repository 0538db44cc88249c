package accounts

import (
	"net/netip"

	"portico/tenants"
)

// Client is the browser that asks, as far as rules look at it.
type Client struct {
	Address   netip.Addr // after trusted proxies
	Device    string     // value of the device cookie; "" is none
	UserAgent string
	Locale    string // of the page: letters follow it where the account has no language of its own
	Captcha   Captcha
}

// Captcha is how the CAPTCHA of a request went.
type Captcha int

// Solved lets a try pass the limits of its address up to a second bound. Down means that the provider
// could not tell: people pass, and every bound of the address is half of what it was.
const (
	CaptchaNone Captcha = iota // none was answered, or it was answered wrong
	CaptchaSolved
	CaptchaDown
)

// AddressKey is what limits per address count by: an IPv4 address, or the /64 of an IPv6 one, since a
// single customer owns all of it.
func (c Client) AddressKey() string {
	addr := c.Address.Unmap()
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// NetworkFactor is how much more a listed network of the tenant may do than a single address.
func NetworkFactor(p tenants.ThrottlePolicy, addr netip.Addr) int {
	factor := 1
	for _, n := range p.Networks {
		prefix, err := netip.ParsePrefix(n.CIDR)
		if err == nil && prefix.Contains(addr.Unmap()) {
			factor = max(factor, n.Factor)
		}
	}
	return factor
}
