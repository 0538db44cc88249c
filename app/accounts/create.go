package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
)

// Account is one row of accounts.
type Account struct {
	TenantID      tenants.ID `gorm:"type:uuid"`
	ID            uuid.UUID  `gorm:"type:uuid;primaryKey"`
	ExternalID    *string
	DisplayName   string
	Locale        string
	Status        string // active, disabled
	SignIn        string // local, sso
	Stamp         int64
	Password      []byte
	PasswordSetAt *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// TableName names the table for GORM.
func (Account) TableName() string { return "accounts" }

// IdentifierRow is one row of account_identifiers.
type IdentifierRow struct {
	TenantID   tenants.ID `gorm:"type:uuid"`
	Kind       string
	Norm       string
	Value      string
	AccountID  uuid.UUID `gorm:"type:uuid"`
	VerifiedAt *time.Time
	CreatedAt  time.Time
}

// TableName names the table for GORM.
func (IdentifierRow) TableName() string { return "account_identifiers" }

// New is an account to be made.
type New struct {
	ExternalID   string
	DisplayName  string
	Locale       string
	SignIn       string // local, sso; "" is local
	Disabled     bool
	Identifiers  map[string]string // kind → as shown
	Confirmed    bool              // its address counts as confirmed
	Password     string            // "" is none yet
	PasswordHash string            // imported; instead of Password
}

// Create adds an account. Identifiers that another account of the tenant has (ErrTaken), and texts that are
// none, are errors; the password's rules are the caller's to check (CheckPassword).
func (a *Accounts) Create(ctx context.Context, s *tenants.Scope, n New) (uuid.UUID, error) {
	acc := Account{ID: tenants.NewID(), DisplayName: n.DisplayName, Locale: n.Locale, Status: "active", SignIn: "local",
		Stamp: 1, CreatedAt: s.Now(), UpdatedAt: s.Now()}
	if n.ExternalID != "" {
		acc.ExternalID = &n.ExternalID
	}
	if n.SignIn != "" {
		acc.SignIn = n.SignIn
	}
	if n.Disabled {
		acc.Status = "disabled"
	}
	if err := a.setPassword(ctx, s, &acc, n); err != nil {
		return uuid.UUID{}, err
	}
	ids, err := identifierRows(s, acc.ID, n)
	if err != nil {
		return uuid.UUID{}, err
	}
	g, err := s.Gorm(ctx)
	if err != nil {
		return uuid.UUID{}, err
	}
	if err := g.Create(&acc).Error; err != nil {
		return uuid.UUID{}, fmt.Errorf("account %q: %w", n.DisplayName, taken(err))
	}
	if len(ids) > 0 {
		if err := g.Session(&gorm.Session{}).Create(&ids).Error; err != nil {
			return uuid.UUID{}, fmt.Errorf("identifiers of %q: %w", n.DisplayName, taken(err))
		}
	}
	return acc.ID, audit.Write(ctx, s, audit.Event{Kind: audit.AccountAdded, Outcome: audit.Success, AccountID: &acc.ID})
}

// taken marks the error of the database about something that is there already with ErrTaken.
func taken(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return fmt.Errorf("%w: %w", ErrTaken, err)
	}
	return err
}

func (a *Accounts) setPassword(ctx context.Context, s *tenants.Scope, acc *Account, n New) error {
	var phc string
	switch {
	case n.PasswordHash != "":
		if err := CheckForeign(n.PasswordHash); err != nil {
			return fmt.Errorf("account %q: %w", n.DisplayName, err)
		}
		phc = n.PasswordHash
	case n.Password != "":
		if err := a.Hasher.Do(ctx, s.Tenant(), func() { phc = hashPassword(nfc(n.Password)) }); err != nil {
			return err
		}
	default:
		return nil
	}
	at := s.Now()
	acc.Password, acc.PasswordSetAt = a.sealPassword(s.Tenant(), acc.ID, phc), &at
	return nil
}

func identifierRows(s *tenants.Scope, account uuid.UUID, n New) ([]IdentifierRow, error) {
	var rows []IdentifierRow
	for _, kind := range []string{Email, Username, UserID} {
		value := strings.TrimSpace(n.Identifiers[kind])
		if value == "" {
			continue
		}
		norm, value, err := Storable(kind, value)
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", kind, value, err)
		}
		row := IdentifierRow{Kind: kind, Norm: norm, Value: value, AccountID: account, CreatedAt: s.Now()}
		if n.Confirmed {
			at := s.Now()
			row.VerifiedAt = &at
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Storable is the key and the text under which Create stores an identifier; ErrBadIdentifier otherwise,
// also for an address that no letter can reach.
func Storable(kind, typed string) (norm, value string, err error) {
	value = strings.TrimSpace(typed)
	norm, err = Normalize(kind, value)
	if err == nil && kind == Email {
		value, err = reachable(value)
	}
	return norm, value, err
}

// reachable is an address as it is stored: without the root's dot behind its domain, and one that a
// letter can go to. Looking up stays wider, so that what a stranger types costs the same.
func reachable(value string) (string, error) {
	for _, dot := range []string{".", "\u3002", "\uff0e", "\uff61"} { // the full stops of IDNA (RFC 3490 §3.1)
		if short, cut := strings.CutSuffix(value, dot); cut {
			value = short
			break
		}
	}
	if _, ok := letters.CleanAddress(value); !ok {
		return value, fmt.Errorf("no letter can be sent there (before the @, letters of ASCII alone): %w", ErrBadIdentifier)
	}
	return value, nil
}

// IdentifiersOf lists what an account is known by, for its own page.
func (a *Accounts) IdentifiersOf(ctx context.Context, t *tenants.Tenant, account uuid.UUID) ([]IdentifierRow, error) {
	var rows []IdentifierRow
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		g, err := s.Gorm(ctx)
		if err != nil {
			return err
		}
		return g.Where("tenant_id = ? AND account_id = ?", s.Tenant(), account).Order("kind, norm").Find(&rows).Error
	})
	return rows, err
}
