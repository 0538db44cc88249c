package feedback

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Bounds of what a message, of which nothing is known yet, makes us fetch.
const (
	keptKeys      = 16
	mostFetches   = 10 // a minute
	fetchesWithin = time.Minute
	mostAnswer    = 32 << 10 // bytes
)

// keys are the certificates with which SNS signs, kept by their address. An address holds one for ever.
type keys struct {
	client *http.Client

	mu   sync.Mutex
	kept map[string]*x509.Certificate

	fetching sync.Mutex  // one fetch at a time: SNS signs with one certificate for months
	fetched  []time.Time // within the last minute
}

// of answers the key of a certificate that is valid now. The address was checked: it is SNS's.
func (k *keys) of(ctx context.Context, address string, now time.Time) (*rsa.PublicKey, error) {
	cert := k.known(address)
	if cert == nil {
		var err error
		if cert, err = k.fetch(ctx, address, now); err != nil {
			return nil, err
		}
	}
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return nil, fmt.Errorf("%w: its certificate is not valid now", ErrForged)
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: its certificate has no RSA key", ErrForged)
	}
	return key, nil
}

func (k *keys) known(address string) *x509.Certificate {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[address]
}

func (k *keys) fetch(ctx context.Context, address string, now time.Time) (*x509.Certificate, error) {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if cert := k.known(address); cert != nil { // somebody fetched it meanwhile
		return cert, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ErrLater, ctx.Err())
	}
	for len(k.fetched) > 0 && now.Sub(k.fetched[0]) > fetchesWithin {
		k.fetched = k.fetched[1:]
	}
	if len(k.fetched) >= mostFetches {
		return nil, fmt.Errorf("%w: too many certificates were asked for", ErrLater)
	}
	k.fetched = append(k.fetched, now)
	body, err := k.get(ctx, address)
	if errors.Is(err, errAnswer) {
		return nil, fmt.Errorf("%w: there is no certificate", ErrForged)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLater, err)
	}
	block, _ := pem.Decode(body)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%w: its certificate is none", ErrForged)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: its certificate cannot be read", ErrForged)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.kept) >= keptKeys {
		clear(k.kept)
	}
	k.kept[address] = cert
	return cert, nil
}

// errAnswer is an answer that asking again will not change.
var errAnswer = errors.New("feedback: SNS answered no")

// get reads a short answer of SNS. TLS says that it is SNS's; the certificates that sign are trusted for
// where they were found, as the developer guide has it.
func (k *keys) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := k.client.Do(req)
	var with *url.Error
	if errors.As(err, &with) {
		err = with.Err // without the address, which may carry a token
	}
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusForbidden, res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusGone:
		return nil, fmt.Errorf("%w: %d", errAnswer, res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("SNS answers %d", res.StatusCode)
	}
	return io.ReadAll(io.LimitReader(res.Body, mostAnswer))
}
