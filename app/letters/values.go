package letters

import (
	"encoding/json"
	"errors"
	"fmt"

	"portico/themes"
)

// ErrNoLetter means that a template has no type here, or a draft no letter.
var ErrNoLetter = errors.New("letters: no such letter")

// values is what the seal covers: the locale and the typed letter. The kind stands beside it in the row.
type values struct {
	Locale string          `json:"locale,omitempty"`
	Letter json.RawMessage `json:"letter"`
}

func encode(l themes.Letter, locale string) ([]byte, error) {
	letter, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("letter %s: %w", l.Template(), err)
	}
	return json.Marshal(values{Locale: locale, Letter: letter})
}

// decode is the inverse of encode for the letter's kind.
func decode(kind string, plain []byte) (themes.Letter, string, error) {
	var v values
	if err := json.Unmarshal(plain, &v); err != nil {
		return nil, "", fmt.Errorf("letter %s: %w", kind, err)
	}
	var l themes.Letter
	var err error
	switch kind {
	case themes.RecoveryLetter{}.Template():
		l, err = into[themes.RecoveryLetter](v.Letter)
	case themes.SSOLetter{}.Template():
		l, err = into[themes.SSOLetter](v.Letter)
	case themes.GateLetter{}.Template():
		l, err = into[themes.GateLetter](v.Letter)
	case themes.UnlockLetter{}.Template():
		l, err = into[themes.UnlockLetter](v.Letter)
	case themes.ResetNotice{}.Template():
		l, err = into[themes.ResetNotice](v.Letter)
	case themes.ProofsNotice{}.Template():
		l, err = into[themes.ProofsNotice](v.Letter)
	case themes.CodeUsedNotice{}.Template():
		l, err = into[themes.CodeUsedNotice](v.Letter)
	case themes.UnlockNotice{}.Template():
		l, err = into[themes.UnlockNotice](v.Letter)
	case themes.CodeLetter{}.Template():
		l, err = into[themes.CodeLetter](v.Letter)
	case themes.PortalsLetter{}.Template():
		l, err = into[themes.PortalsLetter](v.Letter)
	case themes.StaffLetter{}.Template():
		l, err = into[themes.StaffLetter](v.Letter)
	case themes.InvitationLetter{}.Template():
		l, err = into[themes.InvitationLetter](v.Letter)
	case themes.PassIssuedNotice{}.Template():
		l, err = into[themes.PassIssuedNotice](v.Letter)
	case themes.PassUsedNotice{}.Template():
		l, err = into[themes.PassUsedNotice](v.Letter)
	case themes.ContactAdminLetter{}.Template():
		l, err = into[themes.ContactAdminLetter](v.Letter)
	case themes.AdminResetNotice{}.Template():
		l, err = into[themes.AdminResetNotice](v.Letter)
	case themes.AccessAskedLetter{}.Template():
		l, err = into[themes.AccessAskedLetter](v.Letter)
	case themes.AccessDecidedLetter{}.Template():
		l, err = into[themes.AccessDecidedLetter](v.Letter)
	case themes.AddressLetter{}.Template():
		l, err = into[themes.AddressLetter](v.Letter)
	case themes.AddressNotice{}.Template():
		l, err = into[themes.AddressNotice](v.Letter)
	case themes.IdentifierNotice{}.Template():
		l, err = into[themes.IdentifierNotice](v.Letter)
	case themes.SenderNotice{}.Template():
		l, err = into[themes.SenderNotice](v.Letter)
	case themes.TestLetter{}.Template():
		l, err = into[themes.TestLetter](v.Letter)
	default:
		return nil, "", fmt.Errorf("%w: %q", ErrNoLetter, kind)
	}
	if err != nil {
		return nil, "", fmt.Errorf("letter %s: %w", kind, err)
	}
	return l, v.Locale, nil
}

func into[L themes.Letter](data []byte) (themes.Letter, error) {
	var l L
	err := json.Unmarshal(data, &l)
	return l, err
}
