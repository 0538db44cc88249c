package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// chunkRows is how many rows are sealed, judged and written together.
const chunkRows = 1_000

// readingLife is how long a file may stream in at most, before it counts as one whose process died.
const readingLife = 30 * time.Minute

// Receive reads a file as it streams in and keeps its rows, sealed. *FileError names what is wrong and
// where; ErrTooMany; the source's own errors pass. Nothing stays of a file that could not be read to its end.
func (m *Imports) Receive(ctx context.Context, tenant tenants.ID, by By, name string, source io.Reader) (uuid.UUID, error) {
	in, err := NewReader(source)
	if err != nil {
		return uuid.Nil, err
	}
	id := tenants.NewID()
	if err := m.open(ctx, tenant, id, by, name, in.Headings()); err != nil {
		return uuid.Nil, err
	}
	rows, chunks, err := m.keepAll(ctx, tenant, id, in)
	if err == nil && rows == 0 {
		err = &FileError{Reason: "empty", Line: 2, Column: 1}
	}
	if err == nil {
		err = m.close(ctx, tenant, id, in.Headings(), rows, chunks)
	}
	if err != nil {
		return uuid.Nil, errors.Join(err, m.drop(context.WithoutCancel(ctx), tenant, id))
	}
	return id, nil
}

func (m *Imports) open(ctx context.Context, tenant tenants.ID, id uuid.UUID, by By, name string, headings []string) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		// One file after the other is counted; those whose process died while they streamed in count no more.
		var waiting int
		b := &tenants.Batch{}
		b.Exec("SELECT pg_advisory_xact_lock(hashtextextended('imports:' || $1::uuid::text, 0))", s.Tenant())
		b.Exec("DELETE FROM imports WHERE tenant_id = $1 AND state = 'reading' AND updated_at < $2", s.Tenant(), s.Now().Add(-readingLife))
		b.Row(nil, "SELECT count(*) FROM imports WHERE tenant_id = $1 AND state <> 'done'", []any{s.Tenant()}, &waiting)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if waiting >= mostWaiting {
			return ErrTooMany
		}
		_, err := s.Exec(ctx, `INSERT INTO imports (tenant_id, id, state, file_name, headings, by_account, by_name, by_key, created_at, updated_at)
			VALUES ($1, $2, 'reading', $3, $4, $5, $6, $8, $7, $7)`, s.Tenant(), id, cut(name, 200), headings, by.ref(), by.Name, s.Now(), by.keyRef())
		return err
	})
}

// keepAll writes a chunk a transaction: none stays open while a slow network brings the rest.
func (m *Imports) keepAll(ctx context.Context, tenant tenants.ID, id uuid.UUID, in *Reader) (rows, chunks int, err error) {
	for end := false; !end; {
		var all []Row
		for len(all) < chunkRows {
			row, err := in.Next()
			if end = errors.Is(err, io.EOF); end {
				break
			}
			if err != nil {
				return rows, chunks, err
			}
			all = append(all, row)
		}
		if len(all) == 0 {
			break
		}
		if err := m.keep(ctx, tenant, id, chunks, all); err != nil {
			return rows, chunks, err
		}
		rows, chunks = rows+len(all), chunks+1
	}
	return rows, chunks, nil
}

func (m *Imports) keep(ctx context.Context, tenant tenants.ID, id uuid.UUID, n int, rows []Row) error {
	plain, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		_, err := s.Exec(ctx, "INSERT INTO import_chunks (tenant_id, import_id, n, sealed) VALUES ($1, $2, $3, $4)",
			s.Tenant(), id, n, m.Seals.Seal("import", s.Tenant(), chunkName(id, n, "rows"), plain))
		return err
	})
}

// chunkName binds what is sealed to its place.
func chunkName(id uuid.UUID, n int, what string) string { return fmt.Sprintf("%s/%d/%s", id, n, what) }

// close ends the reading: now the columns are to be named, as last time or as their headings say.
func (m *Imports) close(ctx context.Context, tenant tenants.ID, id uuid.UUID, headings []string, rows, chunks int) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		kept, err := keptMapping(ctx, s)
		if err != nil {
			return err
		}
		_, err = s.Exec(ctx, `UPDATE imports SET state = 'mapping', mapping = $3, options = $4, rows = $5, chunks = $6, updated_at = $7
			WHERE tenant_id = $1 AND id = $2`, s.Tenant(), id, guess(headings, kept), Options{Ceiling: DefaultCeiling}, rows, chunks, s.Now())
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.ImportReceived, Outcome: audit.Success, Details: map[string]any{"import": id, "rows": rows}})
	})
}

func (m *Imports) drop(ctx context.Context, tenant tenants.ID, id uuid.UUID) error {
	return m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		_, err := s.Exec(ctx, "DELETE FROM imports WHERE tenant_id = $1 AND id = $2", s.Tenant(), id)
		return err
	})
}

func keptMapping(ctx context.Context, s *tenants.Scope) (map[string]Field, error) {
	kept := map[string]Field{}
	err := s.Each(ctx, "SELECT columns FROM import_mappings WHERE tenant_id = $1", []any{s.Tenant()}, func(scan func(...any) error) error {
		var text []byte
		if err := scan(&text); err != nil {
			return err
		}
		return json.Unmarshal(text, &kept)
	})
	return kept, err
}
