package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Block is a limit on somebody's recoveries that holds, for commands.
type Block struct {
	Counter       string // proof, day, reset, send:<method>
	ClientAddress string // from which the counting began
	Since         time.Time
	Until         time.Time
}

// Blocks lists what holds an account's recoveries up, the one that holds longest first.
func Blocks(ctx context.Context, s *tenants.Scope, account uuid.UUID) ([]Block, error) {
	var all []Block
	err := s.Each(ctx, `SELECT counter, client_address, started_at, blocked_until FROM recovery_blocks
		WHERE tenant_id = $1 AND account_id = $2 AND blocked_until > $3 ORDER BY blocked_until DESC, key`,
		[]any{s.Tenant(), account, s.Now()}, func(scan func(...any) error) error {
			var b Block
			err := scan(&b.Counter, &b.ClientAddress, &b.Since, &b.Until)
			all = append(all, b)
			return err
		})
	return all, err
}
