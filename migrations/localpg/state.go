package localpg

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is what the data folder remembers, readable by its owner alone (0600).
type state struct {
	Port      int               `json:"port"`
	Passwords map[string]string `json:"passwords"` // by role; for SCRAM
}

const superuser = "postgres"

var loginRoles = []string{superuser, "portico_owner", "portico_app"}

func loadState(dir string) (*state, error) {
	text, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the database's state: %w", err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%s is damaged: remove the folder to begin anew: %w", filepath.Join(dir, "state.json"), err)
	}
	return &s, nil
}

// newState makes passwords; the port is chosen at start.
func newState() *state {
	s := &state{Passwords: make(map[string]string)}
	for _, role := range loginRoles {
		s.Passwords[role] = rand.Text()
	}
	return s
}

// save replaces the file in one step, so that a crash leaves the old or the new one.
func (s *state) save(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	next := filepath.Join(dir, "state.json.next")
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the database's state: %w", err)
	}
	return os.Rename(next, filepath.Join(dir, "state.json"))
}

func randomInt(below int) int {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand.Read panics instead since Go 1.24
	return int(binary.BigEndian.Uint64(raw[:]) % uint64(below))
}
