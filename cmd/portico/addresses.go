package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"portico/app/letters"
	"portico/tenants"
)

// databaseURL refuses what pgx could not use. The address itself is never repeated: it holds a password.
func databaseURL(raw string) error {
	if raw == "" {
		return nil
	}
	if _, err := pgxpool.ParseConfig(raw); err != nil {
		return errors.New("is not an address such as postgres://portico_app:password@host:5432/database")
	}
	return nil
}

// origin refuses a base URL that is more or less than scheme and host, and one without TLS that leaves
// this machine: cookies and links would travel in clear.
func origin(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery ||
		u.Fragment != "" || strings.HasSuffix(raw, "#") {
		return errors.New("is not an origin such as https://portico.example: scheme and host, without path")
	}
	if _, err := tenants.NormalizeHost(u.Host); err != nil {
		return errors.New("is not an origin such as https://portico.example: its host is no host name")
	}
	if u.Scheme == "http" && !here(u.Hostname()) {
		return errors.New("must begin with https: only a portal on localhost does without TLS")
	}
	return nil
}

// here tells whether a host is this machine under any of its names.
func here(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

// hostName refuses a domain with a scheme, port, path or blanks; "" is allowed.
func hostName(s string) error {
	if s == "" {
		return nil
	}
	if name, err := tenants.NormalizeHost(s); err != nil || !strings.EqualFold(name, s) {
		return fmt.Errorf("%q is not a host name such as portico.example", s)
	}
	return nil
}

// mailbox refuses a sender that is not one plain address; "" is allowed.
func mailbox(s string) error {
	if s == "" {
		return nil
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return fmt.Errorf("%q is not an address such as noreply@portico.example", s)
	}
	return nil
}

// listenAt refuses what cannot be listened on, before anything is opened.
func listenAt(name, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err == nil && host != "" {
		if _, notIP := netip.ParseAddr(host); notIP != nil {
			_, err = tenants.NormalizeHost(host)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %q is not an address to listen on, such as 127.0.0.1:8080", name, addr)
	}
	return nil
}

func prefixes(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no network such as 10.0.0.0/8", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

var headerToken = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// headerName refuses what names no header, and a header that nobody could be believed to have set.
func headerName(name string, trusting bool) error {
	switch {
	case name == "":
		return nil
	case !headerToken.MatchString(name):
		return errors.New("is not the name of a header, such as Fly-Client-IP")
	case !trusting:
		return errors.New("needs PORTICO_TRUSTED_PROXIES: it counts from those networks alone")
	}
	return nil
}

// relay reads smtp://[user:password@]host[:port][?tls=none[&allow_plain=1]] and smtps://…. Mail without
// TLS stays on this machine or on a private address, unless the operator states allow_plain=1.
func relay(raw string) (*letters.SMTP, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("is not an address such as smtp://relay.example:587")
	}
	s := &letters.SMTP{Host: u.Hostname(), TLS: "starttls", Port: 587, Username: u.User.Username()}
	s.Password, _ = u.User.Password()
	q := u.Query()
	for key, values := range q {
		if key != "tls" && key != "allow_plain" || len(values) != 1 || key == "tls" && values[0] != "none" || key == "allow_plain" && values[0] != "1" {
			return nil, fmt.Errorf("has %q behind its question mark; tls=none and allow_plain=1 are all there is", key)
		}
	}
	none := q.Has("tls")
	switch {
	case u.Scheme == "smtps" && !none:
		s.TLS, s.Port = "implicit", 465
	case u.Scheme != "smtp":
		return nil, fmt.Errorf("scheme %q is neither smtp nor smtps, or stands with tls=none", u.Scheme)
	case none:
		s.TLS, s.AllowPlain = "none", q.Has("allow_plain") || private(s.Host) || here(s.Host)
		if !s.AllowPlain {
			return nil, errors.New("asks for tls=none towards another machine: mail and password would travel in clear; " +
				"use STARTTLS, or state allow_plain=1 for a network that you trust")
		}
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return nil, fmt.Errorf("port %q", p)
		}
	}
	return s, nil
}

// private tells whether a host is written as an address of a private network (RFC 1918, RFC 4193).
func private(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsPrivate()
}

// loopback tells whether an address to listen on is this machine's alone.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
