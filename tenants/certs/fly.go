package certs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Fly asks Fly's proxy, which ends TLS before us, for certificates (Machines API, "certificates").
type Fly struct {
	App    string // FLY_APP_NAME
	Token  string
	At     string       // "" is https://api.machines.dev
	Client *http.Client // nil is one that follows no redirect and waits ten seconds
}

// Errors of the API that decide what happens next.
var (
	ErrEdgeBusy    = errors.New("the platform before us asks to come back later")
	ErrEdgeRefused = errors.New("the platform before us refuses") // asking again will not help soon
)

// flyCertificate is what matters of Fly's answer.
type flyCertificate struct {
	Configured bool   `json:"configured"`
	Status     string `json:"status"`
}

// Ask wants a certificate for a host; one that is there already is as good.
func (f *Fly) Ask(ctx context.Context, host string) error {
	body, err := json.Marshal(map[string]string{"hostname": host})
	if err != nil {
		return err
	}
	status, _, err := f.call(ctx, http.MethodPost, "/acme", body)
	if err == nil && status == http.StatusConflict {
		return nil
	}
	return judged(status, err)
}

// Look has the platform check a host's DNS and tells whether its certificate is served.
func (f *Fly) Look(ctx context.Context, host string) (ready bool, detail string, err error) {
	status, answer, err := f.call(ctx, http.MethodPost, "/"+url.PathEscape(host)+"/check", nil)
	if err := judged(status, err); err != nil {
		return false, "", err
	}
	var c flyCertificate
	if err := json.Unmarshal(answer, &c); err != nil {
		return false, "", fmt.Errorf("the answer about %s is not understood: %w", host, err)
	}
	return c.Configured && strings.EqualFold(c.Status, "active"), c.Status, nil
}

// Drop gives a host's certificate up; one that is not there is gone already.
func (f *Fly) Drop(ctx context.Context, host string) error {
	status, _, err := f.call(ctx, http.MethodDelete, "/"+url.PathEscape(host), nil)
	if err == nil && status == http.StatusNotFound {
		return nil
	}
	return judged(status, err)
}

// call sends one request. Its errors never hold the token.
func (f *Fly) call(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	base := f.At
	if base == "" {
		base = "https://api.machines.dev"
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base, "/")+"/v1/apps/"+url.PathEscape(f.App)+"/certificates"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	req.Header.Set("Content-Type", "application/json")
	client := f.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	return res.StatusCode, answer, err
}

func judged(status int, err error) error {
	switch {
	case err != nil:
		return err
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests || status >= 500:
		return fmt.Errorf("%w (status %d)", ErrEdgeBusy, status)
	}
	return fmt.Errorf("%w (status %d)", ErrEdgeRefused, status)
}
