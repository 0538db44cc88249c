package tenants

import (
	"fmt"
	"slices"
)

// NotYet tells every knob of the policy whose machinery this version does not have. A tenant file that
// asks for one is refused with this answer, so that nothing is ever silently ignored; the presets may
// hold such knobs, and a file that starts from one overrides them. A number that only shapes a part that
// is off (the digits of codes while no proof sends one) asks for nothing and is kept.
func (p Policy) NotYet() []Fault {
	var f faults
	p.notYetSignIn(&f)
	p.notYetGates(&f)
	p.notYetRest(&f)
	return f
}

// later adds a fault when the policy asks for what is still to come; instead is what to write today.
func (f *faults) later(asked bool, field, what, instead string) {
	if asked {
		f.add(field, "not yet: %s", fmt.Sprintf("%s; write %s for now", what, instead))
	}
}

func (p Policy) notYetSignIn(f *faults) {
	f.later(!p.SignIn.LocalEnabled, "signin.local_enabled", "signing in without a local account comes with external sign-in", "true")
	f.later(p.SignIn.External != "off", "signin.external", "external sign-in comes in a later version", "off")
	f.later(p.SignIn.ExternalDefaultProvider != "", "signin.external_default_provider", "external sign-in comes in a later version", `""`)
}

func (p Policy) notYetGates(f *faults) {
	g := p.Gates
	for _, name := range g.MethodsUse {
		f.later(name == "passkey", "gates.methods_use", "the proof passkey comes in a later version", "the others")
	}
}

func (p Policy) notYetRest(f *faults) {
	f.later(p.Finish.RevokeSessions == "password", "finish.revoke_sessions", "there are no sessions without a password before external sign-in", "all")
	f.later(p.Help.ArticleFeedback, "help.article_feedback", "articles come in a later version", "false")
	m := p.Modules
	f.later(m.KnowledgeBase, "modules.kb", "the knowledge base comes in a later version", "false")
	f.later(m.Cases, "modules.cases", "cases come in a later version", "false")
	f.later(m.Contact, "modules.contact", "the contact form comes in a later version", "false")
	f.later(m.Search, "modules.search", "search comes in a later version", "false")
	for _, mode := range p.Users.Mode {
		f.later(!slices.Contains([]string{"invite", "provisioned"}, mode), "users.registration_mode",
			fmt.Sprintf("accounts by %s come in a later version", mode), "[invite] or [provisioned]")
	}
}

// Available is the policy with every knob whose machinery this version does not have at what NotYet says to write
// instead: a preset as a new customer can begin with it today.
func (p Policy) Available() Policy {
	p.SignIn.LocalEnabled, p.SignIn.External, p.SignIn.ExternalDefaultProvider = true, "off", ""
	p.Gates.MethodsUse = slices.DeleteFunc(slices.Clone(p.Gates.MethodsUse), func(name string) bool { return name == "passkey" })
	if p.Finish.RevokeSessions == "password" {
		p.Finish.RevokeSessions = "all"
	}
	p.Help.ArticleFeedback = false
	p.Modules = ModulesPolicy{}
	p.Help.Panel = []string{} // leads to the modules, or to whom to ask, which a customer names in their own console
	p.Users.Mode = slices.DeleteFunc(slices.Clone(p.Users.Mode), func(mode string) bool { return mode != "invite" && mode != "provisioned" })
	if !slices.Contains(p.Users.Mode, "invite") {
		p.Users.Mode = append(p.Users.Mode, "invite")
	}
	return p
}
