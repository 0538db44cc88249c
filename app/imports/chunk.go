package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"portico/tenants"
)

// Results of a row.
const (
	New     = "new"
	Changed = "changed"
	Same    = "same"
	Refused = "refused"
	Missing = "missing"
)

// Verdict is what comes of one row: in a dry run what would, after the run what did.
type Verdict struct {
	Line       int    `json:"l"`
	Result     string `json:"r"`
	ExternalID string `json:"i,omitempty"`
	Why        string `json:"w,omitempty"` // of a refusal; each is the end of a key of the catalogue: imports.why_<why>
	Column     int    `json:"c,omitempty"` // of the refusal, from 1
	Detail     string `json:"d,omitempty"` // what the sentence names: a group, a role, a line
}

// errGone means that the rows of an import are not kept any more.
var errGone = errors.New("the rows of this import were removed")

// rowsOf opens the rows of one chunk.
func (m *Imports) rowsOf(ctx context.Context, s *tenants.Scope, id uuid.UUID, n int) ([]Row, error) {
	var rows []Row
	err := m.opened(ctx, s, id, n, "sealed", "rows", &rows)
	return rows, err
}

// verdictsOf opens what came of the rows of one chunk.
func (m *Imports) verdictsOf(ctx context.Context, s *tenants.Scope, id uuid.UUID, n int) ([]Verdict, error) {
	var all []Verdict
	err := m.opened(ctx, s, id, n, "verdicts", "verdicts", &all)
	return all, err
}

func (m *Imports) opened(ctx context.Context, s *tenants.Scope, id uuid.UUID, n int, column, what string, into any) error {
	var sealed []byte
	err := s.Row(ctx, "SELECT "+column+" FROM import_chunks WHERE tenant_id = $1 AND import_id = $2 AND n = $3",
		[]any{s.Tenant(), id, n}, &sealed)
	if err != nil {
		return err
	}
	if len(sealed) == 0 {
		return errGone
	}
	plain, err := m.Seals.Open("import", s.Tenant(), chunkName(id, n, what), sealed)
	if err != nil {
		return fmt.Errorf("%s of chunk %d of import %s: %w", what, n, id, err)
	}
	return json.Unmarshal(plain, into)
}

// keepVerdicts adds the writing of a chunk's verdicts to a batch.
func (m *Imports) keepVerdicts(b *tenants.Batch, s *tenants.Scope, id uuid.UUID, n int, all []Verdict) error {
	plain, err := json.Marshal(all)
	if err != nil {
		return err
	}
	b.Exec("UPDATE import_chunks SET verdicts = $4 WHERE tenant_id = $1 AND import_id = $2 AND n = $3", s.Tenant(), id, n,
		m.Seals.Seal("import", s.Tenant(), chunkName(id, n, "verdicts"), plain))
	return nil
}
