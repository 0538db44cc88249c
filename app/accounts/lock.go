package accounts

import (
	"bytes"
	"slices"
	"time"

	"portico/tenants"
)

// Device classes. Failures from browsers in which the person has signed in before are counted apart,
// so that a stranger's guesses never lock the owner out (decisions.md 19).
const (
	knownDevice   = "known"
	unknownDevice = "unknown"
)

const (
	failureMemory   = 24 * time.Hour // failures older than this don't count
	announceEvery   = 24 * time.Hour // the owner hears of the first lock within it
	knownThreshold  = 10             // security.md 4.2: a known device has a counter of its own
	hardCap         = 100            // NIST SP 800-63B-4 §3.2.2: consecutive failures, then only recovery or unlock
	rememberedWrong = 10             // the most that a policy can ask to remember
)

// forever stands for "until unlocked or reset" in a column that wants a moment.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// lockState is one row of account_locks.
type lockState struct {
	Failures     int // in a row
	Window       int // since the last lock
	Locks        int // in a row
	Recent       [][]byte
	LastFailedAt time.Time
	LockedUntil  time.Time
	AnnouncedAt  time.Time
}

// verdict is what charge decided about one try.
type verdict int

const (
	tryAllowed verdict = iota
	tryRepeats         // a wrong password that was tried just before: allowed, not counted again
	tryLocked          // refused, whatever the password
)

// charge counts one try before its password is looked at: tries that run at the same moment cannot
// outrun the threshold, and a program that dies in between has counted. A success takes it all back.
func (s lockState) charge(p tenants.LockoutPolicy, device string, digest []byte, now time.Time) (lockState, verdict) {
	if now.Before(s.LockedUntil) {
		return s, tryLocked
	}
	if !s.LastFailedAt.IsZero() && now.Sub(s.LastFailedAt) > failureMemory {
		s = lockState{AnnouncedAt: s.AnnouncedAt}
	}
	remember := min(p.IgnoreRepeatLast, rememberedWrong)
	recent := s.Recent[max(0, len(s.Recent)-remember):]
	if slices.ContainsFunc(recent, func(d []byte) bool { return bytes.Equal(d, digest) }) {
		return s, tryRepeats
	}
	s.Failures++
	s.Window++
	s.LastFailedAt = now
	threshold := p.Threshold
	if device == knownDevice {
		threshold = max(threshold, knownThreshold)
	}
	switch {
	case device == unknownDevice && s.Failures >= hardCap:
		s.LockedUntil = forever
	case threshold > 0 && s.Window >= threshold:
		s.LockedUntil = now.Add(lockLength(p, s.Locks))
		s.Locks++
		s.Window = 0
		if p.Growth == "double" {
			s.Window = threshold - 1 // once locked, each further failure locks again, for longer
		}
	}
	return s, tryAllowed
}

// lockLength is the policy's duration, doubled per earlier lock up to the cap.
func lockLength(p tenants.LockoutPolicy, locks int) time.Duration {
	d := p.Duration.Std()
	if p.Growth != "double" {
		return d
	}
	limit := p.GrowthCap.Std()
	for ; locks > 0 && d < limit; locks-- {
		d *= 2
	}
	if limit > 0 {
		d = min(d, limit)
	}
	return d
}

// failed remembers a wrong password's digest after the hash said so.
func (s lockState) failed(digest []byte) lockState {
	s.Recent = append(slices.Clone(s.Recent), digest)
	if len(s.Recent) > rememberedWrong {
		s.Recent = s.Recent[len(s.Recent)-rememberedWrong:]
	}
	return s
}

// announce tells whether this lock is the first that the owner has not heard of for a day.
func (s lockState) announce(now time.Time) bool {
	return now.Before(s.LockedUntil) && now.Sub(s.AnnouncedAt) >= announceEvery
}
