package letters

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"
	"syscall"

	"github.com/wneessen/go-mail/smtp"
)

// SMTP hands mail to a relay, one connection a letter. Our Message-ID is kept.
type SMTP struct {
	Host       string
	Port       int
	TLS        string // "starttls" (demanded, never optional), "implicit", or "none" (loopback alone, else AllowPlain)
	Username   string // "" for no authentication
	Password   string
	AllowPlain bool   // the operator states that "none" may leave this machine; never a tenant's to say
	HELO       string // "" is "localhost"

	At    func(netip.Addr) bool // where the relay may stand; nil is anywhere
	Trust *tls.Config           // nil trusts the machine's roots
}

// Send speaks one SMTP transaction (RFC 5321). The end of ctx closes the connection.
func (s *SMTP) Send(ctx context.Context, e Envelope) (string, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	client, err := s.greet(conn)
	if err != nil {
		return "", overtaken(ctx, smtpFailure("the relay does not welcome us", err, false))
	}
	if err := s.transact(client, e); err != nil {
		return "", overtaken(ctx, err)
	}
	_ = client.Quit() // the mail is theirs; how they say goodbye changes nothing
	return e.MessageID, nil
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	plain := &net.Dialer{Control: s.guard}
	switch s.TLS {
	case "implicit":
		return (&tls.Dialer{NetDialer: plain, Config: s.trust()}).DialContext(ctx, "tcp", address)
	case "starttls":
	case "none":
		if !s.AllowPlain && !loopback(s.Host) {
			return nil, temporary("the relay's connection must be encrypted", nil)
		}
	default:
		return nil, temporary("the relay's TLS setting is unknown", nil)
	}
	return plain.DialContext(ctx, "tcp", address)
}

// guard looks at the address that is really dialled: a name may lead anywhere, and elsewhere the second time.
func (s *SMTP) guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if s.At == nil || err == nil && s.At(at.Addr()) {
		return nil
	}
	return temporary("the relay's address is not a public one", nil)
}

// PublicAddress tells whether an address is one of the open internet: no loopback, private, link-local,
// carrier-grade (RFC 6598), documentation, benchmark, multicast or reserved one, nor one that carries such an
// IPv4 address within (NAT64, 6to4, Teredo).
func PublicAddress(at netip.Addr) bool {
	at = at.Unmap()
	if !at.IsGlobalUnicast() || at.IsPrivate() {
		return false
	}
	for _, text := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10"} {
		if netip.MustParsePrefix(text).Contains(at) {
			return false
		}
	}
	return true
}

// greet says hello, encrypts and signs in.
func (s *SMTP) greet(conn net.Conn) (*smtp.Client, error) {
	client, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return nil, err
	}
	client.SkipSMTPUTF8(true) // addresses are ASCII (CleanAddress)
	helo := s.HELO
	if helo == "" {
		helo = "localhost"
	}
	if err := client.Hello(helo); err != nil {
		return nil, err
	}
	if s.TLS == "starttls" {
		if err := client.StartTLS(s.trust()); err != nil {
			return nil, err
		}
	}
	if s.Username == "" {
		return client, nil
	}
	return client, client.Auth(smtp.PlainAuth("", s.Username, s.Password, s.Host, s.TLS == "none"))
}

func (s *SMTP) transact(client *smtp.Client, e Envelope) error {
	if err := client.Mail("<" + e.From + ">"); err != nil {
		return smtpFailure("the relay does not take this sender", err, false)
	}
	if err := client.Rcpt("<" + e.To + ">"); err != nil {
		return smtpFailure("the relay does not take this recipient", err, true)
	}
	w, err := client.Data()
	if err != nil {
		return smtpFailure("the relay does not take the message", err, true)
	}
	if _, err := bytes.NewReader(e.Message).WriteTo(w); err != nil {
		return smtpFailure("the connection broke", err, true)
	}
	if err := w.Close(); err != nil {
		return smtpFailure("the relay does not take the message", err, true)
	}
	return nil
}

// smtpFailure sorts answers: a 5yz to recipient or content is final for this letter; a 4yz, a 5yz about
// us (greeting, sign-in, sender) and a broken connection are tried again.
func smtpFailure(why string, err error, letters bool) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return temporary("the connection to the relay broke", err)
	}
	why += " (" + strconv.Itoa(answer.Code) + ")"
	if letters && answer.Code >= 500 {
		return refused(why, err)
	}
	return temporary(why, err)
}

// overtaken names the real reason when our own deadline closed the connection.
func overtaken(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ErrRefused) {
		return ctx.Err()
	}
	return err
}

func (s *SMTP) trust() *tls.Config {
	c := s.Trust.Clone()
	if c == nil {
		c = &tls.Config{}
	}
	c.MinVersion = tls.VersionTLS12
	if c.ServerName == "" {
		c.ServerName = s.Host
	}
	return c
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
