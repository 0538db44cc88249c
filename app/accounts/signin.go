package accounts

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Try is one attempt to sign in.
type Try struct {
	Identifier string // of the kind that the policy names
	Password   string
	Remember   bool
	Client     Client
	ReturnTo   string // where they were going, kept while a second factor is asked for

	account uuid.UUID // set: somebody who is signed in and says the password once more, instead of Identifier
}

// SignedIn is what a successful attempt gives the browser.
type SignedIn struct {
	AccountID uuid.UUID
	Session   Cookie
	Device    Cookie
	Duty      string // of the session, as Session has it
	SetUp     bool   // proofs are missing, or to be confirmed: the page that says so comes first
	Factor    Cookie // set: there is no session yet, a code is asked for in the browser that holds this
	ReturnTo  string // of Try, after a second factor
}

// Cookie is a secret for the browser to keep; zero Ends means until the browser closes.
type Cookie struct {
	Value string
	Ends  time.Time
}

// SignIn tries a password. Whatever is wrong, a stranger gets ErrWrong after the same round trips and
// one hash; a known device of the owner's may get *LockedError. *LimitError and ErrBusy say "later".
// The try is charged in a transaction of its own before the hash, so that no rollback and no parallel
// guess goes uncounted.
func (a *Accounts) SignIn(ctx context.Context, t *tenants.Tenant, try Try) (SignedIn, error) {
	if a.Hasher.Full(t.ID) {
		return SignedIn{}, ErrBusy
	}
	if len(try.Password) > maxPasswordBytes {
		try.Password = "" // never right, costs what any wrong password costs
	}
	try.Password = nfc(try.Password)
	c, err := a.begin(ctx, t, try)
	if err != nil {
		return SignedIn{}, err
	}
	var right bool
	var upgraded []byte
	err = a.Hasher.Do(ctx, t.ID, func() {
		right, upgraded = a.verify(t.ID, c.who, try.Password)
	})
	if err != nil {
		return SignedIn{}, errors.Join(err, a.refund(ctx, t, c))
	}
	c.unreadable = len(c.who.Sealed) > 0 && !a.Peppers.Has(tenants.KeyOf(c.who.Sealed))
	reason := c.refusal(right)
	if reason != "" {
		return SignedIn{}, a.refuse(ctx, t, c, reason)
	}
	return a.admit(ctx, t, c, try, upgraded)
}

// attempt is a try on its way: who it is about, and the lock's state before and after the charge.
type attempt struct {
	who      found
	digest   []byte
	before   lockState
	lock     lockState
	verdict  verdict
	counters []counter
	locale   string
	kind     audit.Kind // under which a refusal is written down
	enrolled enrolled
	factor   factor
	details  map[string]any // of a refusal, for the audit

	unreadable bool // the stored password was sealed with a key that this program does not have
}

// begin counts the try against the client's address and against the account.
func (a *Accounts) begin(ctx context.Context, t *tenants.Tenant, try Try) (*attempt, error) {
	c := &attempt{locale: try.Client.Locale, kind: audit.SignInFailed}
	address := signInLimit(t.Policy, try.Client)
	var limit addressAnswer
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		a.takeAddress(b, s, address, &limit)
		// Nobody's charge writes limits alone, which are not logged; an account's writes its lock, and
		// waiting for the disk would tell the two apart. A charge that a crash of PostgreSQL loses is the
		// price; what refuse or admit commit afterwards is durable for both.
		b.Exec("SET LOCAL synchronous_commit = off")
		if try.account != (uuid.UUID{}) {
			c.kind = audit.PasswordChanged
			findByID(b, s, try.account, try.Client.Device, &c.who)
		} else {
			find(b, s, t.Policy.SignIn.Identifier, try.Identifier, try.Client.Device, &c.who)
			findEnrolled(b, s, t, try.Identifier, &c.enrolled)
			findFactor(b, s, t, try.Identifier, try.Client.Device, &c.factor)
		}
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if !limit.allowed {
			return limit.blocked(ctx, s, audit.SignInBlocked) // nil commits: a refusal may have begun a block
		}
		c.counters = address.taken(limit)
		lock, err := readLock(ctx, s, c.who)
		if err != nil {
			return err
		}
		c.before = lock
		c.digest = a.Peppers.MAC("wrong password", t.ID, c.who.ID.String(), try.Password)[:4]
		c.lock, c.verdict = lock.charge(t.Policy.Lockout, c.who.device(), c.digest, s.Now())
		charged := &tenants.Batch{}
		writeLock(charged, s, c.who, c.lock)
		return s.SendAndCommit(ctx, charged)
	})
	if err == nil {
		err = limit.err()
	}
	return c, err
}

// signInLimit bounds tries per client address, whoever they are for.
func signInLimit(p tenants.Policy, client Client) addressLimit {
	limit := p.Throttle.SignInIP
	counters := []counter{{name: "signin address", limit: limit}}
	if limit.Window.Std() <= time.Minute { // security.md 4.2: 20 a minute and 200 an hour
		counters = append(counters, counter{name: "signin address hour", limit: window(10*limit.Limit, time.Hour)})
	}
	return client.addressLimit(p.Throttle, counters...)
}

// decoy is verified when there is no password of our own to verify, at the cost of one.
const decoy = "$argon2id$v=19$m=19456,t=2,p=1$cG9ydGljbyBkZWNveSBzYQ$47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

// verify does one hash, whoever it is for. A right password under a foreign or outdated hash, or under
// an older pepper, comes back as a new sealed one.
func (a *Accounts) verify(tenant tenants.ID, who found, password string) (right bool, upgraded []byte) {
	phc := decoy
	if who.ok && len(who.Sealed) > 0 {
		if plain, err := a.Peppers.Open("password", tenant, who.ID.String(), who.Sealed); err == nil {
			phc = string(plain)
		}
	}
	ok, err := verifyPassword(phc, password)
	if err != nil || !ok || phc == decoy {
		return false, nil
	}
	if !ownHash(phc) {
		return true, a.sealPassword(tenant, who.ID, hashPassword(password))
	}
	if tenants.KeyOf(who.Sealed) != a.Peppers.Current() {
		return true, a.sealPassword(tenant, who.ID, phc)
	}
	return true, nil
}

func (a *Accounts) sealPassword(tenant tenants.ID, account uuid.UUID, phc string) []byte {
	return a.Peppers.Seal("password", tenant, account.String(), []byte(phc))
}

// refusal is why the try fails, for the audit alone; "" when it does not.
func (c *attempt) refusal(right bool) string {
	switch {
	case !c.who.ok:
		return "unknown"
	case c.verdict == tryLocked:
		return "locked"
	case c.who.SignIn != "local":
		return "sso"
	case !right && c.unreadable:
		return "pepper missing"
	case !right:
		return "wrong"
	case c.who.Status != "active":
		return "disabled"
	}
	return ""
}

// refuse records the failure and, at the first lock of a day, writes the owner a letter to unlock.
func (a *Accounts) refuse(ctx context.Context, t *tenants.Tenant, c *attempt, reason string) error {
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		st := c.lock
		if reason == "wrong" && c.verdict == tryAllowed {
			st = st.failed(c.digest)
		}
		locked := c.who.ok && c.verdict == tryAllowed && s.Now().Before(st.LockedUntil)
		b := &tenants.Batch{}
		if locked && st.announce(s.Now()) && c.who.Status == "active" && c.who.SignIn == "local" && c.who.Email != "" {
			st.AnnouncedAt = s.Now()
			if err := a.writeUnlockLetter(ctx, b, s, c.who, st, c.locale); err != nil {
				return err
			}
		}
		b.Exec(`UPDATE account_locks SET recent = $4, announced_at = coalesce($5, announced_at)
			WHERE tenant_id = $1 AND account_id = $2 AND device = $3`,
			s.Tenant(), c.who.ID, c.who.lockKey(), nonNil(st.Recent), orNull(st.AnnouncedAt))
		err := audit.Add(ctx, b, s, audit.Event{Kind: c.kind, Outcome: audit.Failure, Reason: reason, AccountID: c.who.ref(), Details: c.detailed()})
		if locked {
			err = errors.Join(err, audit.Add(ctx, b, s, audit.Event{Kind: audit.AccountLocked, Outcome: audit.Success, AccountID: c.who.ref(),
				Details: map[string]any{"device": c.who.device(), "until": st.LockedUntil, "failures": st.Failures}}))
		}
		if err != nil {
			return err
		}
		return s.SendAndCommit(ctx, b)
	})
	if err != nil {
		return err
	}
	if c.who.Known && c.lock.LockedUntil.After(a.DB.Clock().Now()) && t.Policy.Lockout.RevealLocked {
		return &LockedError{Until: finite(c.lock.LockedUntil)}
	}
	return ErrWrong
}

// admit makes the session. The account must still be what it was when its password was read: a reset
// or a disabling that came in between wins.
func (a *Accounts) admit(ctx context.Context, t *tenants.Tenant, c *attempt, try Try, upgraded []byte) (SignedIn, error) {
	in := SignedIn{AccountID: c.who.ID, Duty: dutyAtSignIn(t.Policy, c.who, a.DB.Clock().Now())}
	register, setUp := c.enrolled.asks(t, c.who, a.DB.Clock().Now())
	if c.who.Asked {
		register, setUp = DutyRegister, true
	}
	in.Duty, in.SetUp = cmp.Or(in.Duty, register), setUp
	ask, first := c.factor.asks(t.Policy.MFA)
	if ask {
		return a.suspend(ctx, t, c, try, in, upgraded)
	}
	how := begins{duty: in.Duty, amr: []string{"pwd"}}
	if first != "" { // nobody leaves out what a stranger with their password must not pass
		how.duty, how.next, in.Duty = first, in.Duty, first
	}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		var made int64
		a.giveBack(b, s, c.counters...) // rows are held in one order everywhere: limits, accounts, locks
		a.upgrade(b, s, c.who, upgraded)
		in.Session = startSession(b, s, t.Policy.Session, c.who, try, how, &made)
		in.Device = keepDevice(b, s, c.who, try.Client)
		clearLocks(b, s, c.who.ID, c.who.lockKey())
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.SignInOK, Outcome: audit.Success, AccountID: c.who.ref(),
			Actor: audit.AccountActor(c.who.ID)})
		if err != nil {
			return err
		}
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if made != 1 {
			return ErrWrong
		}
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// upgrade adds the hash that a right password got to a batch, if the stored one was outdated.
func (a *Accounts) upgrade(b *tenants.Batch, s *tenants.Scope, who found, upgraded []byte) {
	if upgraded != nil {
		b.Exec("UPDATE accounts SET password = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2 AND stamp = $5",
			s.Tenant(), who.ID, upgraded, s.Now(), who.Stamp)
	}
}

// detailed is what the audit keeps of a refusal; nil for none.
func (c *attempt) detailed() any {
	if c.details == nil {
		return nil
	}
	return c.details
}

// refund takes a charge back when no hash was done: being busy is nobody's failure.
func (a *Accounts) refund(ctx context.Context, t *tenants.Tenant, c *attempt) error {
	if c.verdict != tryAllowed {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		a.giveBack(b, s, c.counters...)
		c.uncharge(b, s)
		return s.SendAndCommit(ctx, b)
	})
}

// uncharge adds the return of an allowed try's charge to a batch, with the lock that it may have begun.
func (c *attempt) uncharge(b *tenants.Batch, s *tenants.Scope) {
	var ours *time.Time
	if !c.lock.LockedUntil.Equal(c.before.LockedUntil) {
		ours = orNull(c.lock.LockedUntil)
	}
	b.Exec(`UPDATE account_locks SET failures = greatest(failures - 1, 0),
		window_count = CASE WHEN locked_until = $4 THEN $5 ELSE greatest(window_count - 1, 0) END,
		locks = CASE WHEN locked_until = $4 THEN $6 ELSE locks END,
		locked_until = CASE WHEN locked_until = $4 THEN NULL ELSE locked_until END
		WHERE tenant_id = $1 AND account_id = $2 AND device = $3`,
		s.Tenant(), c.who.ID, c.who.lockKey(), ours, c.before.Window, c.before.Locks)
}

// nonNil keeps an empty list from becoming NULL in a column that allows none.
func nonNil(recent [][]byte) [][]byte {
	if recent == nil {
		return [][]byte{}
	}
	return recent
}

func finite(t time.Time) time.Time {
	if !t.Before(forever) {
		return time.Time{}
	}
	return t
}
