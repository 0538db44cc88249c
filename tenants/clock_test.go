package tenants

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheClockMovesAndComesBack(t *testing.T) {
	t.Parallel()
	var c Clock
	before := time.Now()
	c.Advance(time.Hour)
	c.Advance(30 * time.Minute)
	now := c.Now()
	if d := now.Sub(before); d < 90*time.Minute-time.Millisecond || d > 91*time.Minute {
		t.Fatalf("the clock moved by %s", d)
	}
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Fatalf("%v is not UTC in microseconds", now)
	}
	c.Reset()
	if d := c.Now().Sub(before); d < -time.Millisecond || d > time.Minute {
		t.Fatalf("after Reset the clock is off by %s", d)
	}
}

func TestDurationsReadAndWriteShort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"24h": "24h", "1h30m": "1h30m", "90m": "1h30m", "45s": "45s", "0s": "0s", "1h0m5s": "1h0m5s", "10m": "10m", "100h0m0s": "100h",
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != want {
			t.Errorf("%q: got %q, %v; want %q", text, d, err, want)
		}
	}
	for _, bad := range []string{"", "5", "5 m", "-5m", "1d", "1e9h", "99999999h"} {
		var d Duration
		if err := d.UnmarshalText([]byte(bad)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	var d Duration
	if err := json.Unmarshal([]byte(`5`), &d); err == nil {
		t.Error("a number became a length of time")
	}
	rapid.Check(t, func(t *rapid.T) {
		want := Duration(rapid.Int64Range(0, 1<<62).Draw(t, "d"))
		text, _ := json.Marshal(want)
		var got Duration
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s became %s, %v", text, got, err)
		}
	})
}
