package senders_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.uber.org/goleak"

	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/app/senders"
	"portico/tenants"
)

const childEnv = "PORTICO_SENDERS_CHILD"

func TestMain(m *testing.M) {
	if orders := os.Getenv(childEnv); orders != "" {
		if err := child(orders); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/maypok86/otter/v2.periodicCleanUp[...]"),
		goleak.IgnoreAnyFunction("portico/tenants/tenantstest.keep.func1"))
}

// What SES does not do leaves the state as it was, with its age and the reason beside it.
func TestTroubleLeavesTheLastState(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"Throttling": "throttled", "AccessDenied": "denied", "InvalidClientTokenId": "denied", "LimitExceeded": "limit",
		"InternalFailure": "away", "InvalidParameterValue": "refused"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			x := h.senders()
			a := h.live(x, "alpha", "alpha.example")
			before := h.of(x, a).Domain
			h.fake.IdentityFault(func(action, _ string) letterstest.SESFault {
				if action == "GetIdentityDkimAttributes" {
					return letterstest.SESFault{Code: code}
				}
				return letterstest.SESFault{}
			})
			h.clock.Advance(25 * time.Hour)
			h.eventually("the trouble is noted", func() bool { return h.of(x, a).Domain.Trouble == want }, func() string { return fmt.Sprintf("%+v", h.of(x, a).Domain) })
			d := h.of(x, a).Domain
			if d.State != senders.Verified || !d.CheckedAt.Equal(*before.CheckedAt) || !d.Since.Equal(before.Since) || d.TroubleAt == nil {
				t.Errorf("%+v", d)
			}
			if !d.DueAt.After(h.clock.Now()) {
				t.Errorf("it is asked again at once")
			}
			h.fake.IdentityFault(nil)
			h.clock.Advance(7 * time.Hour)
			h.eventually("it is well again", func() bool { return h.of(x, a).Domain.Trouble == "" }, func() string { return "" })
		})
	}
}

// Whatever step meets trouble, the domain gets there once it is over.
func TestEachStepIsTakenAgain(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"VerifyDomainDkim", "SetIdentityMailFromDomain", "CreateConfigurationSet", "CreateConfigurationSetEventDestination",
		"GetIdentityVerificationAttributes", "GetIdentityMailFromDomainAttributes"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			x := h.senders()
			met := 0
			h.fake.IdentityFault(func(action, _ string) letterstest.SESFault {
				if action == step && met < 2 {
					met++
					return letterstest.SESFault{Code: "Throttling", Lost: met == 2}
				}
				return letterstest.SESFault{}
			})
			a := h.live(x, "alpha", "alpha.example")
			h.eventually("all of it stands", func() bool {
				st := h.of(x, a)
				h.hurry(a, st)
				return st.Set == senders.SetName(a) && st.Domain.MailFromAt != nil && st.Domain.State == senders.Verified
			}, func() string { return fmt.Sprintf("%+v", h.of(x, a)) })
			if at, _ := h.fake.Topic(senders.SetName(a)); at != topic {
				t.Errorf("the set publishes to %q", at)
			}
		})
	}
}

// A set or an identity that somebody deleted at SES is made anew, and letters leave meanwhile.
func TestWhatIsGoneAtSESIsMadeAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, o := h.senders(), h.outbox(true)
	a := h.live(x, "alpha", "alpha.example")
	h.fake.DropSet(senders.SetName(a))
	id := h.write(o, a, recovery("ada@people.example", "1"))
	d := h.letter(a, id, func(d letters.Delivery) bool {
		h.asSuper("UPDATE river.river_job SET scheduled_at = least(scheduled_at, now()), state = 'available' WHERE kind = 'letter' AND state IN ('available', 'scheduled', 'retryable')", nil)
		return d.EndedAt != nil
	})
	if d.State != letters.Sent || d.SentAs != letters.AsOwn {
		t.Errorf("%+v", d)
	}
	h.eventually("the set stands again", func() bool {
		h.clock.Advance(10 * time.Minute)
		_, there := h.fake.Topic(senders.SetName(a))
		h.hurry(a, h.of(x, a))
		return there && h.of(x, a).Set != ""
	}, func() string { return fmt.Sprintf("%+v", h.of(x, a)) })

	h.fake.Forget("alpha.example")
	h.until(x, a, "alpha.example", senders.Lost)
	h.clock.Advance(25 * time.Hour)
	h.eventually("it is asked for again", func() bool { h.hurry(a, h.of(x, a)); return len(h.fake.AskedFor("VerifyDomainDkim")) > 1 }, func() string { return "" })
	h.fake.Stands("alpha.example", "Success", "Success", "Success")
	h.until(x, a, "alpha.example", senders.Verified)
}

// SES gives a domain up after three days; somebody asks again.
func TestFailedWaitsToBeAskedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	a := h.addTenant("alpha", "no-reply@alpha.example")
	h.work(x)
	h.prove(x, a, "alpha.example")
	h.until(x, a, "alpha.example", senders.Pending)
	h.fake.Stands("alpha.example", "Failed", "Failed", "")
	if d := h.until(x, a, "alpha.example", senders.Failed); d.DueAt != nil {
		t.Errorf("%+v", d)
	}
	h.fake.Stands("alpha.example", "Pending", "Pending", "")
	h.again(x, a)
	h.until(x, a, "alpha.example", senders.Pending)
	h.fake.Stands("alpha.example", "Success", "Success", "")
	h.until(x, a, "alpha.example", senders.Verified)
}

// Two instances: each domain is asked for once, in turns that the database hands out.
func TestTwoInstancesKeepOnePace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x, y := h.senders(), h.senders()
	x.Pace, y.Pace = 40*time.Millisecond, 40*time.Millisecond
	var ids []tenants.ID
	for i := range 12 {
		ids = append(ids, h.addTenant(fmt.Sprint("t", i), fmt.Sprintf("a@t%d.example", i)))
	}
	first := h.work(x)
	h.work(y)
	for i, id := range ids {
		h.zone.set(senders.ChallengeName(fmt.Sprintf("t%d.example", i)), h.until(x, id, fmt.Sprintf("t%d.example", i), senders.Claimed).Challenge)
		h.again(x, id)
	}
	h.eventually("half of them are asked for", func() bool { return len(h.fake.AskedFor("VerifyDomainDkim")) > 5 }, func() string { return "" })
	h.stop(first)                    // the other one goes on
	h.clock.Advance(4 * time.Minute) // with what the first held, too
	for i, id := range ids {
		h.until(y, id, fmt.Sprintf("t%d.example", i), senders.Pending)
		h.fake.Stands(fmt.Sprintf("t%d.example", i), "Success", "Success", "Success")
	}
	for i, id := range ids {
		h.until(y, id, fmt.Sprintf("t%d.example", i), senders.Verified)
	}
	asked := map[string]int{}
	for _, a := range h.fake.AskedFor("VerifyDomainDkim") {
		asked[a.Subject]++
	}
	for domain, n := range asked {
		if n > 2 { // the one under way when the first stopped may be asked for twice
			t.Errorf("%s was asked for %d times", domain, n)
		}
	}
	// The pace is handed out, so that twelve domains and their sets take no less than their turns.
	all := h.fake.AskedFor()
	if took := all[len(all)-1].At.Sub(all[0].At); took < time.Duration(len(all)-3)*40*time.Millisecond {
		t.Errorf("%d calls within %s", len(all), took)
	}
}

// A hanging SES costs one call's time; what it hangs for is not lost.
func TestHangingSES(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	x.Call = 50 * time.Millisecond
	a := h.addTenant("alpha", "no-reply@alpha.example")
	h.work(x)
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	h.fake.IdentityFault(func(string, string) letterstest.SESFault { return letterstest.SESFault{Until: never} })
	h.prove(x, a, "alpha.example")
	h.eventually("it is away", func() bool { return h.of(x, a).Domain.Trouble == "away" }, func() string { return fmt.Sprintf("%+v", h.of(x, a).Domain) })
	if d := h.of(x, a).Domain; d.State != senders.Asking {
		t.Errorf("%+v", d)
	}
	h.fake.IdentityFault(nil)
	h.again(x, a)
	h.until(x, a, "alpha.example", senders.Pending)
}

func TestDatabaseGoesAndComesBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	x := h.senders()
	a := h.addTenant("alpha", "no-reply@alpha.example")
	h.work(x)
	h.prove(x, a, "alpha.example")
	for range 20 { // every connection, at whatever step
		h.asSuper("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", []any{}, new(int))
		<-time.After(10 * time.Millisecond)
	}
	h.clock.Advance(5 * time.Minute) // what was held is free again
	h.eventually("it goes on", func() bool {
		st, err := x.Of(t.Context(), h.tenant(a))
		return err == nil && st.Domain.State == senders.Pending
	}, func() string { return "" })
	h.fake.Stands("alpha.example", "Success", "Success", "Success")
	h.until(x, a, "alpha.example", senders.Verified)
}

type orders struct{ URL, SES string }

// child is another instance, which works until it is killed.
func child(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := tenants.Open(tenants.DBSettings{URL: o.URL, Clock: &tenants.Clock{}, Log: slog.New(slog.DiscardHandler), MaxConns: 4})
	if err != nil {
		return err
	}
	resolver, err := tenants.NewResolver(db, tenants.Addresses{BaseURL: "http://localhost:8080", BaseDomain: "localhost"})
	if err != nil {
		return err
	}
	s, err := letters.NewSES(ctx, letters.SESSettings{Region: "eu-west-1", Endpoint: o.SES, Credentials: credentials.NewStaticCredentialsProvider("id", "key", "")})
	if err != nil {
		return err
	}
	x := &senders.Senders{DB: db, Resolver: resolver, Log: slog.New(slog.DiscardHandler), SES: s, Topic: topic, Pace: time.Millisecond, Lease: time.Second,
		Owns: func(context.Context, tenants.ID, string) (bool, error) { return true, nil }}
	(&senders.Worker{Senders: x, Poll: 5 * time.Millisecond}).Start(ctx)
	_, _ = fmt.Fprintln(os.Stdout, "at work")
	select {} // until killed
}

func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"VerifyDomainDkim", "SetIdentityMailFromDomain", "CreateConfigurationSet", "GetIdentityDkimAttributes"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			a := h.addTenant("alpha", "no-reply@alpha.example")
			never := make(chan struct{})
			t.Cleanup(func() { close(never) })
			hangs := true
			h.fake.IdentityFault(func(action, _ string) letterstest.SESFault {
				if action == step && hangs {
					hangs = false
					return letterstest.SESFault{Until: never}
				}
				return letterstest.SESFault{}
			})
			text, err := json.Marshal(orders{URL: h.urls.AppURL, SES: h.fake.URL})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env, cmd.Stderr = append(os.Environ(), childEnv+"="+string(text)), os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if !bufio.NewScanner(out).Scan() {
				t.Error("the child did not begin")
			}
			h.eventually("the child hangs", func() bool { return len(h.fake.AskedFor(step)) > 0 }, func() string { return fmt.Sprint(h.fake.AskedFor()) })
			_ = cmd.Process.Kill() // SIGKILL
			_ = cmd.Wait()

			x := h.senders()
			x.Owns = func(context.Context, tenants.ID, string) (bool, error) { return true, nil }
			h.clock.Advance(4 * time.Minute) // what the dead one held is free again
			h.work(x)
			h.until(x, a, "alpha.example", senders.Pending)
			h.fake.Stands("alpha.example", "Success", "Success", "Success")
			h.until(x, a, "alpha.example", senders.Verified)
			if got := h.kinds(a); slices.Contains(got, "sender.lost lost") {
				t.Errorf("the audit: %v", got)
			}
		})
	}
}
