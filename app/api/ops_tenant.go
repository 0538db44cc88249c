package api

import (
	"context"
	"net/http"
	"time"

	"portico/app/people"
	"portico/tenants"
)

// Tenant is a portal as its own keys see it.
type Tenant struct {
	Slug       string   `json:"slug" example:"house"`
	Name       string   `json:"name" example:"Example House"`
	State      string   `json:"state" enum:"draft,live,suspended,leaving"`
	Address    string   `json:"address" format:"uri" doc:"The canonical address, with which links in letters begin." example:"https://house.portico.example"`
	SignsIn    string   `json:"signs_in_with" enum:"email,username,user_id"`
	Invites    bool     `json:"takes_invitations"`
	KeyName    string   `json:"key_name" doc:"Of the key that asks."`
	KeyMay     []string `json:"key_may" nullable:"false" doc:"The permissions that the key can use now: what it was given, of what its maker holds."`
	KeyActsFor string   `json:"key_acts_for" format:"uuid" doc:"The account that made the key."`
}

// Host is an address of a tenant.
type Host struct {
	Name       string    `json:"name" example:"sign-in.house.example"`
	Verified   bool      `json:"verified" doc:"It answers."`
	VerifiedAt time.Time `json:"verified_at,omitzero"`
}

// Hosts are the addresses of a tenant.
type Hosts struct {
	Items []Host `json:"items" nullable:"false"`
}

type tenantOut struct{ Body Tenant }

type hostsOut struct{ Body Hosts }

func (a *API) tenantOperations() {
	handle(a, operation{id: "get-tenant", method: http.MethodGet, path: "/tenant", tag: tagTenant, summary: "Read the portal", doc: "The portal whose address is asked, and what the key may do there."}, a.getTenant)
	handle(a, operation{id: "list-hosts", method: http.MethodGet, path: "/hosts", tag: tagTenant, summary: "List the portal's own hosts", doc: "Hosts that the portal claims; one answers once it is verified."},
		func(_ context.Context, c *call, _ *struct{}) (*hostsOut, error) {
			return &hostsOut{Body: Hosts{Items: hostsOf(c.tenant())}}, nil
		})
}

func hostsOf(t *tenants.Tenant) []Host {
	all := []Host{}
	for _, h := range t.Hosts {
		one := Host{Name: h.Name}
		if h.VerifiedAt != nil {
			one.Verified, one.VerifiedAt = true, utc(*h.VerifiedAt)
		}
		all = append(all, one)
	}
	return all
}

func (a *API) getTenant(_ context.Context, c *call, _ *struct{}) (*tenantOut, error) {
	t := c.tenant()
	out := Tenant{Slug: t.Slug, Name: t.Name, State: string(t.State), Address: t.Origin + t.BasePath, SignsIn: t.Policy.SignIn.Identifier,
		Invites: people.TakesInvitations(t), KeyName: c.key.Name, KeyMay: []string{}, KeyActsFor: c.key.Subject.ID.String()}
	for _, p := range c.key.Subject.Only {
		if a.may(c, string(p)) {
			out.KeyMay = append(out.KeyMay, string(p))
		}
	}
	return &tenantOut{Body: out}, nil
}
