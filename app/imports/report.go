package imports

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"portico/tenants"
)

// Report hands what came of each row to each, in the order of the file; people who are missing from it come
// last. Before a dry run there is none. Each chunk is read in a transaction of its own.
func (m *Imports) Report(ctx context.Context, tenant tenants.ID, i Import, each func(Verdict) error) error {
	for n := range i.Chunks + 1 {
		var all []Verdict
		err := m.DB.In(ctx, tenant, func(s *tenants.Scope) (err error) {
			all, err = m.verdictsOf(ctx, s, i.ID, n)
			return err
		})
		if errors.Is(err, tenants.ErrNotFound) || errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return err
		}
		for _, v := range all {
			if err := each(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// First is the first few rows of each result, for showing; it reads only as far as it must.
func (m *Imports) First(ctx context.Context, tenant tenants.ID, i Import, most int) (map[string][]Verdict, error) {
	enough := errors.New("enough")
	first := map[string][]Verdict{}
	err := m.Report(ctx, tenant, i, func(v Verdict) error {
		if len(first[v.Result]) < most {
			first[v.Result] = append(first[v.Result], v)
		}
		for result, n := range map[string]int{New: i.Foreseen.New, Changed: i.Foreseen.Changed, Refused: i.Foreseen.Refused, Missing: i.Foreseen.Missing - i.Foreseen.Kept} {
			if len(first[result]) < min(n, most) {
				return nil
			}
		}
		return enough
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return first, err
}

// Sample is the first rows of the file, for the mapping; nil once they were wiped.
func (m *Imports) Sample(ctx context.Context, tenant tenants.ID, id uuid.UUID, most int) (rows []Row, err error) {
	err = m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		rows, err = m.rowsOf(ctx, s, id, 0)
		return err
	})
	if errors.Is(err, errGone) {
		return nil, nil
	}
	return rows[:min(len(rows), most)], err
}
