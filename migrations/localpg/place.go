package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// identity is the user that PostgreSQL runs as; nil is the one that runs us.
type identity struct {
	uid, gid uint32
	name     string
}

// serverUser picks an unprivileged user when we are root, because PostgreSQL refuses to run as root.
func serverUser() (*identity, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &identity{uint32(uid), uint32(gid), name}, nil
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root and this machine has no user postgres or nobody: run as another user")
}

// clusterBase is the folder that will hold the cluster: dir itself, or, when the server's user
// cannot enter that (a home of root, say), a folder of ours below /var/tmp named after it.
func clusterBase(dir string, as *identity, log *slog.Logger) (string, error) {
	if as == nil {
		return dir, nil
	}
	blocked := blockedAt(dir, as)
	if blocked == "" {
		return dir, nil
	}
	sum := sha256.Sum256([]byte(dir))
	base := filepath.Join("/var/tmp", "portico-"+hex.EncodeToString(sum[:6]))
	if err := os.Mkdir(base, 0o711); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("make a folder for the database: %w", err)
	}
	// The name can be guessed and everybody may write to /var/tmp: take no folder but our own.
	info, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || stat.Uid != uint32(os.Geteuid()) {
		return "", fmt.Errorf("%s belongs to somebody else; remove it or choose another data folder", base)
	}
	log.Info("the user that runs PostgreSQL cannot enter the data folder; its files lie elsewhere",
		"user", as.name, "blocked", blocked, "files", base)
	return base, nil
}

// blockedAt names the first folder on the way to dir that the user may not enter, "" when none.
func blockedAt(dir string, as *identity) string {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return at
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return at
		}
		mode := info.Mode().Perm()
		open := mode&0o001 != 0 || stat.Uid == as.uid && mode&0o100 != 0 || stat.Gid == as.gid && mode&0o010 != 0
		if !open {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}
