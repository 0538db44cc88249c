package tenantfile

import (
	"crypto/subtle"

	"portico/app/letters"
	"portico/tenants"
)

// judgeSender reads the secrets that the sender names: a relay's password, and that of an account for texts
// and calls. A sealed one stays where it holds the same.
func (w *work) judgeSender() {
	if w.file.Sender == nil {
		return
	}
	sender := *w.want.sender // the file's own value stays as it was read
	old := w.was.sender
	if old == nil {
		old = &tenants.Sender{}
	}
	if sender.SMTP != nil && sender.SMTP.Password != "" {
		relay, was := *sender.SMTP, []byte(nil)
		if old.SMTP != nil {
			was = old.SMTP.SealedPassword
		}
		w.sealed, relay.SealedPassword = w.secret("sender.smtp.password", relay.Password, "sender", was, letters.SealSenderPassword)
		sender.SMTP = &relay
	}
	if sender.Phone != nil && sender.Phone.Secret != "" {
		phone, was := *sender.Phone, []byte(nil)
		if old.Phone != nil {
			was = old.Phone.SealedSecret
		}
		w.sealedPhone, phone.SealedSecret = w.secret("sender.phone.secret", phone.Secret, letters.PhonePurpose, was, letters.SealPhoneSecret)
		sender.Phone = &phone
	}
	w.want.sender = &sender
}

// secret reads what a reference names and answers with its sealed form: fresh is nil where the one that was
// there holds the same already.
func (w *work) secret(field, ref, purpose string, was []byte, seal func(tenants.Keyring, tenants.ID, string) []byte) (fresh, sealed []byte) {
	plain, err := w.o.Secrets.Read(ref)
	if err != nil {
		w.refuse(field, "%v", err)
		return nil, was
	}
	if opened, err := w.files.Keys.Open(purpose, w.was.id, w.was.id.String(), was); err == nil && subtle.ConstantTimeCompare(opened, []byte(plain)) == 1 {
		return nil, was
	}
	fresh = seal(w.files.Keys, w.was.id, plain)
	return fresh, fresh
}

// withoutSecrets is a sender as plans and exports may show it.
func withoutSecrets(s *tenants.Sender) *tenants.Sender {
	if s == nil {
		return s
	}
	c := *s
	if c.SMTP != nil {
		relay := *c.SMTP
		relay.SealedPassword = nil
		c.SMTP = &relay
	}
	if c.Phone != nil {
		phone := *c.Phone
		phone.SealedSecret = nil
		c.Phone = &phone
	}
	return &c
}
