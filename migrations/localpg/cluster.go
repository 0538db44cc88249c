package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrVersion says that the data was made by another major version than any that is installed.
var ErrVersion = errors.New("the database's files need another PostgreSQL")

// choose finds the binaries for the cluster at base: the best ones for a new cluster, those of the
// same major version for one that exists (a distribution's upgrade may have brought a newer one).
func (s *Server) choose(ctx context.Context) (binaries, error) {
	candidates := installed(ctx)
	if s.options.Binaries != "" {
		b, err := inspect(ctx, s.options.Binaries)
		if err != nil {
			return b, fmt.Errorf("%w (%v)", ErrNoPostgres, err)
		}
		candidates = []binaries{b}
	}
	if len(candidates) == 0 {
		b, err := download(ctx, s.base, s.log)
		if err != nil {
			return b, err
		}
		candidates = []binaries{b}
	}
	text, err := os.ReadFile(filepath.Join(s.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return candidates[0], nil
	}
	if err != nil {
		return binaries{}, fmt.Errorf("read the cluster's version: %w", err)
	}
	made := strings.TrimSpace(string(text))
	for _, b := range candidates {
		if strconv.Itoa(b.major) == made {
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf("%w: %s was made by PostgreSQL %s, installed is %d; install version %s, or remove the folder to begin anew",
		ErrVersion, s.data(), made, candidates[0].major, made)
}

func (s *Server) data() string { return filepath.Join(s.base, "cluster") }

// create makes a new cluster. It grows under another name and is renamed when it is whole, so that
// an interrupted start leaves nothing that looks like one.
func (s *Server) create(ctx context.Context) error {
	next := filepath.Join(s.base, "cluster.new")
	if err := os.RemoveAll(next); err != nil {
		return fmt.Errorf("clear a half-made cluster: %w", err)
	}
	if err := s.own(os.Mkdir(next, 0o700), next); err != nil {
		return err
	}
	secret := filepath.Join(s.base, "password.new")
	defer os.Remove(secret)
	if err := s.own(os.WriteFile(secret, []byte(s.state.Passwords[superuser]), 0o600), secret); err != nil {
		return err
	}
	arguments := []string{
		"--pgdata=" + next, "--username=" + superuser, "--pwfile=" + secret, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if !s.options.Durable {
		arguments = append(arguments, "--no-sync")
	}
	if out, err := command(ctx, s.as, s.binaries.path("initdb"), arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(next, s.data())
}

// own hands a new file or folder to the server's user; err is what making it said.
func (s *Server) own(err error, path string) error {
	if err != nil {
		return fmt.Errorf("make the database's files: %w", err)
	}
	if s.as == nil {
		return nil
	}
	return os.Chown(path, int(s.as.uid), int(s.as.gid))
}

// clearStale stops a server that an earlier run of ours left behind (we hold the folder's lock, so
// nobody uses it). PostgreSQL itself deals with the pid file of a process that is gone.
func (s *Server) clearStale(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return nil
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 || !strings.Contains(commandLine(pid), s.data()) {
		return nil
	}
	s.log.Info("stopping the PostgreSQL that an earlier run left behind", "pid", pid)
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return stopPID(ctx, pid, func() bool { return syscall.Kill(pid, 0) != nil })
}
