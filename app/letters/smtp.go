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

	"github.com/wneessen/go-mail/smtp"
)

// SMTP hands mail to a relay, one connection a letter. Our Message-ID is kept.
type SMTP struct {
	Host       string
	Port       int
	TLS        string // "starttls" (demanded, never optional), "implicit", or "none" (loopback alone, else AllowPlain)
	Username   string // "" for no authentication
	Password   string
	AllowPlain bool        // the operator states that "none" may leave this machine; never a tenant's to say
	HELO       string      // "" is "localhost"
	Trust      *tls.Config // nil trusts the machine's roots
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
	switch s.TLS {
	case "implicit":
		return (&tls.Dialer{Config: s.trust()}).DialContext(ctx, "tcp", address)
	case "starttls":
	case "none":
		if !s.AllowPlain && !loopback(s.Host) {
			return nil, temporary("the relay's connection must be encrypted", nil)
		}
	default:
		return nil, temporary("the relay's TLS setting is unknown", nil)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
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
