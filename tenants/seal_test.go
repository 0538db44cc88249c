package tenants

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// key is a distinct key of 32 bytes, as a ring writes it.
func key(n byte) string {
	b := bytes.Repeat([]byte{n}, 32)
	b[0] = n + 1
	return base64.StdEncoding.EncodeToString(b)
}

func ring(t *testing.T, list string) Keyring {
	t.Helper()
	k, err := ParseKeyring(list)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyringsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ list, says string }{
		"nothing":        {"", "no key"},
		"no id":          {key(1), "id:base64"},
		"id in capitals": {"A:" + key(1), "id:base64"},
		"id too long":    {strings.Repeat("a", 17) + ":" + key(1), "id:base64"},
		"not base64":     {"a:%%%", "not base64"},
		"31 bytes":       {"a:" + base64.StdEncoding.EncodeToString([]byte("0123456789012345678901234567890")), "31 bytes"},
		"placeholder":    {"a:" + base64.StdEncoding.EncodeToString(make([]byte, 32)), "placeholder"},
		"id twice":       {"a:" + key(1) + ",a:" + key(2), "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseKeyring(c.list)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want it to say %q", err, c.says)
			}
			if strings.Contains(err.Error(), key(1)) {
				t.Fatal("the error shows the key")
			}
		})
	}
	if k := ring(t, "new:"+key(1)+",\n old:"+key(2)+"\r\n"); k.Current() != "new" {
		t.Fatalf("the first key is current, got %q", k.Current())
	}
}

func TestSealedBytesOpenOnlyWhereTheyBelong(t *testing.T) {
	t.Parallel()
	one, two := NewID(), NewID()
	k := ring(t, "a:"+key(1))
	sealed := k.Seal("letter", one, "row", []byte("secret"))
	if plain, err := k.Open("letter", one, "row", sealed); err != nil || string(plain) != "secret" {
		t.Fatalf("got %q, %v", plain, err)
	}
	if bytes.Equal(sealed, k.Seal("letter", one, "row", []byte("secret"))) {
		t.Fatal("the same text sealed twice looks the same")
	}
	refused := func(what string, ring Keyring, purpose string, tenant ID, row string, b []byte) {
		t.Helper()
		if plain, err := ring.Open(purpose, tenant, row, b); !errors.Is(err, ErrSealed) || plain != nil {
			t.Errorf("%s: got %q, %v", what, plain, err)
		}
	}
	refused("another tenant", k, "letter", two, "row", sealed)
	refused("another purpose", k, "password", one, "row", sealed)
	refused("another row", k, "letter", one, "row2", sealed)
	refused("another key of the same id", ring(t, "a:"+key(9)), "letter", one, "row", sealed)
	refused("an unknown id", ring(t, "b:"+key(1)), "letter", one, "row", sealed)
	for i := range sealed {
		refused("a changed byte", k, "letter", one, "row", append(append(bytes.Clone(sealed[:i]), sealed[i]^1), sealed[i+1:]...))
		refused("a shorter text", k, "letter", one, "row", sealed[:i])
	}
}

func TestRotationKeepsWhatOlderKeysSealed(t *testing.T) {
	t.Parallel()
	tenant := NewID()
	before, after := ring(t, "old:"+key(1)), ring(t, "new:"+key(2)+",old:"+key(1))
	sealed := before.Seal("p", tenant, "r", []byte("x"))
	if KeyOf(sealed) != "old" || KeyOf(after.Seal("p", tenant, "r", nil)) != "new" {
		t.Fatal("the key's id does not stand in front")
	}
	if plain, err := after.Open("p", tenant, "r", sealed); err != nil || string(plain) != "x" {
		t.Fatalf("got %q, %v", plain, err)
	}
	mac := before.MAC("p", tenant, "x")
	if !after.CheckMAC(mac, "p", tenant, "x") || ring(t, "new:"+key(2)).CheckMAC(mac, "p", tenant, "x") {
		t.Fatal("a MAC holds while its key is in the ring, and no longer")
	}
	for _, odd := range [][]byte{nil, {}, {0}, {5, 'a'}, {255}} {
		if id := KeyOf(odd); id != "" {
			t.Errorf("KeyOf(%v) is %q", odd, id)
		}
	}
}

func TestMACsTellPartsApart(t *testing.T) {
	t.Parallel()
	tenant := NewID()
	k := ring(t, "a:"+key(1))
	seen := map[string]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"a\x00\x00\x01b"}, {"a", "", "b"}} {
		mac := string(k.MAC("p", tenant, parts...))
		if other, twice := seen[mac]; twice {
			t.Errorf("%q and %s have one MAC", parts, other)
		}
		seen[mac] = strings.Join(parts, "|")
	}
	mac := k.MAC("p", tenant, "x")
	if k.CheckMAC(mac, "q", tenant, "x") || k.CheckMAC(mac, "p", NewID(), "x") || k.CheckMAC(mac[:31], "p", tenant, "x") || k.CheckMAC(nil, "p", tenant, "x") {
		t.Error("a MAC of another purpose, tenant or length holds")
	}
}
