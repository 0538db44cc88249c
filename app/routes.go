package app

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/invite"
	"portico/app/profile"
	"portico/app/recovery"
	"portico/app/signin"
	"portico/app/visit"
)

// Trust is how much a route asks of whoever comes.
type Trust int

// The steps of growing trust.
const (
	Script   Trust = iota // a script of `portico dev`: no form, no browser
	Open                  // anybody; no session is read
	Tenanted              // anybody; the page knows who is signed in
	SignedIn              // a session that holds
)

// Limits that a route stands under beside its guard, for the golden list of routes.
const (
	noCeiling = ""
	ceiling   = "ceiling" // the tenant's requests a second
)

// Route is one URL with its guards.
type Route struct {
	Method  string
	Path    string
	Trust   Trust
	Ceiling string
	Handle  func(*visit.Visit) error
}

// tenantRoutes is every URL at a tenant's address, in order of growing trust. The paths stand below the
// tenant's base: "/" on its own host, "/t/<slug>/" on the platform's.
func (s *Server) tenantRoutes(in *signin.Flow, back *recovery.Flow, own *profile.Flow, first *invite.Flow) []Route {
	routes := []Route{
		{"GET", "/assets/:name", Open, noCeiling, s.asset},
		{"GET", "/images/:name", Open, noCeiling, s.image},
		{"GET", "/captcha/new", Open, ceiling, newCaptcha},
		{"GET", "/captcha/:file", Open, ceiling, captchaFile},
		{"GET", "/robots.txt", Open, noCeiling, robots},
		{"GET", "/favicon.ico", Open, noCeiling, s.favicon},
		{"GET", "/.well-known/change-password", Open, noCeiling, changePassword},
		{"GET", "/.well-known/security.txt", Open, noCeiling, s.securityText},

		{"GET", "/login", Tenanted, noCeiling, in.Page},
		{"POST", "/login", Tenanted, ceiling, in.Submit},
		{"GET", "/login/verify", Tenanted, noCeiling, in.FactorPage},
		{"POST", "/login/verify", Tenanted, ceiling, in.Factor},
		{"GET", "/recover", Tenanted, noCeiling, back.Page},
		{"POST", "/recover", Tenanted, ceiling, back.Request},
		{"POST", "/recover/resend", Tenanted, ceiling, back.Resend},
		{"POST", "/recover/again", Tenanted, ceiling, back.Again},
		{"GET", "/recover/set", Tenanted, noCeiling, back.SetPage},
		{"POST", "/recover/set", Tenanted, ceiling, back.Set},
		{"GET", "/recover/account-type", Tenanted, noCeiling, back.AccountType},
		{"GET", "/recover/goal", Tenanted, noCeiling, back.GoalPage},
		{"POST", "/recover/goal", Tenanted, ceiling, back.Decide},
		{"GET", "/recover/verify", Tenanted, noCeiling, back.VerifyPage},
		{"POST", "/recover/verify", Tenanted, ceiling, back.Verify},
		{"GET", "/recover/answer", Tenanted, noCeiling, back.AnswerPage},
		{"POST", "/recover/answer", Tenanted, ceiling, back.Answer},
		{"POST", "/recover/resend-code", Tenanted, ceiling, back.ResendCode},
		{"POST", "/recover/other", Tenanted, ceiling, back.Other},
		{"POST", "/recover/restart", Tenanted, ceiling, back.Restart},
		{"GET", "/recover/gate", Tenanted, noCeiling, back.GatePage},
		{"POST", "/recover/gate", Tenanted, ceiling, back.Gate},
		{"GET", "/recover/gate/:token", Tenanted, noCeiling, back.OpenGate},
		{"GET", "/recover/unlocked", Tenanted, noCeiling, back.UnlockedPage},
		{"POST", "/recover/strength", Tenanted, ceiling, back.Strength},
		{"GET", "/recover/done", Tenanted, noCeiling, back.Done},
		{"GET", "/recover/contact", Tenanted, noCeiling, back.ContactPage},
		{"POST", "/recover/contact", Tenanted, ceiling, back.Contact},
		{"GET", "/recover/pass", Tenanted, noCeiling, first.PassPage},
		{"POST", "/recover/pass", Tenanted, ceiling, first.TryPass},
		{"GET", "/recover/pass/set", Tenanted, noCeiling, first.PassSetPage},
		{"POST", "/recover/pass/set", Tenanted, ceiling, first.PassSet},
		{"GET", "/recover/stop", Tenanted, noCeiling, first.StopPage},
		{"POST", "/recover/stop", Tenanted, ceiling, first.Stop},
		{"GET", "/recover/stop/:token", Tenanted, noCeiling, first.OpenStop},
		{"GET", "/recover/:token", Tenanted, noCeiling, back.Open},
		{"GET", "/unlock/confirm", Tenanted, noCeiling, back.UnlockPage},
		{"POST", "/unlock/confirm", Tenanted, ceiling, back.Unlock},
		{"GET", "/unlock/:token", Tenanted, noCeiling, back.OpenUnlock},
		{"GET", "/invite/accept", Tenanted, noCeiling, first.Page},
		{"POST", "/invite/accept", Tenanted, ceiling, first.Accept},
		{"GET", "/invite/:token", Tenanted, noCeiling, first.Open},
		{"GET", "/help", Tenanted, noCeiling, back.Help},
		{"GET", "/", Tenanted, noCeiling, own.Home},

		{"GET", "/logout", SignedIn, noCeiling, own.SignOutPage},
		{"POST", "/logout", SignedIn, noCeiling, own.SignOut},
		{"GET", "/account", SignedIn, noCeiling, own.Page},
		{"GET", "/account/password", SignedIn, noCeiling, own.PasswordPage},
		{"POST", "/account/password", SignedIn, ceiling, own.ChangePassword},
		{"POST", "/account/strength", SignedIn, ceiling, own.Strength},
		{"GET", "/account/security", SignedIn, noCeiling, own.Security},
		{"GET", "/account/security/setup", SignedIn, noCeiling, own.SetupPage},
		{"POST", "/account/security/setup", SignedIn, ceiling, own.Setup},
		{"GET", "/account/security/prove", SignedIn, noCeiling, own.ProvePage},
		{"POST", "/account/security/prove", SignedIn, ceiling, own.Prove},
		{"GET", "/account/security/phone", SignedIn, noCeiling, own.PhonePage},
		{"POST", "/account/security/phone", SignedIn, ceiling, own.Phone},
		{"GET", "/account/security/email", SignedIn, noCeiling, own.EmailPage},
		{"POST", "/account/security/email", SignedIn, ceiling, own.Email},
		{"GET", "/account/security/code", SignedIn, noCeiling, own.CodePage},
		{"POST", "/account/security/code", SignedIn, ceiling, own.Code},
		{"POST", "/account/security/code/again", SignedIn, ceiling, own.CodeAgain},
		{"POST", "/account/security/code/cancel", SignedIn, ceiling, own.CodeCancel},
		{"GET", "/account/security/app", SignedIn, noCeiling, own.AppPage},
		{"POST", "/account/security/app", SignedIn, ceiling, own.App},
		{"GET", "/account/security/app/qr.png", SignedIn, noCeiling, own.AppPicture},
		{"POST", "/account/security/app/confirm", SignedIn, ceiling, own.AppConfirm},
		{"GET", "/account/security/questions", SignedIn, noCeiling, own.QuestionsPage},
		{"POST", "/account/security/questions", SignedIn, ceiling, own.Questions},
		{"GET", "/account/security/codes", SignedIn, noCeiling, own.CodesPage},
		{"POST", "/account/security/codes", SignedIn, ceiling, own.Codes},
		{"POST", "/account/security/codes/file", SignedIn, ceiling, own.CodesFile},
		{"GET", "/account/security/remove", SignedIn, noCeiling, own.RemovePage},
		{"POST", "/account/security/remove", SignedIn, ceiling, own.Remove},
		{"POST", "/account/sessions/end", SignedIn, ceiling, own.EndSession},
		{"POST", "/account/sessions/end-all", SignedIn, ceiling, own.EndAll},
	}
	return withHead(routes)
}

// platformRoutes is every URL on the platform's own host.
func (s *Server) platformRoutes() []Route {
	routes := []Route{
		{"GET", "/assets/:name", Open, noCeiling, s.asset},
		{"GET", "/robots.txt", Open, noCeiling, robots},
		{"GET", "/favicon.ico", Open, noCeiling, s.favicon},
		{"GET", "/.well-known/security.txt", Open, noCeiling, s.securityText},
		{"GET", "/", Open, noCeiling, s.findPage},
		{"POST", "/find", Open, ceiling, s.find},
	}
	if s.set.Dev != nil {
		routes = append(routes, s.set.Dev.routes()...)
	}
	return withHead(routes)
}

// withHead answers HEAD wherever GET is answered; fasthttp leaves the body out.
func withHead(routes []Route) []Route {
	all := make([]Route, 0, 2*len(routes))
	for _, r := range routes {
		all = append(all, r)
		if r.Method == fiber.MethodGet {
			r.Method = fiber.MethodHead
			all = append(all, r)
		}
	}
	return all
}

// Routes lists every URL and its guards, for the golden test.
func (s *Server) Routes() []Route { return s.routes }

// noRoute knows the tenant's own name for its sign-in page, and tells a wrong method (405, with what is
// allowed) from a page that does not exist.
func (s *Server) noRoute(v *visit.Visit, routes []Route) error {
	if v.Tenant != nil && v.Path == v.Tenant.Policy.Routing.LoginPath && v.C.Method() == fiber.MethodGet {
		return v.Redirect("/login")
	}
	var allowed []string
	for _, r := range routes {
		if matches(r.Path, v.Path) && r.Method != v.C.Method() {
			allowed = append(allowed, r.Method)
		}
	}
	if len(allowed) == 0 {
		return visit.ErrNotFound
	}
	v.C.Set(fiber.HeaderAllow, strings.Join(allowed, ", "))
	return errMethod
}

func matches(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] && (!strings.HasPrefix(p[i], ":") || q[i] == "") {
			return false
		}
	}
	return true
}
