package tenantfile

import (
	"context"
	"errors"

	"portico/tenants"
)

// Export is the tenant as a file: every section that anybody has stated, the policy as its preset and
// what differs, groups with an external id. People are left out, and secrets are where they were, as
// references. Applying the export changes nothing. ErrNoTenant when there is no such slug.
func (f *Files) Export(ctx context.Context, slug string) ([]byte, error) {
	s, err := f.stateOf(ctx, slug)
	if err != nil {
		return nil, err
	}
	return s.file().YAML()
}

// stateOf reads a tenant as exports need it, with the theme's pictures.
func (f *Files) stateOf(ctx context.Context, slug string) (state, error) {
	s := state{slug: slug}
	err := f.DB.AcrossAll(ctx, tenants.ForTenantFile, func(a *tenants.Across) error {
		err := a.Row(ctx, "SELECT id FROM tenants WHERE slug = $1", []any{slug}, &s.id)
		if errors.Is(err, tenants.ErrNotFound) {
			return ErrNoTenant
		}
		if err != nil {
			return err
		}
		s.found = true
		if err := s.read(ctx, a); err != nil {
			return err
		}
		return a.In(ctx, s.id, func(scope *tenants.Scope) error { return s.readPictures(ctx, scope) })
	})
	return s, err
}

// file turns a state into the file that says it.
func (s state) file() tenants.File {
	f := tenants.File{
		Portico: tenants.FileFormat, Slug: s.slug, Name: s.name, State: s.state, Hosts: []tenants.FileHost{},
		Policy: s.policy, Theme: s.theme, Words: s.words, Sender: withoutSecrets(s.sender), Portal: s.portal, Groups: []tenants.FileGroup{},
	}
	for _, h := range s.hosts {
		f.Hosts = append(f.Hosts, tenants.FileHost{Host: h.Name, Canonical: h.Name == s.canonical})
	}
	for _, p := range s.pictures {
		f.Images = append(f.Images, p.FileImage)
	}
	written := map[string]bool{"": true}
	for more := true; more; { // parents first; among siblings by external id, as they were read
		more = false
		for _, g := range s.groups {
			if !g.unspoken && !written[g.external] && written[g.up] {
				f.Groups = append(f.Groups, tenants.FileGroup{ExternalID: g.external, Kind: g.kind, Name: g.name, Parent: g.up})
				written[g.external], more = true, true
			}
		}
	}
	return f
}
