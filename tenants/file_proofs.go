package tenants

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// FileProofs are what somebody who comes with a file can show who they are by, without having registered
// it. Secrets stand elsewhere, as passwords do; exports never hold any of it.
type FileProofs struct {
	AuthPhone   string            `yaml:"auth_phone,omitempty"`   // +1 4251234567
	OfficePhone string            `yaml:"office_phone,omitempty"` // as auth_phone
	AuthEmail   string            `yaml:"auth_email,omitempty"`
	TOTP        string            `yaml:"totp,omitempty"`      // where the base32 secret is: env:… or file:…
	Questions   map[string]string `yaml:"questions,omitempty"` // id of the catalogue → where the answer is
}

var (
	fileNumber   = regexp.MustCompile(`^\+[1-9][0-9 ]{5,24}$`)
	fileQuestion = regexp.MustCompile(`^q(0[1-9]|[12][0-9]|3[0-5])$`)
)

func (p *FileProofs) validate(all *faults, field string) {
	if p == nil {
		return
	}
	for name, number := range map[string]string{"auth_phone": p.AuthPhone, "office_phone": p.OfficePhone} {
		all.refuse(number != "" && !fileNumber.MatchString(number), field+"."+name, "is not a number with its country code such as +1 4251234567")
	}
	all.refuse(p.AuthEmail != "" && !mailAddress(p.AuthEmail), field+".auth_email", "%q is not one mail address", cut(p.AuthEmail))
	all.refuse(p.TOTP != "" && !SecretRef(p.TOTP), field+".totp", "%s", secretRule)
	for _, id := range slices.Sorted(maps.Keys(p.Questions)) {
		at := fmt.Sprintf("%s.questions.%s", field, id)
		all.refuse(!fileQuestion.MatchString(id), at, "is no question of the catalogue, q01 to q35")
		all.refuse(!SecretRef(p.Questions[id]), at, "%s", secretRule)
	}
}
