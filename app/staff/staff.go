package staff

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
)

// Errors of this package.
var (
	ErrWrong     = errors.New("staff: sign-in refused") // whatever the reason
	ErrNoSession = errors.New("staff: no such session") // or it ended
	ErrKnown     = errors.New("staff: the address is somebody's already")
	ErrAddress   = errors.New("staff: not a mail address")
	ErrName      = errors.New("staff: a name of 1 to 200 characters is needed")
	ErrRole      = errors.New("staff: no such role")
	ErrLastOwner = errors.New("staff: the last owner stays one") // nobody could add staff any more
	ErrSelf      = errors.New("staff: nobody changes their own role or access")
	ErrCode      = errors.New("staff: the app's code is not right")
)

// Staff does the work of this package; its fields are its needs.
type Staff struct {
	DB       *tenants.DB
	Accounts *accounts.Accounts // its hasher and peppers
	Seals    tenants.Keyring
	Outbox   *letters.Outbox // nil writes no letters: links are shown to whoever asked for them
}

// Member is one of the staff.
type Member struct {
	ID         uuid.UUID
	Email      string
	Name       string
	Role       rbac.StaffRole
	Disabled   bool
	Begun      bool // a password and an app are set
	CreatedAt  time.Time
	SignedInAt time.Time // zero: never
	LinkEndsAt time.Time // of the link to begin with that stands; zero: none
}

// Session is a browser that is signed in, with a code of the app shown.
type Session struct {
	PublicID uuid.UUID
	StaffID  uuid.UUID
	Name     string
	Email    string
	Role     rbac.StaffRole
	ProvedAt time.Time // when a code was last right
	SeenAt   time.Time
	EndsAt   time.Time
}

// Actor is how the audit names somebody of the staff.
func Actor(id uuid.UUID) string { return "staff:" + id.String() }

// Bounds of sessions and links (security.md 4.3: administrators).
const (
	idle     = 15 * time.Minute
	absolute = 8 * time.Hour
	onTheWay = 10 * time.Minute // between password and code
	linkLife = 24 * time.Hour

	mostTries = 5 // of codes, of one session on its way or one link
)

// PasswordMin is how many characters a password of staff has at least.
const PasswordMin = 15

// policy is what a password of staff must be: it opens every tenant's door a little, and a code always
// follows, so the length of security.md 4.1 for a second factor that is enforced would do; it is the longer one.
func policy() tenants.PasswordPolicy {
	return tenants.PasswordPolicy{Mode: "nist", Min: PasswordMin, Max: 256, Charset: "any"}
}
