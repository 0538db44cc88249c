package accounts

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"portico/tenants"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestLocksOfThePresets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		preset, device string
		threshold      int
		lengths        []time.Duration
		next           int // tries between the first lock and the second
	}{
		{"email-link", unknownDevice, 5, []time.Duration{15 * time.Minute, 15 * time.Minute}, 5},
		{"customer-portal", unknownDevice, 5, []time.Duration{24 * time.Hour}, 5},
		{"two-gate", unknownDevice, 10, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}, 1},
		{"nist", unknownDevice, 5, []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute}, 1},
		{"email-link", knownDevice, 10, []time.Duration{15 * time.Minute}, 10},
	} {
		t.Run(c.preset+" "+c.device, func(t *testing.T) {
			t.Parallel()
			p, _ := tenants.Preset(c.preset)
			now, s, tries := noon, lockState{}, c.threshold
			for n, want := range c.lengths {
				for i := range tries {
					var v verdict
					if s, v = s.charge(p.Lockout, c.device, []byte{byte(n), byte(i)}, now); v != tryAllowed {
						t.Fatalf("lock %d, try %d: %v", n, i, v)
					}
				}
				if got := s.LockedUntil.Sub(now); got != want {
					t.Fatalf("lock %d lasts %s, want %s", n, got, want)
				}
				if _, v := s.charge(p.Lockout, c.device, nil, s.LockedUntil.Add(-time.Microsecond)); v != tryLocked {
					t.Fatal("a try before the end went through")
				}
				now, tries = s.LockedUntil, c.next
			}
		})
	}
}

func TestAHundredFailuresInARowLockForGood(t *testing.T) {
	t.Parallel()
	p := tenants.LockoutPolicy{Threshold: 100, Duration: tenants.Duration(10 * time.Second), Growth: "none"}
	now, s := noon, lockState{}
	for i := range hardCap {
		s, _ = s.charge(p, unknownDevice, []byte{byte(i), 1}, now)
		if (i < hardCap-1) != s.LockedUntil.IsZero() {
			t.Fatalf("after %d failures locked until %v", i+1, s.LockedUntil)
		}
	}
	if !finite(s.LockedUntil).IsZero() {
		t.Fatal("the lock ends")
	}
	if _, v := s.charge(p, unknownDevice, nil, now.Add(1000*time.Hour)); v != tryLocked {
		t.Fatal("the lock was forgotten")
	}
}

func TestAnnouncementsAreOneADay(t *testing.T) {
	t.Parallel()
	s := lockState{LockedUntil: noon.Add(time.Hour)}
	if !s.announce(noon) || s.announce(noon.Add(time.Hour)) {
		t.Error("a lock that holds is announced, one that ended is not")
	}
	s.AnnouncedAt = noon.Add(-24*time.Hour + time.Microsecond)
	if s.announce(noon) {
		t.Error("announced twice within a day")
	}
}

// The lock as a machine: whatever is tried when, no more than the threshold's tries happen between two
// locks, locks grow and stay below the cap, repeats are free, and a day of silence forgets.
func TestLockMachine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := tenants.LockoutPolicy{
			Threshold: rapid.IntRange(3, 20).Draw(t, "threshold"), Duration: tenants.Duration(rapid.Int64Range(10, 3600).Draw(t, "seconds") * int64(time.Second)),
			Growth: rapid.SampledFrom([]string{"none", "double"}).Draw(t, "growth"), IgnoreRepeatLast: rapid.IntRange(0, 10).Draw(t, "repeats"),
		}
		if p.Growth == "double" {
			p.GrowthCap = p.Duration * tenants.Duration(rapid.IntRange(1, 20).Draw(t, "cap"))
		}
		device := rapid.SampledFrom([]string{knownDevice, unknownDevice}).Draw(t, "device")
		threshold, most := p.Threshold, max(p.Duration, p.GrowthCap).Std()
		if device == knownDevice {
			threshold = max(threshold, knownThreshold)
		}
		now, s := noon, lockState{}
		free, last := 0, time.Duration(0) // tries since the last lock, length of the last lock
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int64{0, 1, 30, 600, 3600, 90_000}).Draw(t, "wait")) * time.Second)
			digest := []byte{byte(rapid.IntRange(0, 30).Draw(t, "password"))}
			forgotten := !s.LastFailedAt.IsZero() && now.Sub(s.LastFailedAt) > failureMemory && !now.Before(s.LockedUntil)
			before := s
			var v verdict
			s, v = s.charge(p, device, digest, now)
			if forgotten {
				free, last = 0, 0
			}
			switch v {
			case tryLocked:
				if !now.Before(before.LockedUntil) || s.Failures != before.Failures {
					t.Fatalf("refused while unlocked, or counted: %+v", s)
				}
			case tryRepeats:
				if p.IgnoreRepeatLast == 0 || !forgotten && s.Failures != before.Failures {
					t.Fatalf("a repeat was counted: %+v", s)
				}
			case tryAllowed:
				if now.Before(before.LockedUntil) {
					t.Fatal("allowed while locked")
				}
				if free++; free > threshold {
					t.Fatalf("%d tries without a lock", free)
				}
				if length := s.LockedUntil.Sub(now); length > 0 && s.LockedUntil.Before(forever) {
					if length > most || length < p.Duration.Std() || length < last {
						t.Fatalf("a lock of %s after one of %s, at most %s", length, last, most)
					}
					free, last = 0, length
				}
				if rapid.Bool().Draw(t, "remembered") {
					s = s.failed(digest)
				}
			}
			if len(s.Recent) > rememberedWrong {
				t.Fatalf("%d wrong passwords remembered", len(s.Recent))
			}
			if device == unknownDevice && s.Failures >= hardCap && s.LockedUntil.Before(forever) {
				t.Fatalf("%d failures in a row and the lock ends", s.Failures)
			}
			if device == knownDevice && !s.LockedUntil.Before(forever) {
				t.Fatal("the owner's own device is shut out for good")
			}
		}
	})
}
