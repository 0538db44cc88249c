package letterstest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// SNS is a fake of Amazon SNS: it signs messages with a certificate that it serves by TLS under its real name,
// and takes confirmations of subscriptions.
type SNS struct {
	Topic string // ARN of its topic
	Carry http.RoundTripper

	// Addresses of certificates: the one that signs, one of the same key that is over, and one that is none.
	Certificate, Expired, Broken string

	key    *rsa.PrivateKey
	served map[string][]byte // by path

	mu        sync.Mutex
	asked     []string
	confirmed []string
	away      bool
}

const (
	snsHost           = "sns.eu-west-1.amazonaws.com"
	subscriptionToken = "2336412f37" //nolint:gosec // opens nothing
)

// NewSNS starts the fake and stops it with the test.
func NewSNS(t testing.TB) *SNS {
	t.Helper()
	s := &SNS{Topic: "arn:aws:sns:eu-west-1:123456789012:portico-letters"}
	s.served = map[string][]byte{}
	var err error
	if s.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	s.Certificate, s.Expired = s.serve(selfSigned(t, s.key, "sns.amazonaws.com", 2200)), s.serve(selfSigned(t, s.key, "sns.amazonaws.com", 2001))
	s.Broken = s.serve([]byte("no certificate"))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cert := selfSigned(t, key, snsHost, 2200)
	block, _ := pem.Decode(cert)
	server := httptest.NewUnstartedServer(s)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{block.Bytes}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	s.Carry = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		}}
	t.Cleanup(s.Carry.(*http.Transport).CloseIdleConnections)
	return s
}

func (s *SNS) serve(body []byte) (address string) {
	sum := sha256.Sum256(body)
	path := "/SimpleNotificationService-" + hex.EncodeToString(sum[:16]) + ".pem"
	s.served[path] = body
	return "https://" + snsHost + path
}

func selfSigned(t testing.TB, key *rsa.PrivateKey, name string, until int) []byte {
	t.Helper()
	what := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(until, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, what, what, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// ServeHTTP answers for SNS.
func (s *SNS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.String())
	switch {
	case s.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case s.served[r.URL.Path] != nil:
		_, _ = w.Write(s.served[r.URL.Path])
	case r.URL.Path == "/" && r.URL.Query().Get("Action") == "ConfirmSubscription":
		s.confirmed = append(s.confirmed, r.URL.Query().Get("TopicArn"))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Away makes it answer 503, or no longer.
func (s *SNS) Away(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// Asked lists what was asked of it, and Confirmed the topics of confirmed subscriptions.
func (s *SNS) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// Confirmed lists the topics whose subscription was confirmed.
func (s *SNS) Confirmed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.confirmed...)
}

// Notification is a signed message that carries an event of SES; change may spoil it before it is signed, and
// after that in what it names "after Name".
func (s *SNS) Notification(t testing.TB, event string, change func(map[string]string)) string {
	t.Helper()
	return s.sign(t, map[string]string{"Type": "Notification", "Message": event, "Subject": "Amazon SES Email Event Notification"}, change,
		"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
}

// Subscription is a signed request to confirm a subscription.
func (s *SNS) Subscription(t testing.TB, change func(map[string]string)) string {
	t.Helper()
	return s.sign(t, map[string]string{"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe.", "Token": subscriptionToken,
		"SubscribeURL": "https://" + snsHost + "/?Action=ConfirmSubscription&TopicArn=" + s.Topic + "&Token=" + subscriptionToken}, change,
		"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
}

func (s *SNS) sign(t testing.TB, m map[string]string, change func(map[string]string), order ...string) string {
	t.Helper()
	m["MessageId"], m["TopicArn"], m["Timestamp"], m["SignatureVersion"] = rand.Text(), s.Topic, "2026-11-22T10:00:00.000Z", "2"
	m["SigningCertURL"] = s.Certificate
	if change != nil {
		change(m)
	}
	spoil := map[string]string{} // "after Name" is changed when everything is signed
	for name, value := range m {
		if after, ok := strings.CutPrefix(name, "after "); ok {
			spoil[after] = value
			delete(m, name)
		}
	}
	var text strings.Builder
	for _, name := range order {
		text.WriteString(name + "\n" + m[name] + "\n")
	}
	sum := sha256.Sum256([]byte(text.String()))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(signature)
	maps.Copy(m, spoil)
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
