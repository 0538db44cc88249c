package localpg

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// download fetches binaries into base/download where nothing is installed. The library fetches,
// checks and unpacks them and then starts a server of its own, which is stopped at once (as root it
// refuses to start, after unpacking); only the binaries are wanted, the server here is ours.
func download(ctx context.Context, base string, log *slog.Logger) (binaries, error) {
	dir := filepath.Join(base, "download")
	if b, err := inspect(ctx, filepath.Join(dir, "bin")); err == nil {
		return b, nil
	}
	log.Info("no PostgreSQL is installed; downloading one", "to", dir)
	port, err := freePort(ctx)
	if err != nil {
		return binaries{}, err
	}
	scratch := filepath.Join(base, "download-check")
	library := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.V17).Port(uint32(port)).Logger(io.Discard).
		CachePath(filepath.Join(base, "download-cache")).
		BinariesPath(dir).RuntimePath(scratch).DataPath(filepath.Join(scratch, "data")))
	started := library.Start()
	if started == nil {
		if err := library.Stop(); err != nil {
			return binaries{}, fmt.Errorf("stop the downloaded PostgreSQL: %w", err)
		}
	}
	b, err := inspect(ctx, filepath.Join(dir, "bin"))
	if err != nil {
		return b, fmt.Errorf("%w (download: %v)", ErrNoPostgres, started)
	}
	return b, nil
}

// freePort finds a free TCP port of 127.0.0.1 below the range from which systems take ports for
// outgoing connections, so that a server that is stopped for a while gets the same one back.
func freePort(ctx context.Context) (int, error) {
	for range 100 {
		port := 16000 + randomInt(14000)
		if portFree(ctx, port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port on 127.0.0.1")
}

func portFree(ctx context.Context, port int) bool {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
