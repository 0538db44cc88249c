package tenants

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ErrSecret means that a secret which a tenant file names could not be read. The text names the
// reference, never the value.
var ErrSecret = errors.New("the secret cannot be read")

const (
	secretRule = "says where the secret is and never the secret itself: env:NAME with a name that begins with PORTICO_TENANT_, or file:PATH inside the tenant file's folder"
	secretMost = 4096

	pictureMost = 4 << 20
)

// envName keeps the process's own secrets out of reach: a tenant's file could otherwise carry the seal
// keys or a database password to a relay of its own. PORTICO_DEMO_ is the demo's.
var envName = regexp.MustCompile(`^PORTICO_(TENANT|DEMO)_[A-Z0-9_]{1,110}$`)

// SecretRef tells whether s says where a secret is: env:PORTICO_TENANT_…, or file:PATH with a path that stays
// inside the tenant file's folder.
func SecretRef(s string) bool {
	if name, ok := strings.CutPrefix(s, "env:"); ok {
		return envName.MatchString(name)
	}
	path, ok := strings.CutPrefix(s, "file:")
	return ok && localFile(path)
}

// localFile tells whether path is relative, clean and without a step upwards.
func localFile(path string) bool {
	return path != "" && len(path) <= 255 && filepath.IsLocal(path) && filepath.ToSlash(filepath.Clean(path)) == path &&
		!strings.Contains(path, `\`) && path != "."
}

// Secrets reads what a tenant file names and does not hold. The zero value reads nothing.
type Secrets struct {
	Env func(name string) (value string, ok bool) // os.LookupEnv
	Dir string                                    // the tenant file's folder; "" has no files
}

// Read fetches one secret. One line break at its end is taken off, as editors leave it. Files are opened
// below Dir only, symbolic links that lead out of it included; more than 4 KiB is refused.
func (s Secrets) Read(ref string) (string, error) {
	fail := func(why string) (string, error) { return "", fmt.Errorf("%w: %s %s", ErrSecret, ref, why) }
	if !SecretRef(ref) {
		return "", fmt.Errorf("%w: %s", ErrSecret, secretRule)
	}
	if name, ok := strings.CutPrefix(ref, "env:"); ok {
		if s.Env == nil {
			return fail("is not available here")
		}
		value, ok := s.Env(name)
		if !ok || value == "" {
			return fail("is not set")
		}
		return value, nil
	}
	if s.Dir == "" {
		return fail("has no folder to be read from")
	}
	data, err := readBelow(s.Dir, strings.TrimPrefix(ref, "file:"), secretMost)
	if err != nil {
		return fail(err.Error())
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if value == "" {
		return fail("is empty")
	}
	return value, nil
}

// Picture reads a picture that a tenant file names, at most 4 MiB, from below Dir only.
func (s Secrets) Picture(path string) ([]byte, error) {
	if s.Dir == "" || !localFile(path) {
		return nil, errors.New("has no folder to be read from")
	}
	return readBelow(s.Dir, path, pictureMost)
}

// readBelow reads a regular file inside dir; os.Root refuses every way out, links included.
func readBelow(dir, path string, most int64) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.New("lies in a folder that cannot be opened")
	}
	defer func() { _ = root.Close() }()
	info, err := root.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("is not a file inside the tenant file's folder")
	}
	file, err := root.Open(path)
	if err != nil {
		return nil, errors.New("cannot be opened")
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, errors.New("cannot be read")
	case int64(len(data)) > most:
		return nil, fmt.Errorf("has more than %d bytes", most)
	}
	return data, nil
}

// ReadFile reads a tenant file from disk: a YAML file, or a folder with tenant.yaml in it. dir is the
// folder against which its references are read.
func ReadFile(path string) (file File, dir string, faults []Fault, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, "", nil, fmt.Errorf("tenant file: %w", err)
	}
	dir, name := filepath.Dir(path), filepath.Base(path)
	if info.IsDir() {
		dir, name = path, "tenant.yaml"
	}
	data, err := readBelow(dir, name, FileMost)
	if err != nil {
		return File{}, "", nil, fmt.Errorf("tenant file: %s %w", filepath.Join(dir, name), err)
	}
	file, faults = ParseFile(data)
	return file, dir, faults, nil
}
