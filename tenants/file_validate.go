package tenants

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Bounds of a file's lists. More people than this come by import, more groups by a directory.
const (
	mostHosts    = 50
	mostLinks    = 50
	mostGroups   = 2000
	mostAccounts = 1000
	mostWords    = 2000
	mostImages   = 50
)

// Validate tells everything in the file that cannot be, without looking at what exists: the policy's
// faults, what this version does not have yet, and the file's own rules. The theme's values and the
// texts' keys are package themes' to judge.
func (f *File) Validate() []Fault {
	var all faults
	all.refuse(f.Portico != FileFormat, "portico", "must be %d, the format of tenant files that this program knows", FileFormat)
	all.refuse(!ValidSlug(f.Slug), "slug", "%q is not a short name of small letters, digits and dashes, such as alliants", cut(f.Slug))
	all.refuse(slices.Contains(ownPaths, f.Slug), "slug", "%q is a word of the product's own", f.Slug)
	all.refuse(strings.TrimSpace(f.Name) == "", "name", "is missing: it is what people read")
	all.oneLine("name", f.Name, 100)
	if f.State != "" {
		all.oneOf("state", string(f.State), string(Draft), string(Live), string(Suspended), string(Leaving))
	}
	f.validateHosts(&all)
	if f.Policy != nil {
		for _, x := range append(f.Policy.Validate(), f.Policy.NotYet()...) {
			all.add("policy."+x.Field, "%s", x.Problem)
		}
	}
	f.validateImages(&all)
	f.validateWords(&all)
	f.validatePortal(&all)
	if f.Sender != nil {
		f.Sender.validate(&all)
		if f.Policy != nil {
			all = append(all, PhoneFaults(*f.Policy, f.Sender)...)
		}
	}
	f.validateGroups(&all)
	f.validateAccounts(&all)
	for i := range all {
		all[i].Line = f.Line(all[i].Field)
	}
	return all
}

func (f *File) validateHosts(all *faults) {
	all.refuse(len(f.Hosts) > mostHosts, "hosts", "has %d addresses; %d at most", len(f.Hosts), mostHosts)
	seen, canonical := map[string]bool{}, 0
	for i, h := range f.Hosts {
		field := fmt.Sprintf("hosts[%d].host", i)
		name, err := NormalizeHost(h.Host)
		switch {
		case err != nil || name != h.Host:
			all.add(field, "%q is not a host name in small letters without port, such as login.example.com", cut(h.Host))
		case net.ParseIP(name) != nil || !strings.Contains(name, "."):
			all.add(field, "%q is not a name that a customer can own", name)
		case seen[name]:
			all.add(field, "%q stands twice", name)
		}
		seen[name] = true
		if h.Canonical {
			canonical++
		}
	}
	all.refuse(canonical > 1, "hosts", "has %d canonical addresses; letters can begin with only one", canonical)
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (f *File) validateImages(all *faults) {
	all.refuse(len(f.Images) > mostImages, "images", "has %d pictures; %d at most", len(f.Images), mostImages)
	seen := map[string]bool{}
	for i, p := range f.Images {
		field := fmt.Sprintf("images[%d]", i)
		all.refuse(!localFile(p.File), field+".file", "%q is not a path inside the tenant file's folder", cut(p.File))
		all.refuse(!sha256Hex.MatchString(p.SHA256), field+".sha256", "%q is not a SHA-256 of 64 small hexadecimal digits", cut(p.SHA256))
		all.refuse(seen[p.SHA256], field+".sha256", "%q stands twice", cut(p.SHA256))
		seen[p.SHA256] = true
	}
}

func (f *File) validateWords(all *faults) {
	for locale, texts := range f.Words {
		all.refuse(len(texts) > mostWords, "words."+locale, "has %d texts; %d at most", len(texts), mostWords)
	}
}

func (f *File) validatePortal(all *faults) {
	var portal Portal
	if f.Portal != nil {
		portal = *f.Portal
	}
	all.refuse(len(portal.Links) > mostLinks, "portal.links", "has %d links; %d at most", len(portal.Links), mostLinks)
	for i, l := range portal.Links {
		field := fmt.Sprintf("portal.links[%d]", i)
		all.refuse(strings.TrimSpace(l.Label) == "", field+".label", "is missing")
		all.oneLine(field+".label", l.Label, 80)
		all.oneLine(field+".note", l.Note, 200)
		all.refuse(!webAddress(l.URL) && !localPath(l.URL), field+".url", "%q is neither an https address nor a path here", cut(l.URL))
	}
	all.refuse(len(portal.ReturnTargets) > mostLinks, "portal.return_targets", "has %d addresses; %d at most", len(portal.ReturnTargets), mostLinks)
	for i, target := range portal.ReturnTargets {
		all.refuse(!returnTarget(target), fmt.Sprintf("portal.return_targets[%d]", i),
			"%q is not an https address whose path ends in a slash, such as https://app.example.com/", cut(target))
	}
	if f.Policy == nil || f.Portal == nil || !webAddress(f.Policy.Finish.AfterLogin) {
		return
	}
	all.refuse(!slices.ContainsFunc(portal.ReturnTargets, func(t string) bool { return strings.HasPrefix(f.Policy.Finish.AfterLogin, t) }),
		"policy.finish.after_login", "%q is not below any of portal.return_targets", cut(f.Policy.Finish.AfterLogin))
}

// returnTarget is an address below which people may be sent. The slash at its end keeps
// https://app.example.com from allowing https://app.example.com.evil.test.
func returnTarget(s string) bool {
	if !webAddress(s) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && strings.HasSuffix(u.Path, "/") && u.RawQuery == "" && u.Fragment == "" && strings.HasSuffix(s, "/") &&
		!strings.Contains(u.Path, "..")
}

func (s Sender) validate(all *faults) {
	all.oneOf("sender.transport", s.Transport, "platform", "ses", "smtp")
	all.refuse(s.From == "" && s.Transport != "platform", "sender.from", "is missing: a sender of the tenant's own needs its address")
	all.refuse(s.From != "" && !mailAddress(s.From), "sender.from", "%q is not one mail address", cut(s.From))
	_, domain, _ := strings.Cut(s.From, "@")
	all.refuse(s.From != "" && s.Transport != "smtp" && !strings.Contains(strings.Trim(domain, "."), "."), "sender.from",
		"%q stands at no domain of somebody's own, such as example.com", cut(s.From))
	all.refuse(s.ReplyTo != "" && !mailAddress(s.ReplyTo), "sender.reply_to", "%q is not one mail address", cut(s.ReplyTo))
	all.oneLine("sender.from_name", s.FromName, 100)
	all.refuse((s.SMTP != nil) != (s.Transport == "smtp"), "sender.smtp", "belongs to transport smtp, and to it alone")
	if s.Phone != nil {
		s.Phone.validate(all)
	}
	if s.SMTP == nil {
		return
	}
	relay := *s.SMTP
	name, err := NormalizeHost(relay.Host)
	all.refuse(err != nil || name != relay.Host, "sender.smtp.host", "%q is not a host name in small letters", cut(relay.Host))
	all.between("sender.smtp.port", relay.Port, 1, 65535)
	all.oneOf("sender.smtp.tls", relay.TLS, "starttls", "implicit", "none")
	ip := net.ParseIP(relay.Host)
	local := relay.Host == "localhost" || ip != nil && ip.IsLoopback()
	all.refuse(relay.TLS == "none" && !local, "sender.smtp.tls", "none is for this machine alone: mail holds links that open accounts")
	all.oneLine("sender.smtp.username", relay.Username, 256)
	all.refuse(relay.Password != "" && !SecretRef(relay.Password), "sender.smtp.password", "%s", secretRule)
	all.refuse((relay.Username == "") != (relay.Password == ""), "sender.smtp.password", "and username come together or not at all")
}

var roleName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func (f *File) validateGroups(all *faults) {
	all.refuse(len(f.Groups) > mostGroups, "groups", "has %d groups; %d at most", len(f.Groups), mostGroups)
	parents := map[string]string{}
	for i, g := range f.Groups {
		field := fmt.Sprintf("groups[%d]", i)
		all.refuse(!groupName.MatchString(g.ExternalID), field+".external_id", "%q is not an id without spaces of at most 128 characters", cut(g.ExternalID))
		_, twice := parents[g.ExternalID]
		all.refuse(twice, field+".external_id", "%q stands twice", cut(g.ExternalID))
		all.oneOf(field+".kind", g.Kind, "location", "department", "group")
		all.refuse(strings.TrimSpace(g.Name) == "", field+".name", "is missing")
		all.oneLine(field+".name", g.Name, 100)
		_, above := parents[g.Parent]
		all.refuse(g.Parent != "" && !above, field+".parent", "%q is not a group that stands before this one in the file", cut(g.Parent))
		parents[g.ExternalID] = g.Parent
	}
}
