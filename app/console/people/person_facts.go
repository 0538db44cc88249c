package people

import (
	"slices"

	"portico/app/audit"
	"portico/app/people"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

func facts(v *visit.Visit, p people.Person) themes.PersonFacts {
	f := themes.PersonFacts{Disabled: p.Status != "active", Elsewhere: p.SignIn != "local", CreatedAt: p.CreatedAt, PasswordSetAt: p.PasswordSetAt,
		RegisterAsked: p.RegisterAsked, External: p.ExternalID, NewAddress: p.NewAddress, NewUntil: p.NewUntil, Sessions: p.Sessions}
	for _, i := range p.Identifiers {
		f.Identifiers = append(f.Identifiers, themes.IdentifierLine{Kind: i.Kind, Value: i.Value, Confirmed: !i.VerifiedAt.IsZero()})
	}
	for _, g := range p.Groups {
		f.Groups = append(f.Groups, g.Name)
	}
	for _, r := range p.Roles {
		f.Roles = append(f.Roles, themes.HeldRole{Role: roleName(v.Tenant, r.Role), Within: r.GroupName, EndsAt: r.EndsAt, Ended: r.Ended})
	}
	for _, r := range p.Held {
		f.Proofs = append(f.Proofs, themes.HeldProof{Kind: r.Kind, Contact: r.Masked(), By: r.SetBy, Since: r.UpdatedAt, CodesLeft: r.CodesLeft,
			Counts: r.Counts(v.Tenant, v.Clock.Now())})
	}
	for _, b := range p.Blocks {
		f.Blocks = append(f.Blocks, themes.BlockLine{From: b.ClientAddress, Until: b.Until})
	}
	if p.PassState != "" {
		f.Pass = passLine(p)
	}
	return f
}

func passLine(p people.Person) *themes.PassLine {
	by, _ := actor(p, p.Pass.IssuedBy)
	return &themes.PassLine{State: p.PassState, By: by, At: p.Pass.IssuedAt, From: p.Pass.ReadyAt, Until: p.Pass.ExpiresAt}
}

// actor is who did something, as they are shown; gone are those who were erased since.
func actor(p people.Person, by string) (name string, gone bool) {
	if _, is := people.AccountOf(by); is {
		name, known := p.Names[by]
		return name, !known
	}
	switch by {
	case audit.Anonymous, audit.System, audit.Operator:
		return "", false
	}
	return by, false // a name at a command
}

func eventLine(p people.Person, e audit.Row) themes.EventLine {
	name, gone := actor(p, e.Actor)
	return themes.EventLine{Kind: string(e.Kind), Failed: e.Outcome != audit.Success, Reason: e.Reason, By: name, Gone: gone, From: e.ClientAddress, At: e.At}
}

func roleName(t *tenants.Tenant, name string) themes.RoleName {
	r, ok := rbac.RoleNamed(t, name)
	if !ok {
		return themes.RoleName{Name: name, Label: name}
	}
	return themes.RoleName{Name: r.Name, Label: r.Label}
}

// whySentences are the words of the reasons, which package people names by their codes.
var whySentences = map[string]string{
	"disabled": "person.why_disabled", "elsewhere": "person.why_elsewhere", "no_identifier": "person.why_no_identifier",
	"invited": "person.why_invited", "invitation_over": "person.why_invitation_over", "no_password": "person.why_no_password",
	"locked": "person.why_locked", "locked_for_good": "person.why_locked_for_good", "letter_failed": "person.why_letter_failed",
	"letter_bounced": "person.why_letter_bounced", "letter_complained": "person.why_letter_complained", "blocked": "person.why_blocked",
	"recovery_off": "person.why_recovery_off", "proofs_soon": "person.why_proofs_soon", "proofs_few": "person.why_proofs_few",
	"proofs_none": "person.why_proofs_none", "unconfirmed": "person.why_unconfirmed", "role_ended": "person.why_role_ended",
}

func whyLine(v *visit.Visit, p people.Person, r people.Reason) themes.WhyLine {
	line := themes.WhyLine{Key: whySentences[r.Code], At: r.At, Stop: r.Stop}
	switch r.Code {
	case "role_ended":
		line.Role = roleName(v.Tenant, r.Text)
	case "no_identifier":
		line.Text = r.Text
	}
	if r.Mend == "register_self" {
		line.Hint = "person.hint_register"
		return line
	}
	if r.Mend == "roles" {
		if v.Can(rbac.RolesAssign).Allowed && !p.Higher {
			line.Mend = &themes.PersonAction{Path: pathOf(p, "roles"), Key: "person.do_roles"}
		}
		return line
	}
	if i := slices.IndexFunc(actions(v.Tenant, p), func(a themes.PersonAction) bool { return a.Path == pathOf(p, r.Mend) }); i >= 0 && r.Mend != "" {
		a := actions(v.Tenant, p)[i]
		line.Mend = &a
	}
	return line
}

// actions are what can be done to somebody now by who looks.
func actions(t *tenants.Tenant, p people.Person) []themes.PersonAction {
	var all []themes.PersonAction
	add := func(on bool, need rbac.Permission, a themes.PersonAction, below string) {
		if on && p.May[need] {
			a.Path = pathOf(p, below)
			all = append(all, a)
		}
	}
	active, local := p.Status == "active", p.SignIn == "local"
	add(true, rbac.PeopleEdit, themes.PersonAction{Key: "person.do_edit"}, "edit")
	add(active, rbac.PeopleEdit, themes.PersonAction{Key: "person.do_address"}, "address")
	add(active && local && slices.Contains(t.Policy.Gates.MethodsRegister, proofs.OfficePhone) && !p.Self, rbac.PeopleEdit, themes.PersonAction{Key: "person.do_phone"}, "phone")
	add(t.Policy.Lockout.AdminUnlock && (p.Locked || len(p.Blocks) > 0), rbac.PeopleUnlock, themes.PersonAction{Key: "person.do_unlock", Post: true}, "unlock")
	add(active && local && p.PasswordSetAt.IsZero() && p.Email != "", rbac.PeopleInvite, themes.PersonAction{Key: "person.do_invite", Post: true}, "invite")
	add(active && local && p.Email != "" && !t.Policy.ThroughGates() && !p.Ability.Off && !p.PasswordSetAt.IsZero(), rbac.PeopleRecover, themes.PersonAction{Key: "person.do_letter", Post: true}, "letter")
	add(active && local && t.Policy.Passes.Enabled && !p.Self, rbac.PeopleRecover, themes.PersonAction{Key: "person.do_pass"}, "pass")
	standing := p.PassState == "unapproved" || p.PassState == "waiting" || p.PassState == "ready"
	add(p.PassState == "unapproved" && !p.Self, rbac.PeopleRecover, themes.PersonAction{Key: "person.do_approve", Post: true, Pass: p.Pass.ID.String()}, "pass/approve")
	add(standing, rbac.PeopleRecover, themes.PersonAction{Key: "person.do_revoke", Post: true, Pass: p.Pass.ID.String()}, "pass/revoke")
	add(active && local && !p.Self && people.CanRegister(t), rbac.PeopleRecover, themes.PersonAction{Key: "person.do_register"}, "register")
	add(p.Sessions > 0, rbac.PeopleSessions, themes.PersonAction{Key: "person.do_sessions"}, "sessions")
	add(!active, rbac.PeopleDisable, themes.PersonAction{Key: "person.do_enable", Post: true}, "enable")
	add(active && !p.Self, rbac.PeopleDisable, themes.PersonAction{Key: "person.do_disable", Danger: true}, "disable")
	add(true, rbac.PeopleErase, themes.PersonAction{Key: "person.do_data", Post: true}, "data")
	add(!p.Self, rbac.PeopleErase, themes.PersonAction{Key: "person.do_erase", Danger: true}, "erase")
	return all
}

// masked is an office phone as it may be shown.
func masked(p people.Person) string {
	r, _ := p.Held.Of(proofs.OfficePhone)
	return r.Masked()
}

// valueOf is what somebody is known by in a kind.
func valueOf(p people.Person, kind string) string {
	for _, i := range p.Identifiers {
		if i.Kind == kind {
			return i.Value
		}
	}
	return ""
}
