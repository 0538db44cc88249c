package tenantfile

import (
	"fmt"
	"slices"

	"portico/tenants"
)

// compare fills the plan: section by section, in the order of the file.
func (w *work) compare() {
	p := &w.plan
	*p = Plan{Slug: w.file.Slug, Create: !w.was.found, Changes: []Change{}, Notes: []string{}}
	w.single("name", w.was.name, w.want.name)
	w.single("state", string(w.was.state), string(w.want.state))
	w.compareHosts()
	w.docs = w.settings()
	for _, s := range w.docs {
		if p.Create && s.subject == tenants.SubjectPolicy {
			s.changed = true
			p.begins(*w.want.policy)
			continue
		}
		s.changed = p.changed(s.subject, s.old, s.new)
		if !s.changed && s.old != nil {
			p.Changes = append(p.Changes, Change{Action: "keep", Field: s.subject})
		}
	}
	if w.sealed != nil {
		p.Changes = append(p.Changes, Change{"change", "sender.smtp.password", "(secret)", "(secret, newly read)"})
	}
	if w.sealedPhone != nil {
		p.Changes = append(p.Changes, Change{"change", "sender.phone.secret", "(secret)", "(secret, newly read)"})
	}
	for _, pic := range w.pictures {
		w.plan.Changes = append(w.plan.Changes, Change{"create", "images." + pic.SHA256, "", pic.File})
	}
	w.compareGroups()
	for _, a := range w.file.Accounts {
		if _, there := w.was.people[a.ExternalID]; there {
			p.Changes = append(p.Changes, Change{Action: "keep", Field: "accounts." + a.ExternalID})
			continue
		}
		p.Changes = append(p.Changes, Change{"create", "accounts." + a.ExternalID, "", a.Name})
	}
	w.notes()
}

// single compares one value.
func (w *work) single(field, old, new string) {
	switch {
	case !w.was.found:
		w.plan.Changes = append(w.plan.Changes, Change{"create", field, "", new})
	case old != new:
		w.plan.Changes = append(w.plan.Changes, Change{"change", field, old, new})
	}
}

// setting is one document of the tenant, as it is and as it will be; nil is none.
type setting struct {
	subject  string
	old, new any
	changed  bool
}

// settings lists the documents. A typed nil becomes nil, so that "none" is one value.
func (w *work) settings() []*setting {
	return []*setting{
		{subject: tenants.SubjectPolicy, old: none(w.was.policy), new: none(w.want.policy)},
		{subject: tenants.SubjectTheme, old: noneOf(w.was.theme), new: noneOf(w.want.theme)},
		{subject: tenants.SubjectWords, old: noneOf(w.was.words), new: noneOf(w.want.words)},
		{subject: tenants.SubjectSender, old: none(withoutSecrets(w.was.sender)), new: none(withoutSecrets(w.want.sender))},
		{subject: tenants.SubjectPortal, old: none(w.was.portal), new: none(w.want.portal)},
	}
}

func none[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func noneOf[T ~[]byte | tenants.Words](v T) any {
	if v == nil {
		return nil
	}
	return v
}

func (w *work) compareHosts() {
	for _, h := range w.want.hosts {
		i := slices.IndexFunc(w.was.hosts, func(o tenants.Host) bool { return o.Name == h.Name })
		switch {
		case i < 0:
			w.plan.Changes = append(w.plan.Changes, Change{"create", "hosts", "", h.Name + " " + proven(h)})
		case proven(w.was.hosts[i]) != proven(h):
			w.plan.Changes = append(w.plan.Changes, Change{"change", "hosts", h.Name + " " + proven(w.was.hosts[i]), h.Name + " " + proven(h)})
		}
	}
	for _, h := range w.was.hosts {
		if !slices.ContainsFunc(w.want.hosts, func(n tenants.Host) bool { return n.Name == h.Name }) {
			w.plan.Changes = append(w.plan.Changes, Change{"remove", "hosts", h.Name, ""})
		}
	}
	if w.was.canonical != w.want.canonical {
		w.plan.Changes = append(w.plan.Changes, Change{"change", "hosts.canonical", w.was.canonical, w.want.canonical})
	}
}

func proven(h tenants.Host) string {
	if h.VerifiedAt == nil {
		return "(not verified)"
	}
	return "(verified)"
}

func (w *work) compareGroups() {
	for _, g := range w.file.Groups {
		old, there := w.was.group(g.ExternalID)
		if !there {
			w.plan.Changes = append(w.plan.Changes, Change{"create", "groups." + g.ExternalID, "", g.Name})
			continue
		}
		w.plan.changed("groups."+g.ExternalID,
			map[string]string{"kind": old.kind, "name": old.name, "parent": old.up},
			map[string]string{"kind": g.Kind, "name": g.Name, "parent": g.Parent})
	}
}

// notes tells what is allowed but worth knowing.
func (w *work) notes() {
	for _, h := range w.want.hosts {
		if h.VerifiedAt == nil {
			w.plan.Notes = append(w.plan.Notes, fmt.Sprintf("%s does not serve before it is verified", h.Name))
		}
	}
	if h := w.want.policy.Help; h.Phone == "" && h.Email == "" && h.URL == "" {
		w.plan.Notes = append(w.plan.Notes, "policy.help names no phone, email or url: people who are stuck see nobody to ask")
	}
	if w.want.policy.Password.Mode == "classes" {
		w.plan.Notes = append(w.plan.Notes, "policy.password.mode classes is not what NIST SP 800-63B-4 and ASVS 6.2.5 ask for; nist is")
	}
}
