package app

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"portico/app/accounts"
	"portico/tenants"
)

// The parsers at the door, with seeds that run as ordinary tests.

func FuzzNormalizeHost(f *testing.F) {
	for _, seed := range []string{"a.example", "A.Example.:80", "a..b", "a:1:2", "[::1]", "a@b", "a b", "a/b", "a%2e", "", ".", ":80", "ä.example", strings.Repeat("a.", 130)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		name, err := tenants.NormalizeHost(raw)
		if err != nil {
			return
		}
		if name == "" || len(name) > 253 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || strings.Contains(name, "..") || name[0] == '.' || strings.HasSuffix(name, ".") {
			t.Fatalf("%q becomes %q", raw, name)
		}
		if again, err := tenants.NormalizeHost(name); err != nil || again != name {
			t.Fatalf("%q becomes %q, then %q", raw, name, again)
		}
	})
}

func FuzzTenantPath(f *testing.F) {
	for _, seed := range []string{"/t/first/login", "/t/first", "/t//x", "/t/../x", "/T/first/", "/t/First/", "/t/a%2fb/", "//t/first", "/t/first//x", "/t/", "t/first", "/t/a;b/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		slug, rest, ok := splitTenantPath(path)
		if !ok {
			return
		}
		if !tenants.ValidSlug(slug) || "/t/"+slug+rest != path || rest != "" && rest[0] != '/' {
			t.Fatalf("%q splits into %q and %q", path, slug, rest)
		}
	})
}

func FuzzEmailKey(f *testing.F) {
	for _, seed := range []string{"a@b.example", "A@B.EXAMPLE", "K@k.example", "İ@i.example", "a@b@c.example", "\"a b\"@c.example", "a@xn--e1afmkfd.example", "a@b", "@", "a..b@c.example", "a@b.example.", "a\r\nBcc: x@b.example", "a@ß.example", "a\u200b@b.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		key, err := accounts.NormalizeEmail(typed)
		if err != nil {
			return
		}
		if strings.ContainsAny(key, " \r\n\t\x00<>,;\"") || strings.Count(key, "@") != 1 {
			t.Fatalf("%q becomes %q", typed, key)
		}
		if again, err := accounts.NormalizeEmail(key); err != nil || again != key {
			t.Fatalf("%q becomes %q, then %q (%v)", typed, key, again, err)
		}
	})
}

func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "null", strings.Repeat("A", 43), strings.Repeat("A", 42) + "B", strings.Repeat("A", 44), strings.Repeat("=", 43), strings.Repeat("/", 43)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if accounts.WellFormedSecret(token) && (len(token) != 43 || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "") {
			t.Fatalf("%q is taken for a token", token)
		}
	})
}

// FuzzClientAddress: a client that is no proxy of ours is itself, whatever it says; behind a proxy the
// answer is the proxy or an address that stands in the header.
func FuzzClientAddress(f *testing.F) {
	for _, seed := range []string{"", "203.0.113.1", "203.0.113.1, 10.0.0.1", "<script>", "::ffff:203.0.113.1", "fe80::1%eth0", ",,,", "203.0.113.1:80", "unknown", "10.0.0.1, 10.0.0.2"} {
		f.Add(seed)
	}
	trusted := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")} // a bare context's peer is 0.0.0.0
	f.Fuzz(func(t *testing.T, header string) {
		ctx := &fasthttp.RequestCtx{}
		ctx.Request.Header.Set("X-Forwarded-For", header)
		if got := clientAddress(ctx, nil, ""); got != netip.IPv4Unspecified() {
			t.Fatalf("without trust %q makes %s", header, got)
		}
		got := clientAddress(ctx, trusted, "")
		if !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Fatalf("%q makes %v", header, got)
		}
	})
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")}
	for header, want := range map[string]string{"": "0.0.0.0", "203.0.113.1": "203.0.113.1", "192.0.2.9, 203.0.113.1": "203.0.113.1", "203.0.113.1, 10.0.0.1": "203.0.113.1", "10.0.0.2, 10.0.0.1": "10.0.0.2",
		"203.0.113.1, nonsense": "0.0.0.0", "nonsense, 203.0.113.1": "203.0.113.1", "::ffff:203.0.113.1": "203.0.113.1", "203.0.113.1, nonsense, 10.0.0.1": "10.0.0.1", "203.0.113.1:443": "0.0.0.0", "2001:db8::1%eth0": "2001:db8::1"} {
		ctx := &fasthttp.RequestCtx{}
		ctx.Request.Header.Set("X-Forwarded-For", header)
		if got := clientAddress(ctx, trusted, "").String(); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// A proxy's own header counts from that proxy alone, once and with one address; else the walk decides.
func TestClientAddressNamedByTheProxy(t *testing.T) {
	t.Parallel()
	proxy := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32")} // a bare context's peer is 0.0.0.0
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		header  string
		sent    []string
		want    string
	}{
		"named":                  {proxy, "Fly-Client-IP", []string{"203.0.113.1"}, "203.0.113.1"},
		"named, version 6":       {proxy, "fly-client-ip", []string{" 2001:db8::1 "}, "2001:db8::1"},
		"mapped":                 {proxy, "Fly-Client-IP", []string{"::ffff:203.0.113.1"}, "203.0.113.1"},
		"spoofed by a stranger":  {nil, "Fly-Client-IP", []string{"203.0.113.1"}, "0.0.0.0"},
		"header not asked for":   {proxy, "", []string{"203.0.113.1"}, "192.0.2.66"},
		"absent":                 {proxy, "Fly-Client-IP", nil, "192.0.2.66"},
		"two addresses":          {proxy, "Fly-Client-IP", []string{"203.0.113.1, 203.0.113.2"}, "192.0.2.66"},
		"two lines":              {proxy, "Fly-Client-IP", []string{"203.0.113.1", "203.0.113.2"}, "192.0.2.66"},
		"garbage":                {proxy, "Fly-Client-IP", []string{"<script>"}, "192.0.2.66"},
		"empty":                  {proxy, "Fly-Client-IP", []string{""}, "192.0.2.66"},
		"address with its port":  {proxy, "Fly-Client-IP", []string{"203.0.113.1:443"}, "192.0.2.66"},
		"stranger, both headers": {nil, "", []string{"203.0.113.1"}, "0.0.0.0"},
	} {
		ctx := &fasthttp.RequestCtx{}
		ctx.Request.Header.Set("X-Forwarded-For", "198.51.100.7, 192.0.2.66") // the last is the platform's own address
		for _, line := range c.sent {
			ctx.Request.Header.Add("Fly-Client-IP", line)
		}
		if got := clientAddress(ctx, c.trusted, c.header).String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
