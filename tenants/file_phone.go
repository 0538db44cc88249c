package tenants

import (
	"fmt"
	"regexp"
	"slices"

	"golang.org/x/text/language"
)

const mostCountries = 60

var (
	twilioAccount = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	twilioService = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	awsKeyID      = regexp.MustCompile(`^[A-Z0-9]{16,128}$`)
	awsRegion     = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	awsIdentity   = regexp.MustCompile(`^[A-Za-z0-9_:/+-]{1,256}$`)
	phoneNumber   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	senderID      = regexp.MustCompile(`^[A-Za-z0-9 -]{1,11}$`)
	hasLetter     = regexp.MustCompile(`[A-Za-z]`)
)

// validate tells what cannot be in a tenant's settings for texts and calls.
func (p PhoneSender) validate(all *faults) {
	all.oneOf("sender.phone.provider", p.Provider, "platform", "twilio", "aws", "off")
	all.between("sender.phone.daily_budget", p.DailyBudget, 1, 100_000)
	p.validateCountries(all)
	own := p.Provider == "twilio" || p.Provider == "aws"
	all.refuse(!own && (p.Account != "" || p.Secret != "" || p.Region != ""), "sender.phone.account",
		"account, secret and region belong to an account of the tenant's own (twilio or aws)")
	all.refuse(p.Provider == "twilio" && !twilioAccount.MatchString(p.Account), "sender.phone.account",
		"%q is not an account SID of Twilio: AC and 32 hexadecimal digits", cut(p.Account))
	all.refuse(p.Provider == "aws" && !awsKeyID.MatchString(p.Account), "sender.phone.account", "%q is not an access key id of AWS", cut(p.Account))
	all.refuse(p.Provider == "aws" && !awsRegion.MatchString(p.Region), "sender.phone.region", "%q is not a region of AWS, such as eu-west-1", cut(p.Region))
	all.refuse(p.Provider == "twilio" && p.Region != "", "sender.phone.region", "belongs to aws alone")
	all.refuse((own || p.Secret != "") && !SecretRef(p.Secret), "sender.phone.secret", "%s", secretRule)
	p.validateFrom(all)
}

func (p PhoneSender) validateCountries(all *faults) {
	all.refuse(len(p.Countries) > mostCountries, "sender.phone.countries", "has %d countries; %d at most", len(p.Countries), mostCountries)
	for i, c := range p.Countries {
		field := fmt.Sprintf("sender.phone.countries[%d]", i)
		region, err := language.ParseRegion(c)
		all.refuse(err != nil || len(c) != 2 || region.String() != c || !region.IsCountry(), field,
			"%q is not a country in two capital letters, such as US", cut(c))
		all.refuse(slices.Index(p.Countries, c) != i, field, "%q stands twice", cut(c))
	}
}

// validateFrom checks the sender; a call needs a number, which alone can ring.
func (p PhoneSender) validateFrom(all *faults) {
	number := phoneNumber.MatchString(p.From)
	id := senderID.MatchString(p.From) && hasLetter.MatchString(p.From)
	switch p.Provider {
	case "twilio":
		service := twilioService.MatchString(p.From)
		all.refuse(!number && !id && !service, "sender.phone.from",
			"%q is neither a number such as +12025550123, a sender id of at most 11 letters and digits, nor a messaging service (MG…)", cut(p.From))
		all.refuse(p.Voice && (id || service) && !number, "sender.phone.from", "calls need a number; %q cannot ring", cut(p.From))
	case "aws":
		all.refuse(p.From != "" && !awsIdentity.MatchString(p.From), "sender.phone.from", "%q is not a number, sender id or pool of AWS", cut(p.From))
		all.refuse(p.Voice && p.From == "", "sender.phone.from", "is missing: calls need a number of the account")
	default:
		all.refuse(p.From != "", "sender.phone.from", "belongs to an account of the tenant's own; the platform has its own sender")
	}
}

// PhoneFaults tells what a tenant's recovery by phone lacks: proofs that text or call need an account and at
// least one country, and calls must be switched on.
func PhoneFaults(p Policy, s *Sender) []Fault {
	var all faults
	var phone *PhoneSender
	if s != nil {
		phone = s.Phone
	}
	for _, name := range []string{"sms_mobile", "voice_mobile", "voice_office"} {
		if !p.Gates.uses(name) {
			continue
		}
		switch {
		case !phone.Texts():
			all.add("sender.phone", "is missing or off, and policy.gates.methods_use has %s; write provider and countries", name)
			return all
		case len(phone.Countries) == 0:
			all.add("sender.phone.countries", "is empty, and policy.gates.methods_use has %s; name the countries that codes go to", name)
			return all
		case name != "sms_mobile" && !phone.Voice:
			all.add("sender.phone.voice", "is false, and policy.gates.methods_use has %s", name)
			return all
		}
	}
	return all
}
