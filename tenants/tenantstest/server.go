package tenantstest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
)

// Variable names the server that tests use: the URL of its superuser.
const Variable = "PORTICO_TEST_DATABASE_URL"

// found is the process's one look-up; a test binary has no place to pass it through.
var found struct {
	once   sync.Once
	shared *shared
	err    error
}

func server(ctx context.Context) (*shared, error) {
	found.once.Do(func() { found.shared, found.err = find(ctx) })
	return found.shared, found.err
}

func find(ctx context.Context) (*shared, error) {
	s := &shared{}
	address := os.Getenv(Variable)
	if address == "" {
		var err error
		if address, s.users, err = join(ctx); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return nil, fmt.Errorf("%s is not the URL of a PostgreSQL superuser", Variable)
	}
	s.url = u
	return s, s.prepare(ctx)
}
