package letters_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

func TestLettersStayWithTheirTenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	id := h.write(o, h.a, recovery("ada@people.example", "r1"))
	if rows := h.list(h.a, letters.Filter{}); len(rows) != 1 || rows[0].ID != id || rows[0].State != letters.Queued {
		t.Fatalf("own letters: %+v", rows)
	}
	for _, f := range []letters.Filter{{}, {To: "ada@people.example"}, {Kind: "recovery"}, {State: letters.Queued}} {
		if rows := h.list(h.b, f); len(rows) != 0 {
			t.Errorf("the other tenant sees %+v with %+v", rows, f)
		}
	}
	err := h.db.In(t.Context(), h.b, func(s *tenants.Scope) error {
		n, err := s.Exec(t.Context(), "UPDATE letters SET state = 'skipped' WHERE id = $1", id)
		if n != 0 {
			t.Error("the other tenant changed the letter")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.write(o, h.b, recovery("ada@people.example", "r1")) // the same event at another tenant is another letter
	if rows := h.list(h.b, letters.Filter{}); len(rows) != 1 || rows[0].ID == id {
		t.Errorf("the other tenant's own: %+v", rows)
	}
}

func TestSealIsBoundToTenantAndRow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	x := h.write(o, h.a, recovery("x@people.example", "r1"))
	y := h.write(o, h.a, recovery("y@people.example", "r2"))
	var sealed []byte
	h.asSuper("SELECT sealed FROM letters WHERE id = $1", []any{x}, &sealed)
	if strings.Contains(string(sealed), secret) {
		t.Fatal("the sealed values are in clear")
	}
	if plain, err := h.keys.Open("letter", h.a, x.String(), sealed); err != nil || !strings.Contains(string(plain), secret) {
		t.Fatalf("cannot be opened where it belongs: %v", err)
	}
	for name, c := range map[string]struct {
		tenant  tenants.ID
		row     uuid.UUID
		purpose string
	}{"another row": {h.a, y, "letter"}, "another tenant": {h.b, x, "letter"}, "another purpose": {h.a, x, "sender"}} {
		if _, err := h.keys.Open(c.purpose, c.tenant, c.row.String(), sealed); !errors.Is(err, tenants.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Moved to another row, it is not sent to that row's recipient.
	h.asSuper("UPDATE letters SET sealed = $1 WHERE id = $2", []any{sealed, y})
	s := &sink{}
	h.working(s)
	if row := h.row(h.a, y, letters.Failed); row.Reason != "could not be opened" {
		t.Errorf("reason: %q", row.Reason)
	}
	h.row(h.a, x, letters.Sent)
	if got := s.all(); len(got) != 1 || got[0].To != "x@people.example" {
		t.Errorf("sent: %+v", got)
	}
}

func TestOneLetterPerEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	for range 3 {
		h.write(o, h.a, recovery("ada@people.example", "r1"))
	}
	h.write(o, h.a, recovery("bob@people.example", "r1"))
	h.write(o, h.a, letters.Draft{Letter: themes.ResetNotice{Name: "Ada", At: time.Now()}, To: "ada@people.example", Event: "r1"})
	if rows := h.list(h.a, letters.Filter{}); len(rows) != 3 {
		t.Errorf("%d letters, want 3", len(rows))
	}
	var jobs int
	h.asSuper("SELECT count(*) FROM river.river_job WHERE kind = 'letter'", nil, &jobs)
	if jobs != 3 {
		t.Errorf("%d jobs, want 3", jobs)
	}
}

func TestRolledBackLetterIsNoLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.outbox(func(*letters.Settings) {})
	no := errors.New("no")
	err := h.db.In(t.Context(), h.a, func(s *tenants.Scope) error {
		if _, err := o.Write(t.Context(), s, recovery("ada@people.example", "r1")); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	var rows int
	h.asSuper("SELECT (SELECT count(*) FROM letters) + (SELECT count(*) FROM river.river_job)", nil, &rows)
	if rows != 0 {
		t.Errorf("%d rows were left", rows)
	}
}

func TestDecoyCostsTheSameAndNeverLeaves(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	quiet := h.outbox(func(*letters.Settings) {})
	letter, pretence := recovery("ada@people.example", "r1"), recovery("", "r2")
	pretence.Letter = letter.Letter // the same values to the byte; times differ in length
	known, decoy := h.write(quiet, h.a, letter), h.write(quiet, h.a, pretence)
	shape := `SELECT string_agg(l.state || l.reason || octet_length(l.sealed) || j.state || j.queue || (l.ended_at IS NULL), ' ' ORDER BY l.event)
		FROM letters l JOIN river.river_job j ON (j.args->>'letter_id')::uuid = l.id WHERE l.id = $1`
	var a, b string
	h.asSuper(shape, []any{known}, &a)
	h.asSuper(shape, []any{decoy}, &b)
	if a != b || a == "" {
		t.Errorf("a decoy's row differs: %q, %q", a, b)
	}
	s := &sink{}
	h.working(s)
	h.row(h.a, known, letters.Sent)
	if row := h.row(h.a, decoy, letters.Skipped); row.Reason != "decoy" {
		t.Errorf("reason %q", row.Reason)
	}
	var sealed *[]byte
	h.asSuper("SELECT sealed FROM letters WHERE id = $1", []any{decoy}, &sealed)
	if sealed != nil || len(s.all()) != 1 {
		t.Errorf("sealed %v, sent %d", sealed, len(s.all()))
	}
}
