package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// TestASecondFactorIsSetUpAndAskedFor walks the second factor by what stands on the pages: set up where it
// is required, asked for at the next sign-in, wrong, right and remembered, and by a recovery code.
func TestASecondFactorIsSetUpAndAskedFor(t *testing.T) {
	t.Parallel()
	c := newCampus(t, "preset: two-gate\n", manyWays+"  mfa: {signin: required, remember_browser: true}\n")
	c.signIn(c.who.Password, "/account/security/setup")
	c.heading("Set up an authenticator app")
	c.judge("university-factor-setup")
	c.link("Set up the app").follow(200)
	c.button("Set up the app").follow(200)
	secret := strings.ReplaceAll(eval[string](c.tab, `document.querySelector('code.secret').innerText`), " ", "")
	c.codeField().fill(c.appCode(secret))
	c.button("Confirm").follow(200)
	c.isAt("/account/security/codes")
	c.button("Make recovery codes").follow(200)
	saved := eval[string](c.tab, `document.querySelector('.saved code').innerText`)
	c.link("I have saved them").follow(200)

	c.signsOut()
	c.signIn(c.who.Password, "/login/verify")
	c.heading("Enter your code")
	c.judge("university-factor")
	c.codeField().fill("000000")
	c.button("Sign in").follow(422)
	c.sees("You have 4 tries left.").judge("university-factor-wrong")
	c.portal.Clock.Advance(31 * time.Second)
	c.codeField().fill(c.appCode(secret))
	c.the("checkbox", "Do not ask for a code in this browser for 30 days").click()
	c.button("Sign in").follow(200)
	c.isAt("/")
	c.signsOut()
	c.signIn(c.who.Password, "/")

	stranger := &campus{tab: open(t, c.portal), at: c.at, who: c.who, locale: c.locale, brand: c.brand}
	stranger.scriptsOff()
	stranger.see(looks()[1])
	stranger.signIn(c.who.Password, "/login/verify")
	stranger.link("Use a recovery code instead").follow(200)
	stranger.picture("university-factor-saved")
	stranger.field("Recovery code").fill(strings.ToLower(saved))
	stranger.button("Sign in").follow(200)
	stranger.isAt("/")
}

func (c *campus) appCode(secret string) string {
	c.t.Helper()
	code, err := totp.GenerateCode(secret, c.portal.Clock.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}

func (c *campus) signsOut() {
	c.t.Helper()
	c.visit(c.at+"/logout", 200)
	c.button("Sign out").follow(200)
}
