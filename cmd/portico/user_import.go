package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"portico/app/audit"
	"portico/app/imports"
	"portico/tenants"
	"portico/themes"
)

type userImport struct {
	config
	Tenant         string            `arg:"" help:"The tenant's slug."`
	File           string            `short:"f" required:"" help:"The file: CSV in UTF-8 with headings in its first row, 32 MiB at most." type:"existingfile"`
	Map            map[string]string `help:"What a heading means: HEADING=FIELD; an empty field leaves the column out. May be repeated. Others are guessed." placeholder:"HEADING=FIELD"`
	DryRun         bool              `help:"Say what would happen and change nothing."`
	Invite         bool              `help:"Invite whoever has no password yet; instances that serve send the letters."`
	DisableMissing bool              `help:"Disable people with an external_id who are not in the file."`
	Ceiling        int               `help:"Disable nobody when more than this percentage would be." default:"10"`
	By             string            `help:"Who imports, for the audit." default:"operator"`
	JSON           bool              `help:"As JSON."`
}

// imported is what `user import --json` prints.
type imported struct {
	Import  string            `json:"import"`
	State   string            `json:"state"`
	Reason  string            `json:"reason,omitempty"`
	Columns map[string]string `json:"columns"`
	Counts  imports.Counts    `json:"counts"`
	Refused []refusedRow      `json:"refused"` // the first hundred
}

type refusedRow struct {
	Line       int    `json:"line"`
	ExternalID string `json:"external_id"`
	Column     string `json:"column,omitempty"`
	Why        string `json:"why"`
	Sentence   string `json:"sentence"`
}

// Run reads the file, judges each row, and unless it is a dry run writes what changes. Rows that are refused
// stop nothing; a file that cannot be read, or more missing people than the ceiling allows, is an error.
func (u *userImport) Run(ctx context.Context) error {
	p, err := u.operate()
	if err != nil {
		return err
	}
	defer p.close()
	t, err := p.resolver.BySlug(ctx, u.Tenant)
	if errors.Is(err, tenants.ErrNoTenant) {
		return fmt.Errorf("there is no tenant %q", u.Tenant)
	}
	if err != nil {
		return err
	}
	ctx = audit.With(ctx, audit.Origin{Actor: audit.Operator})
	m := p.imports.Imports
	i, err := u.judged(ctx, m, t)
	if err == nil && !u.DryRun {
		if err = m.Start(ctx, t.ID, i.ID, imports.By{Name: u.By}); err != nil {
			err = errors.Join(err, m.Discard(ctx, t.ID, i.ID)) // nothing was written; five that wait would stop the next file
		} else {
			i, err = u.worked(ctx, m, t, i)
		}
	}
	if errors.Is(err, imports.ErrCeiling) {
		err = fmt.Errorf("%d of %d people would be disabled, more than %d %%: %w", i.Counts.Missing, i.Counts.Known, u.Ceiling, err)
	}
	if err != nil {
		return err
	}
	out, err := u.outcome(ctx, p, m, t, i)
	if err == nil && (u.DryRun || i.State != imports.Done) { // whoever starts the verb again starts anew
		err = m.Discard(ctx, t.ID, i.ID)
	}
	if err != nil {
		return err
	}
	u.print(out)
	if i.State == imports.Failed {
		return fmt.Errorf("the import stopped: %s", i.Reason)
	}
	return nil
}

// judged reads the file and makes the dry run.
func (u *userImport) judged(ctx context.Context, m *imports.Imports, t *tenants.Tenant) (imports.Import, error) {
	file, err := os.Open(u.File)
	if err != nil {
		return imports.Import{}, err
	}
	defer func() { _ = file.Close() }()
	if about, err := file.Stat(); err == nil && about.Size() > imports.MaxBytes {
		return imports.Import{}, fmt.Errorf("%s is larger than 32 MiB; split it", u.File)
	}
	by := imports.By{Name: u.By}
	id, err := m.Receive(ctx, t.ID, by, file.Name(), file)
	if err != nil {
		return imports.Import{}, err
	}
	i, err := m.Get(ctx, t.ID, id)
	if err != nil {
		return i, err
	}
	for heading, field := range u.Map {
		n := slices.Index(i.Headings, heading)
		if n < 0 {
			return i, errors.Join(fmt.Errorf("--map: the file has no heading %q; it has %s", heading, strings.Join(i.Headings, ", ")), m.Discard(ctx, t.ID, id))
		}
		i.Fields[n] = imports.Field(field)
	}
	err = m.Judge(ctx, t.ID, id, by, i.Fields, imports.Options{DisableMissing: u.DisableMissing, Ceiling: u.Ceiling, Invite: u.Invite})
	if err != nil {
		return i, errors.Join(err, m.Discard(ctx, t.ID, id))
	}
	i, err = u.worked(ctx, m, t, i)
	if err == nil && i.State != imports.Judged {
		err = errors.Join(fmt.Errorf("the rows could not be judged: %s", i.Reason), m.Discard(ctx, t.ID, id))
	}
	return i, err
}

func (u *userImport) worked(ctx context.Context, m *imports.Imports, t *tenants.Tenant, i imports.Import) (imports.Import, error) {
	if err := m.RunHere(ctx, t.ID, i.ID); err != nil {
		return i, err
	}
	return m.Get(ctx, t.ID, i.ID)
}

func (u *userImport) outcome(ctx context.Context, p *portal, m *imports.Imports, t *tenants.Tenant, i imports.Import) (imported, error) {
	out := imported{Import: i.ID.String(), State: string(i.State), Reason: i.Reason, Columns: map[string]string{}, Counts: i.Counts, Refused: []refusedRow{}}
	for n, h := range i.Headings {
		out.Columns[h] = string(i.Fields[n])
	}
	brand := themes.PlatformBrand("")
	err := m.Report(ctx, t.ID, i, func(v imports.Verdict) error {
		if v.Result == imports.Refused && len(out.Refused) < 100 {
			row := refusedRow{Line: v.Line, ExternalID: v.ExternalID, Why: v.Why,
				Sentence: p.renderer.Text(brand, "en", "imports.why_"+v.Why, map[string]any{"detail": v.Detail})}
			if v.Column > 0 && v.Column <= len(i.Headings) {
				row.Column = i.Headings[v.Column-1]
			}
			out.Refused = append(out.Refused, row)
		}
		return nil
	})
	return out, err
}

func (u *userImport) print(out imported) {
	if u.JSON {
		_ = printJSON(out)
		return
	}
	c := out.Counts
	fmt.Printf("%s: %d new, %d changed, %d as they are, %d refused\n", out.State, c.New, c.Changed, c.Same, c.Refused)
	if u.DisableMissing {
		fmt.Printf("missing from the file: %d of %d; disabled: %d; kept: %d\n", c.Missing, c.Known, c.Disabled, c.Kept)
	}
	if out.Reason != "" {
		fmt.Println("note:", out.Reason)
	}
	for _, r := range out.Refused {
		fmt.Printf("line %d %s %s: %s\n", r.Line, r.ExternalID, r.Column, r.Sentence)
	}
}
