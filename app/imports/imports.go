package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/rbac"
	"portico/tenants"
)

// Imports does the work of this package; its fields are its needs.
type Imports struct {
	DB       *tenants.DB
	Resolver *tenants.Resolver
	Accounts *accounts.Accounts
	Guard    *rbac.Guard
	Seals    tenants.Keyring // rows, and registered contacts
	Log      *slog.Logger
}

// Errors of what somebody asks for.
var (
	ErrState   = errors.New("the import is not in a state for that")
	ErrBusy    = errors.New("another import of this tenant is running")
	ErrTooMany = errors.New("five imports wait already")
	ErrCeiling = errors.New("more people would be disabled than the ceiling allows")
)

// mostWaiting bounds what one tenant can have lying here, rows and all.
const mostWaiting = 5

// State says how far an import has come.
type State string

// The states of an import. Done, Cancelled and Failed are ends; the latter two can be run again, since
// their rows are kept for a week.
const (
	Reading   State = "reading" // the file streams in
	Mapping   State = "mapping" // somebody says which column is which
	Judging   State = "judging" // the dry run
	Judged    State = "judged"
	Running   State = "running"
	Done      State = "done"
	Cancelled State = "cancelled"
	Failed    State = "failed"
)

// By is who imports. The zero account is an operator on the machine, who may do everything.
type By struct {
	Account uuid.UUID
	Key     uuid.UUID // of the API, that acts for the account with what it was given; the zero UUID is none
	Name    string    // as shown later
}

func (by By) keyRef() *uuid.UUID {
	if by.Key == uuid.Nil {
		return nil
	}
	return &by.Key
}

func (by By) ref() *uuid.UUID {
	if by.Account == uuid.Nil {
		return nil
	}
	return &by.Account
}

// Options are chosen beside the columns.
type Options struct {
	DisableMissing bool `json:"disable_missing"` // whoever has an external_id and is not in the file
	Ceiling        int  `json:"ceiling"`         // of those, in percent of the active people with an external_id; 1 to 100
	Invite         bool `json:"invite"`          // whoever has no password yet
}

// DefaultCeiling is the percentage above which nobody is disabled, where nobody chose another.
const DefaultCeiling = 10

// Counts are what came of the rows, or will.
type Counts struct {
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Refused  int `json:"refused"`
	Unread   int `json:"unread"`   // rows whose person cannot be told, or that may hold somebody else's line
	Known    int `json:"known"`    // active people with an external_id
	Missing  int `json:"missing"`  // of them: not in the file
	Kept     int `json:"kept"`     // of the missing: never disabled by this importer, or the last owner
	Disabled int `json:"disabled"` // of the missing: done
	Invites  int `json:"invites"`  // people who are to be invited
}

// Over tells whether disabling whoever is missing goes beyond a ceiling in percent.
func (c Counts) Over(ceiling int) bool { return c.Missing*100 > ceiling*c.Known }

// Import is one file on its way.
type Import struct {
	ID        uuid.UUID
	State     State
	FileName  string
	Headings  []string
	Fields    []Field // one for each heading
	Options   Options
	Counts    Counts // of what goes on or ended last
	Foreseen  Counts // of the dry run
	Rows      int
	Chunks    int
	NextChunk int
	Reason    string
	By        By
	Waves     string    // "", going, stopped, done
	Told      time.Time // until when notices to people leave, in real time; zero: none did
	CreatedAt time.Time
	UpdatedAt time.Time
	EndedAt   time.Time // zero: not yet
}

// Version tells one dry run from another: it changes with whatever changes the import.
func (i Import) Version() int64 { return i.UpdatedAt.UnixMicro() }

// Percent is how far the dry run or the run has come, 0 to 100.
func (i Import) Percent() int {
	if i.Chunks == 0 {
		return 0
	}
	return min(100, i.NextChunk*100/i.Chunks)
}

// Moving tells whether a worker has something to do for it just now.
func (i Import) Moving() bool { return i.State == Judging || i.State == Running }

const importColumns = `id, state, file_name, headings, mapping, options, counts, foreseen, rows, chunks, next_chunk, reason,
	by_account, by_key, by_name, waves, told_until, created_at, updated_at, ended_at`

func scanImport(scan func(...any) error) (Import, error) {
	var i Import
	var headings, mapping, options, counts, foreseen []byte
	var by, key *uuid.UUID
	var told, ended *time.Time
	err := scan(&i.ID, &i.State, &i.FileName, &headings, &mapping, &options, &counts, &foreseen, &i.Rows, &i.Chunks, &i.NextChunk,
		&i.Reason, &by, &key, &i.By.Name, &i.Waves, &told, &i.CreatedAt, &i.UpdatedAt, &ended)
	if err != nil {
		return i, err
	}
	for into, text := range map[any][]byte{&i.Headings: headings, &i.Fields: mapping, &i.Options: options, &i.Counts: counts, &i.Foreseen: foreseen} {
		if err := json.Unmarshal(text, into); err != nil {
			return i, fmt.Errorf("import %s: %w", i.ID, err)
		}
	}
	if by != nil {
		i.By.Account = *by
	}
	if key != nil {
		i.By.Key = *key
	}
	if told != nil {
		i.Told = *told
	}
	if ended != nil {
		i.EndedAt = *ended
	}
	return i, nil
}

// Get reads one import; tenants.ErrNotFound.
func (m *Imports) Get(ctx context.Context, tenant tenants.ID, id uuid.UUID) (i Import, err error) {
	err = m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		i, err = readImport(ctx, s, id, "")
		return err
	})
	return i, err
}

func readImport(ctx context.Context, s *tenants.Scope, id uuid.UUID, lock string) (Import, error) {
	var i Import
	found := false
	err := s.Each(ctx, "SELECT "+importColumns+" FROM imports WHERE tenant_id = $1 AND id = $2"+lock, []any{s.Tenant(), id},
		func(scan func(...any) error) (err error) {
			i, err = scanImport(scan)
			found = true
			return err
		})
	if err == nil && !found {
		err = tenants.ErrNotFound
	}
	return i, err
}

// holdImport reads an import and holds it. They wait in a row for it: a worker that goes from step to step would
// take the row again and again before somebody who waits for it wakes up, and nobody could ever cancel.
func holdImport(ctx context.Context, s *tenants.Scope, id uuid.UUID, also string) (Import, error) {
	if _, err := s.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('import:' || $1::uuid::text, 0))", id); err != nil {
		return Import{}, err
	}
	return readImport(ctx, s, id, also+" FOR UPDATE")
}

// List is the tenant's imports of the last week, the newest first, fifty at most.
func (m *Imports) List(ctx context.Context, tenant tenants.ID) (all []Import, err error) {
	err = m.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		return s.Each(ctx, "SELECT "+importColumns+" FROM imports WHERE tenant_id = $1 AND state <> 'reading' ORDER BY created_at DESC, id LIMIT 50",
			[]any{s.Tenant()}, func(scan func(...any) error) error {
				i, err := scanImport(scan)
				all = append(all, i)
				return err
			})
	})
	return all, err
}
