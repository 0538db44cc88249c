package proofs

import (
	"bytes"
	"context"
	"encoding/base32"
	"fmt"
	"image/png"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"portico/tenants"
)

// secretBytes is 160 bits, as RFC 4226 section 4 recommends for a shared secret.
const secretBytes = 20

// BeginAuthenticator makes a fresh secret for an authenticator app. It counts for nothing until a code of
// the app came back.
func (e *Enrolment) BeginAuthenticator(ctx context.Context, t *tenants.Tenant, o Owner) error {
	if !t.Policy.Gates.Registers(Authenticator) {
		return ErrNotOffered
	}
	return e.begin(ctx, t, o, "totp", pending{Kind: Authenticator, Contact: AppSecret()})
}

// AppKey is a secret as an authenticator app reads it: an otpauth address, and a picture of that.
type AppKey struct{ key *otp.Key }

// AppKeyOf names the secret in the app: the site, and who signs in there.
func AppKeyOf(site, name, secret string) (AppKey, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return AppKey{}, fmt.Errorf("authenticator secret: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: site, AccountName: name, Secret: raw, Period: stepSeconds,
		Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	return AppKey{key}, err
}

// URL is the otpauth address.
func (k AppKey) URL() string { return k.key.URL() }

// qrPixels is the side of the picture: large enough for a phone's camera at an arm's length.
const qrPixels = 264

// QR is the address as a PNG picture.
func (k AppKey) QR() ([]byte, error) {
	picture, err := k.key.Image(qrPixels, qrPixels)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = png.Encode(&out, picture)
	return out.Bytes(), err
}
