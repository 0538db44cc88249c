package tenants

import (
	"fmt"
	"regexp"
	"strings"
)

var hashShape = regexp.MustCompile(`^\$?[A-Za-z0-9_-]+[$:][\x21-\x7e]{16,480}$`)

// validateAccounts checks the people of a file: named once, able to sign in as the policy asks, their
// secrets elsewhere. What a role may do and whether an address is taken is for others to say.
func (f *File) validateAccounts(all *faults) {
	all.refuse(len(f.Accounts) > mostAccounts, "accounts", "has %d people; %d at most, more come by import", len(f.Accounts), mostAccounts)
	seen := map[string]bool{}
	groups := map[string]bool{}
	for _, g := range f.Groups {
		groups[g.ExternalID] = true
	}
	for i, a := range f.Accounts {
		field := fmt.Sprintf("accounts[%d]", i)
		all.refuse(!groupName.MatchString(a.ExternalID), field+".external_id", "%q is not an id without spaces of at most 128 characters", cut(a.ExternalID))
		a.validate(all, field)
		if f.Policy != nil {
			a.canSignIn(all, field, *f.Policy)
		}
		for _, key := range []string{"external_id " + a.ExternalID, "email " + strings.ToLower(a.Email), "username " + strings.ToLower(a.Username), "user_id " + strings.ToLower(a.UserID)} {
			kind, value, _ := strings.Cut(key, " ")
			all.refuse(value != "" && seen[key], field+"."+kind, "%q is another account's", cut(value))
			seen[key] = true
		}
		for j, name := range a.Groups {
			all.refuse(f.Groups != nil && !groups[name], fmt.Sprintf("%s.groups[%d]", field, j), "%q is no group of this file", cut(name))
		}
		for j, r := range a.Roles {
			at := fmt.Sprintf("%s.roles[%d]", field, j)
			all.refuse(!roleName.MatchString(r.Role), at+".role", "%q is not a role's name such as brand_admin", cut(r.Role))
			all.refuse(r.Scope != "" && f.Groups != nil && !groups[r.Scope], at+".scope", "%q is no group of this file", cut(r.Scope))
		}
	}
}

// Faults tells what a file with this person in it would be refused for, but for what depends on the rest
// of the file: for people who come another way. An empty ExternalID is none yet.
func (a FileAccount) Faults() []Fault {
	var all faults
	all.refuse(a.ExternalID != "" && !groupName.MatchString(a.ExternalID), "external_id", "%q is not an id without spaces of at most 128 characters", cut(a.ExternalID))
	a.validate(&all, "account")
	for _, r := range a.Roles {
		all.refuse(!roleName.MatchString(r.Role), "role", "%q is not a role's name such as brand_admin", cut(r.Role))
	}
	return all
}

func (a FileAccount) validate(all *faults, field string) {
	all.refuse(a.Email != "" && !mailAddress(a.Email), field+".email", "%q is not one mail address", cut(a.Email))
	all.oneLine(field+".username", a.Username, 128)
	all.oneLine(field+".user_id", a.UserID, 128)
	all.refuse(a.Email == "" && a.Username == "" && a.UserID == "", field, "has neither email nor username nor user_id")
	all.refuse(strings.TrimSpace(a.Name) == "", field+".name", "is missing")
	all.oneLine(field+".name", a.Name, 100)
	all.refuse(a.Locale != "" && !localeTag.MatchString(a.Locale), field+".locale", "%q is not a language such as en", cut(a.Locale))
	a.Proofs.validate(all, field+".proofs")
	if a.SignIn != "" {
		all.oneOf(field+".sign_in", a.SignIn, "local", "sso")
	}
	if a.Status != "" {
		all.oneOf(field+".status", a.Status, "active", "disabled")
	}
	// The value is not repeated: it may be a password that somebody typed here.
	all.refuse(a.Password != "" && !SecretRef(a.Password), field+".password", "%s", secretRule)
	all.refuse(a.PasswordHash != "" && !hashShape.MatchString(a.PasswordHash), field+".password_hash", "is not a hash such as $argon2id$… or $2b$…")
	all.refuse(a.Password != "" && a.PasswordHash != "", field+".password", "and password_hash cannot both be the password")
	all.refuse(a.SignIn == "sso" && (a.Password != "" || a.PasswordHash != ""), field+".password", "belongs to sign_in local; this account signs in elsewhere")
}

// canSignIn refuses a local account without the identifier that the sign-in page asks for.
func (a FileAccount) canSignIn(all *faults, field string, p Policy) {
	has := map[string]string{"email": a.Email, "username": a.Username, "user_id": a.UserID}
	asked := p.SignIn.Identifier
	all.refuse(a.SignIn != "sso" && has[asked] == "", field+"."+asked, "is missing: policy.signin.identifier asks for it, so this person could never sign in")
}
