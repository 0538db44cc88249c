package themes

import (
	"path/filepath"
	"testing"
	"time"
)

// factorExamples are the pages of a second factor, in the states that differ.
func factorExamples(h Help) []example {
	wrong := func(key string) Parts {
		return Parts{Help: h, Errors: FieldErrors{"code": {Key: key, Args: map[string]any{"count": 2}}}}
	}
	verify := chrome("/login/verify")
	return []example{
		{"factor", FactorPage{Parts: Parts{Help: h}, Offer: true, TrustFor: 720 * time.Hour}, verify},
		{"factor_wrong", FactorPage{Parts: wrong("error.factor_app"), TrustFor: 720 * time.Hour, Trust: true}, verify},
		{"factor_saved", FactorPage{Parts: wrong("error.factor_saved"), Saved: true, Offer: true}, verify},
		{"factor_blocked", FactorBlockedPage{Parts: Parts{Help: h}, Until: noon.Add(time.Minute)}, verify},
		{"factor_locked", FactorBlockedPage{Parts: Parts{Help: h}}, verify},
		{"factor_setup", FactorSetupPage{Parts: Parts{Help: h}, Action: "/account/security/app"}, signedIn("/account/security/setup")},
	}
}

func TestCodeUsedNoticeAsBefore(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, c := range []struct{ slug, locale string }{{"university", "en"}, {"power", "ar"}} {
		m, err := r.Letter(testBrand(t, c.slug), c.locale, CodeUsedNotice{Name: "Ada Lovelace", At: noon, From: "203.0.113.7", Left: 9})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join("letters", c.slug+"-"+c.locale)
		golden(t, filepath.Join(dir, "code_used.html"), []byte(m.HTML))
		golden(t, filepath.Join(dir, "code_used.txt"), []byte("Subject: "+m.Subject+"\n\n"+m.Text))
	}
}
