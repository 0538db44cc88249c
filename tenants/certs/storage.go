package certs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"

	"portico/tenants"
)

// storage keeps what certmagic keeps (certificates, keys, accounts, open challenges) in rows that all instances
// share. Values are sealed with the platform's keys, each bound to its name.
type storage struct {
	db    *tenants.DB
	seals tenants.Keyring
	locks locks
}

var _ certmagic.Storage = (*storage)(nil)

// sealedFor is the purpose under which files are sealed; they belong to no tenant.
const sealedFor = "certificates"

// Store puts a value at a name, over whatever is there.
func (s *storage) Store(ctx context.Context, name string, value []byte) error {
	sealed := s.seals.Seal(sealedFor, tenants.ID{}, name, value)
	return s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, `INSERT INTO platform.certificate_files (name, sealed, size, changed_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, size = excluded.size, changed_at = excluded.changed_at`,
			name, sealed, len(value), a.Now())
		return err
	})
}

// Load reads a value; fs.ErrNotExist.
func (s *storage) Load(ctx context.Context, name string) ([]byte, error) {
	var sealed []byte
	err := s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		return a.Row(ctx, "SELECT sealed FROM platform.certificate_files WHERE name = $1", []any{name}, &sealed)
	})
	if err != nil {
		return nil, absent(err)
	}
	value, err := s.seals.Open(sealedFor, tenants.ID{}, name, sealed)
	if err != nil {
		return nil, fmt.Errorf("certificate file %s: %w", name, err)
	}
	return value, nil
}

// Delete removes a name and everything below it; what is not there is removed already.
func (s *storage) Delete(ctx context.Context, name string) error {
	return s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, "DELETE FROM platform.certificate_files WHERE name = $1 OR starts_with(name, $2)", name, name+"/")
		return err
	})
}

// Exists tells whether a name is there, or anything below it; false too when that cannot be known.
func (s *storage) Exists(ctx context.Context, name string) bool {
	found := false
	err := s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		return a.Row(ctx, "SELECT EXISTS (SELECT FROM platform.certificate_files WHERE name = $1 OR starts_with(name, $2))", []any{name, name + "/"}, &found)
	})
	return err == nil && found
}

// List names what stands below a path, with everything below that when recursive.
func (s *storage) List(ctx context.Context, path string, recursive bool) (names []string, err error) {
	prefix := strings.TrimSuffix(path, "/") + "/"
	if prefix == "/" {
		prefix = ""
	}
	seen := map[string]bool{}
	err = s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT name FROM platform.certificate_files WHERE starts_with(name, $1) ORDER BY name", []any{prefix}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			if below, _, deep := strings.Cut(name[len(prefix):], "/"); deep && !recursive {
				name = prefix + below
			}
			if !seen[name] {
				seen[name], names = true, append(names, name)
			}
			return err
		})
	})
	if err == nil && len(names) == 0 {
		err = fs.ErrNotExist
	}
	slices.Sort(names)
	return names, err
}

// Stat tells size and age of a name; fs.ErrNotExist.
func (s *storage) Stat(ctx context.Context, name string) (certmagic.KeyInfo, error) {
	info := certmagic.KeyInfo{Key: name}
	var changed *time.Time
	err := s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) error {
		return a.Row(ctx, `SELECT bool_or(name = $1), coalesce(max(size) FILTER (WHERE name = $1), 0), max(changed_at)
			FROM platform.certificate_files WHERE name = $1 OR starts_with(name, $2) HAVING count(*) > 0`, []any{name, name + "/"},
			&info.IsTerminal, &info.Size, &changed)
	})
	if changed != nil {
		info.Modified = *changed
	}
	return info, absent(err)
}

func absent(err error) error {
	if errors.Is(err, tenants.ErrNotFound) {
		return fs.ErrNotExist
	}
	return err
}
