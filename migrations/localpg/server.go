package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// ErrRunning says that another process runs the server of this data folder.
var ErrRunning = errors.New("another process runs a PostgreSQL in this folder")

// Options says where and how the server runs.
type Options struct {
	Dir            string       // the data folder, made when missing; its server is found again at the next start
	Durable        bool         // false turns fsync off: fast, and lost with the machine's power
	MaxConnections int          // 0 is 100
	Binaries       string       // folder with initdb and postgres; "" finds or downloads one
	Log            *slog.Logger // nil logs nothing
}

// Server is a private PostgreSQL that belongs to this process. Its methods may be called from any
// goroutine.
type Server struct {
	options  Options
	log      *slog.Logger
	dir      string // the data folder: state.json, lock
	base     string // where the cluster lies: dir, or elsewhere when dir is closed to the server's user
	as       *identity
	binaries binaries
	state    *state
	lock     *os.File

	mu      sync.Mutex
	running *process // nil while stopped
}

// Start makes the cluster when the folder has none, starts it, and returns when it answers, with the
// roles and the database `portico` in place. ErrNoPostgres, ErrVersion and ErrRunning say what a
// person can do about it.
func Start(ctx context.Context, options Options) (*Server, error) {
	s := &Server{options: options, log: options.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.claim(); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// claim takes the folder for this process. The lock falls with the process.
func (s *Server) claim() (err error) {
	if s.dir, err = filepath.Abs(s.options.Dir); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o711); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if s.lock, err = os.OpenFile(filepath.Join(s.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		s.lock.Close()
		return fmt.Errorf("%w: %s", ErrRunning, s.dir)
	}
	return nil
}

func (s *Server) release() { s.lock.Close() }

func (s *Server) open(ctx context.Context) (err error) {
	if s.as, err = serverUser(); err != nil {
		return err
	}
	if s.base, err = clusterBase(s.dir, s.as, s.log); err != nil {
		return err
	}
	if s.state, err = loadState(s.dir); err != nil {
		return err
	}
	if err := s.clearStale(ctx); err != nil {
		return err
	}
	if s.state == nil {
		if err := s.beginAnew(); err != nil {
			return err
		}
	}
	if s.binaries, err = s.choose(ctx); err != nil {
		return err
	}
	if _, err := os.Stat(s.data()); err != nil {
		if err := s.create(ctx); err != nil {
			return err
		}
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	if err := s.furnish(ctx); err != nil {
		return errors.Join(err, s.halt(ctx))
	}
	return nil
}

// beginAnew makes passwords for a folder that has none. A cluster that lies elsewhere belongs to a
// data folder that was removed, and goes with it; one that lies here lost its passwords.
func (s *Server) beginAnew() error {
	if _, err := os.Stat(s.data()); err == nil {
		if s.base == s.dir {
			return fmt.Errorf("%s has a database but no state.json with its passwords: remove the folder to begin anew", s.dir)
		}
		if err := os.RemoveAll(s.data()); err != nil {
			return fmt.Errorf("remove the database of a removed folder: %w", err)
		}
	}
	s.state = newState()
	return s.state.save(s.dir)
}

// Start runs a stopped server again, on the same port and data.
func (s *Server) Start(ctx context.Context) error {
	if s.Pid() != 0 {
		return nil
	}
	if err := s.claim(); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		s.release()
		return err
	}
	return nil
}

// Stop ends the server and gives the data folder up: clients are disconnected and the data is
// flushed. When ctx ends first, it ends at once and the next start recovers. Stopping twice is fine.
func (s *Server) Stop(ctx context.Context) error {
	if s.Pid() == 0 {
		return nil
	}
	err := s.halt(ctx)
	s.release()
	return err
}

// Discard stops the server and removes all its files, those in a stand-in for the data folder too.
func (s *Server) Discard(ctx context.Context) error {
	if err := s.Stop(ctx); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(s.base), os.RemoveAll(s.dir))
}

// Restart stops the server and starts it on the same port and data.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.halt(ctx); err != nil {
		return err
	}
	return s.start(ctx)
}

// Pid is the server's process id, 0 while it is stopped.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return 0
	}
	return s.running.pid
}

// URL is the address of a database for a role: portico_app, portico_owner or postgres.
func (s *Server) URL(role, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, s.state.Passwords[role]),
		Host: "127.0.0.1:" + strconv.Itoa(s.state.Port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// SuperURL is the address of the database `postgres` as superuser.
func (s *Server) SuperURL() string { return s.URL(superuser, "postgres") }

func (s *Server) halt(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return nil
	}
	err := s.running.stop(ctx)
	if err == nil {
		s.running = nil
	}
	return err
}

// start launches the server, on the port of the last time where that is free. A server that was
// killed leaves children for a moment, and a port can be taken between look and bind: try again.
func (s *Server) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return nil
	}
	fixed := s.state.Port != 0
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := s.attempt(ctx)
		if err == nil || !errors.Is(err, errExited) || time.Now().After(deadline) {
			return err
		}
		if fixed {
			fixed = false // once more on the old port, which may only be slow to come free
		} else {
			s.state.Port = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *Server) attempt(ctx context.Context) (err error) {
	if s.state.Port == 0 {
		if s.state.Port, err = freePort(ctx); err != nil {
			return err
		}
	}
	if err := s.state.save(s.dir); err != nil {
		return err
	}
	output, err := os.OpenFile(filepath.Join(s.base, "postgres.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open the database's log: %w", err)
	}
	defer output.Close()
	cmd := command(context.WithoutCancel(ctx), s.as, s.binaries.path("postgres"), s.arguments()...)
	cmd.Stdout, cmd.Stderr = output, output
	running, err := launch(cmd)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := running.ready(ctx, s.SuperURL()); err != nil {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return errors.Join(fmt.Errorf("%w: %s", err, lastWords(s.base)), running.stop(stopping))
	}
	s.running = running
	return nil
}

func (s *Server) arguments() []string {
	connections := s.options.MaxConnections
	if connections == 0 {
		connections = 100
	}
	settings := []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(s.state.Port),
		"unix_socket_directories=", // nothing of it outside of the data folder and the loopback port
		"max_connections=" + strconv.Itoa(connections), "timezone=UTC", "log_timezone=UTC", "jit=off",
	}
	if !s.options.Durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "max_wal_size=128MB")
	}
	arguments := []string{"-D", s.data()}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	return arguments
}
