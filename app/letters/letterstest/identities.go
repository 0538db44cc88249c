package letterstest

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// identities is the part of the fake that knows domains and configuration sets.
type identities struct {
	domains map[string]*identity
	sets    map[string]string // name → topic; "" while it publishes nowhere
	asked   []Asked
	least   time.Duration
	last    time.Time
	fault   func(action, subject string) SESFault
}

type identity struct{ identity, dkim, mailFrom, mailFromDomain string }

// Asked is one call about identities or configuration sets.
type Asked struct {
	Action  string
	Subject string // a domain, or a set's name; of look-ups how many domains
	At      time.Time
}

// IdentityFault is asked before each call about identities; nil: never.
func (s *SES) IdentityFault(fault func(action, subject string) SESFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id.fault = fault
}

// Throttle makes calls about identities that come closer than least fail, as those of SES do within a second.
func (s *SES) Throttle(least time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id.least = least
}

// Stands sets what SES says of a domain: of the identity, DKIM and MAIL FROM. "" leaves it.
func (s *SES) Stands(domain, identityIs, dkim, mailFrom string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.id.of(domain)
	for _, x := range []struct {
		into *string
		is   string
	}{{&d.identity, identityIs}, {&d.dkim, dkim}, {&d.mailFrom, mailFrom}} {
		if x.is != "" {
			*x.into = x.is
		}
	}
}

// Forget makes SES know nothing of a domain.
func (s *SES) Forget(domain string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.id.domains, domain)
}

// AskedFor lists the calls about identities, oldest first; actions narrows them, none for all.
func (s *SES) AskedFor(actions ...string) (some []Asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.id.asked {
		if len(actions) == 0 || slices.Contains(actions, a.Action) {
			some = append(some, a)
		}
	}
	return some
}

// Topic is where a configuration set publishes; false when there is no such set.
func (s *SES) Topic(set string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	topic, ok := s.id.sets[set]
	return topic, ok
}

// DropSet deletes a configuration set.
func (s *SES) DropSet(set string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.id.sets, set)
}

// DKIMTokens are the tokens that the fake gives a domain.
func DKIMTokens(domain string) []string {
	plain := strings.NewReplacer(".", "", "-", "").Replace(domain)
	return []string{"a" + plain, "b" + plain, "c" + plain}
}

func (i *identities) of(domain string) *identity {
	if i.domains == nil {
		i.domains, i.sets = map[string]*identity{}, map[string]string{}
	}
	d := i.domains[domain]
	if d == nil {
		d = &identity{identity: "Pending", dkim: "Pending"}
		i.domains[domain] = d
	}
	return d
}

// sendSet answers whether a mail may leave with a configuration set: made ones are known as soon as any is.
func (i *identities) sendSet(name string) bool {
	_, ok := i.sets[name]
	return ok || name == "" || !strings.HasPrefix(name, "portico-")
}

// answerIdentity answers a call about identities; false when it is none.
func (s *SES) answerIdentity(w http.ResponseWriter, r *http.Request) bool {
	action := r.PostFormValue("Action")
	if action == "SendRawEmail" {
		return false
	}
	many := []string{}
	for n := 1; r.PostFormValue(fmt.Sprintf("Identities.member.%d", n)) != ""; n++ {
		many = append(many, r.PostFormValue(fmt.Sprintf("Identities.member.%d", n)))
	}
	subject := r.PostFormValue("Domain") + r.PostFormValue("Identity") + r.PostFormValue("ConfigurationSetName") + r.PostFormValue("ConfigurationSet.Name")
	if len(many) > 0 {
		subject = fmt.Sprint(len(many))
	}
	s.mu.Lock()
	now := time.Now()
	hasty := s.id.least > 0 && now.Sub(s.id.last) < s.id.least
	s.id.last = now
	s.id.asked = append(s.id.asked, Asked{action, subject, now})
	fault := SESFault{}
	if s.id.fault != nil {
		fault = s.id.fault(action, subject)
	}
	s.mu.Unlock()
	if hasty {
		fault = SESFault{Code: "Throttling", Message: "Rate exceeded"}
	}
	if fault.Until != nil {
		select {
		case <-fault.Until:
		case <-r.Context().Done():
			return true
		}
	}
	if fault.Code != "" {
		fail(w, fault)
		return true
	}
	s.mu.Lock()
	result, wrong := s.id.do(action, r, many)
	s.mu.Unlock()
	if fault.Lost {
		panic(http.ErrAbortHandler)
	}
	if wrong != "" {
		fail(w, SESFault{Code: wrong})
		return true
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<%[1]sResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><%[1]sResult>%[2]s</%[1]sResult>`+
		`<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%[1]sResponse>`, action, result)
	return true
}

func (i *identities) do(action string, r *http.Request, many []string) (result, wrong string) {
	if len(many) > 100 {
		return "", "InvalidParameterValue"
	}
	i.of("amazon.example") // the maps exist
	switch action {
	case "VerifyDomainDkim":
		i.of(r.PostFormValue("Domain"))
		return "<DkimTokens>" + members(DKIMTokens(r.PostFormValue("Domain"))) + "</DkimTokens>", ""
	case "SetIdentityMailFromDomain":
		d := i.of(r.PostFormValue("Identity"))
		if r.PostFormValue("BehaviorOnMXFailure") != "UseDefaultValue" || !strings.HasSuffix(r.PostFormValue("MailFromDomain"), "."+r.PostFormValue("Identity")) {
			return "", "InvalidParameterValue"
		}
		d.mailFromDomain, d.mailFrom = r.PostFormValue("MailFromDomain"), "Pending"
		return "", ""
	case "CreateConfigurationSet":
		name := r.PostFormValue("ConfigurationSet.Name")
		if _, there := i.sets[name]; there {
			return "", "ConfigurationSetAlreadyExists"
		}
		i.sets[name] = ""
		return "", ""
	case "CreateConfigurationSetEventDestination":
		name := r.PostFormValue("ConfigurationSetName")
		if topic, there := i.sets[name]; !there {
			return "", "ConfigurationSetDoesNotExist"
		} else if topic != "" {
			return "", "EventDestinationAlreadyExists"
		}
		i.sets[name] = r.PostFormValue("EventDestination.SNSDestination.TopicARN")
		return "", ""
	}
	return i.look(action, many)
}

// look answers what is known of some domains.
func (i *identities) look(action string, many []string) (result, wrong string) {
	var b strings.Builder
	entry := func(domain, value string) {
		fmt.Fprintf(&b, "<entry><key>%s</key><value>%s</value></entry>", escape(domain), value)
	}
	for _, domain := range many {
		d := i.domains[domain]
		switch {
		case action == "GetIdentityDkimAttributes" && d == nil: // as SES does
			entry(domain, "<DkimEnabled>false</DkimEnabled><DkimVerificationStatus>NotStarted</DkimVerificationStatus>")
		case d == nil:
		case action == "GetIdentityDkimAttributes":
			entry(domain, fmt.Sprintf("<DkimEnabled>%t</DkimEnabled><DkimVerificationStatus>%s</DkimVerificationStatus><DkimTokens>%s</DkimTokens>",
				d.dkim == "Success", d.dkim, members(DKIMTokens(domain))))
		case action == "GetIdentityVerificationAttributes":
			entry(domain, "<VerificationStatus>"+d.identity+"</VerificationStatus>")
		case action == "GetIdentityMailFromDomainAttributes":
			entry(domain, "<MailFromDomain>"+escape(d.mailFromDomain)+"</MailFromDomain><MailFromDomainStatus>"+d.mailFrom+
				"</MailFromDomainStatus><BehaviorOnMXFailure>UseDefaultValue</BehaviorOnMXFailure>")
		}
	}
	name := map[string]string{"GetIdentityDkimAttributes": "DkimAttributes", "GetIdentityVerificationAttributes": "VerificationAttributes",
		"GetIdentityMailFromDomainAttributes": "MailFromDomainAttributes"}[action]
	if name == "" {
		return "", "InvalidAction"
	}
	return "<" + name + ">" + b.String() + "</" + name + ">", ""
}

func members(texts []string) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString("<member>" + escape(t) + "</member>")
	}
	return b.String()
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
