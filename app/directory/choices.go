package directory

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"portico/app/access"
	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/tenantfile"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// ErrPastDraft means that a step belongs to the customer's own console once they are live.
var ErrPastDraft = errors.New("directory: the customer looks after this in their own console")

// ErrPreset means that there is no such preset, ErrLook that a colour or layout is none, ErrKind that nobody
// signs in by such an identifier.
var (
	ErrPreset = errors.New("directory: no such preset")
	ErrLook   = errors.New("directory: no such look")
	ErrKind   = errors.New("directory: no such kind of identifier")
)

// ChoosePreset gives a draft the rules of a preset; what was chosen for signing in before is to be chosen anew.
func (d *Directory) ChoosePreset(ctx context.Context, by By, slug, preset string) error {
	policy, ok := tenants.Preset(preset)
	policy = policy.Available()
	if !ok {
		return ErrPreset
	}
	return d.choose(ctx, by, slug, StepPreset, map[string]any{"preset": preset}, func(_ *tenants.Tenant, f *tenants.File) error {
		f.Policy = &policy
		return nil
	})
}

// Look is what staff choose of a look; the brand refines it in its own console.
type Look struct {
	Name      string // of the customer, as people read it
	SiteTitle string // "" is the name
	Accent    string // #rrggbb
	Layout    string // card, stepper, portal
}

// LookOf is the look as it is.
func LookOf(t *tenants.Tenant) Look {
	theme, err := themes.ParseTheme(t.Theme)
	if err != nil {
		theme = themes.DefaultTheme()
	}
	return Look{Name: t.Name, SiteTitle: theme.SiteTitle, Accent: theme.Colors.Accent, Layout: theme.Layout}
}

// LookFault is what is wrong with a look: sentences of themes.Validate, such as too little contrast.
type LookFault struct{ Faults []string }

func (e *LookFault) Error() string { return strings.Join(e.Faults, "; ") }

// ChooseLook sets name, colour and layout of a draft; the rest of its theme stays. *LookFault, ErrName.
func (d *Directory) ChooseLook(ctx context.Context, by By, slug string, l Look) error {
	l.Name = strings.Join(strings.Fields(l.Name), " ")
	if l.Name == "" || len([]rune(l.Name)) > 200 {
		return ErrName
	}
	return d.choose(ctx, by, slug, StepLook, map[string]any{"accent": l.Accent, "layout": l.Layout}, func(t *tenants.Tenant, f *tenants.File) error {
		theme, err := themes.ParseTheme(t.Theme)
		if err != nil {
			theme = themes.DefaultTheme()
		}
		theme.SiteTitle, theme.Colors.Accent, theme.Layout = strings.Join(strings.Fields(l.SiteTitle), " "), strings.ToLower(strings.TrimSpace(l.Accent)), l.Layout
		if faults := theme.Validate(); len(faults) > 0 {
			return &LookFault{faults}
		}
		f.Name = l.Name
		f.Theme, err = json.Marshal(theme)
		return err
	})
}

// SignInKinds are the identifiers that people may sign in with.
func SignInKinds() []string { return []string{accounts.Email, accounts.Username, accounts.UserID} }

// ChooseSignIn sets what people sign in with, and whether administrators need a second factor. *tenantfile.Refused
// where the rules of the preset and the choice cannot both be.
func (d *Directory) ChooseSignIn(ctx context.Context, by By, slug, identifier string, factor bool) error {
	if !slices.Contains(SignInKinds(), identifier) {
		return ErrKind
	}
	return d.choose(ctx, by, slug, StepSignIn, map[string]any{"identifier": identifier, "factor": factor}, func(t *tenants.Tenant, f *tenants.File) error {
		p := t.Policy
		p.SignIn.Identifier = identifier
		if p.MFA.Admins = ""; factor {
			p.MFA.Admins = "required"
			if !slices.Contains(p.Gates.MethodsRegister, "totp") {
				p.Gates.MethodsRegister = append(slices.Clone(p.Gates.MethodsRegister), "totp")
			}
			if p.MFA.SignIn == "off" {
				p.MFA.SignIn = "optional"
			}
		}
		f.Policy = &p
		return nil
	})
}

// choose changes a draft the way a file does, and notes the step.
func (d *Directory) choose(ctx context.Context, by By, slug, step string, details map[string]any, change func(*tenants.Tenant, *tenants.File) error) error {
	t, err := d.tenant(ctx, slug)
	if err != nil {
		return err
	}
	if t.State != tenants.Draft {
		return ErrPastDraft
	}
	file := tenants.File{Portico: tenants.FileFormat, Slug: t.Slug, Name: t.Name}
	if err := change(t, &file); err != nil {
		return err
	}
	if undone := undoes[step]; len(undone) > 0 { // before the change: whatever a crash leaves, nothing counts as tried that was not
		err := d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
			_, err := a.Exec(ctx, "DELETE FROM platform.onboarding WHERE tenant_id = $1 AND step = ANY ($2)", t.ID, undone)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := d.apply(ctx, by, file, func(tenantfile.Plan) error { return nil }); err != nil {
		return err
	}
	return d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error { return mark(ctx, a, by, t.ID, step, details) })
}

// undoes are the steps that a choice makes undone: what people sign in with belongs to the rules, and a test run to both.
var undoes = map[string][]string{StepPreset: {StepSignIn, StepTrial}, StepSignIn: {StepTrial}}

// Admin is somebody who is to look after the brand.
type Admin struct {
	Name, Email string
	Identifier  string // with which they sign in, where that is no mail address
	Locale      string
}

// AddAdmin makes the first administrators of a customer. Of a draft the invitation waits for the first day. Of one that
// is live it leaves at once, and only where nobody could let anybody in: staff give nobody rights beside those whom the
// customer looks after itself (ErrPastDraft). accounts.ErrBadIdentifier, accounts.ErrTaken, ErrName.
func (d *Directory) AddAdmin(ctx context.Context, by By, slug string, who Admin) error {
	t, err := d.tenant(ctx, slug)
	if err != nil {
		return err
	}
	if who.Name = strings.Join(strings.Fields(who.Name), " "); who.Name == "" || len([]rune(who.Name)) > 200 {
		return ErrName
	}
	ids := map[string]string{accounts.Email: strings.TrimSpace(who.Email)}
	if kind := t.Policy.SignIn.Identifier; kind != accounts.Email {
		ids[kind] = strings.TrimSpace(who.Identifier)
		if ids[kind] == "" {
			return accounts.ErrBadIdentifier
		}
	}
	ctx = audit.With(ctx, audit.Origin{Actor: by.Actor, ClientAddress: audit.From(ctx).ClientAddress, RequestID: audit.From(ctx).RequestID})
	return d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		_, state, err := idOf(ctx, a, slug)
		if err != nil {
			return err
		}
		err = a.In(ctx, t.ID, func(s *tenants.Scope) error {
			if err := mayAddAdmin(ctx, s, state); err != nil {
				return err
			}
			id, err := d.Accounts.Create(ctx, s, accounts.New{DisplayName: who.Name, Locale: who.Locale, Identifiers: ids})
			if err != nil {
				return err
			}
			_, err = s.Exec(ctx, "INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
				s.Tenant(), tenants.NewID(), id, rbac.BrandAdmin, by.Actor, s.Now())
			if err != nil {
				return err
			}
			err = audit.Write(ctx, s, audit.Event{Kind: audit.RoleChanged, Outcome: audit.Success, AccountID: &id, Details: map[string]any{"given": rbac.BrandAdmin}})
			if err != nil || t.State != tenants.Live {
				return err
			}
			_, err = d.Accounts.InviteAgain(ctx, s, t, id, by.Actor)
			return err
		})
		if err != nil {
			return err
		}
		return mark(ctx, a, by, t.ID, StepAdmin, nil)
	})
}

// mayAddAdmin is nil for a draft, and for a live customer whose console nobody could open.
func mayAddAdmin(ctx context.Context, s *tenants.Scope, state tenants.State) error {
	if state == tenants.Draft {
		return nil
	}
	var owners int
	if err := s.Row(ctx, "SELECT count(*) FROM ("+access.OwnersSQL+") o", []any{s.Tenant(), rbac.Owners()}, &owners); err != nil {
		return err
	}
	if state != tenants.Live || owners > 0 {
		return ErrPastDraft
	}
	return nil
}

// inviteAdmins writes to those who were made administrators of a draft and have no password yet.
func (d *Directory) inviteAdmins(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, by By) error {
	type waiting struct{ id tenants.ID }
	var all []waiting
	err := s.Each(ctx, `SELECT DISTINCT x.id FROM role_assignments r JOIN accounts x ON x.tenant_id = r.tenant_id AND x.id = r.account_id
		WHERE r.tenant_id = $1 AND r.role = ANY ($2) AND r.scope_id IS NULL AND x.status = 'active' AND x.sign_in = 'local' AND x.password IS NULL
		ORDER BY x.id LIMIT 50`, []any{s.Tenant(), rbac.Owners()}, func(scan func(...any) error) error {
		var w waiting
		err := scan(&w.id)
		all = append(all, w)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range all {
		if _, err := d.Accounts.InviteAgain(ctx, s, t, w.id, by.Actor); err != nil && !errors.Is(err, accounts.ErrNotInvited) {
			return err
		}
	}
	return nil
}
