package app

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/invite"
	"portico/app/platform"
	"portico/app/profile"
	"portico/app/recovery"
	"portico/app/signin"
	"portico/app/visit"
	"portico/rbac"
)

// Trust is how much a route asks of whoever comes.
type Trust int

// The steps of growing trust.
const (
	Script    Trust = iota // a script of `portico dev`: no form, no browser
	Keyed                  // a program with a key, which package api checks: no form, no browser, no cookie
	Signed                 // a program whose messages are signed, which the handler checks: no form, no browser
	Open                   // anybody; no session is read
	Tenanted               // anybody; the page knows who is signed in
	SignedIn               // a session that holds
	Permitted              // and a permission of the console
	Staffed                // the platform's own people, with a code of their app shown
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

	Staff rbac.StaffPermission // of routes that ask for Staffed; "" is any of the staff

	// Of routes that ask for Permitted alone (Fresh: or Staffed).
	Permission rbac.Permission // "" is any: the handler decides
	Fresh      bool            // asks who is there once more, when it is more than ten minutes ago
	FreshFor   rbac.Permission // the same, of those alone who have this permission, too: others can do nothing that weighs there
	Upload     bool            // may have a body of up to 32 MiB, which streams
	Asked      bool            // by a script on its own, again and again: nobody's sign of life in the console
	page       int             // of a form: how many parts of its path are the path of the page that it stands on
}

func route(method, path string, trust Trust, ceiling string, handle func(*visit.Visit) error) Route {
	return Route{Method: method, Path: path, Trust: trust, Ceiling: ceiling, Handle: handle}
}

// tenantRoutes is every URL at a tenant's address, in order of growing trust. The paths stand below the
// tenant's base: "/" on its own host, "/t/<slug>/" on the platform's.
func (s *Server) tenantRoutes(in *signin.Flow, back *recovery.Flow, own *profile.Flow, first *invite.Flow) []Route {
	routes := []Route{
		route("GET", "/assets/:name", Open, noCeiling, s.asset),
		route("GET", "/images/:name", Open, noCeiling, s.image),
		route("GET", "/captcha/new", Open, ceiling, newCaptcha),
		route("GET", "/captcha/:file", Open, ceiling, captchaFile),
		route("GET", "/robots.txt", Open, noCeiling, robots),
		route("GET", "/favicon.ico", Open, noCeiling, s.favicon),
		route("GET", "/.well-known/change-password", Open, noCeiling, changePassword),
		route("GET", "/.well-known/security.txt", Open, noCeiling, s.securityText),

		route("GET", "/trial/:pass", Open, noCeiling, s.trial),

		route("GET", "/login", Tenanted, noCeiling, in.Page),
		route("POST", "/login", Tenanted, ceiling, in.Submit),
		route("GET", "/login/verify", Tenanted, noCeiling, in.FactorPage),
		route("POST", "/login/verify", Tenanted, ceiling, in.Factor),
		route("GET", "/recover", Tenanted, noCeiling, back.Page),
		route("POST", "/recover", Tenanted, ceiling, back.Request),
		route("POST", "/recover/resend", Tenanted, ceiling, back.Resend),
		route("POST", "/recover/again", Tenanted, ceiling, back.Again),
		route("GET", "/recover/set", Tenanted, noCeiling, back.SetPage),
		route("POST", "/recover/set", Tenanted, ceiling, back.Set),
		route("GET", "/recover/account-type", Tenanted, noCeiling, back.AccountType),
		route("GET", "/recover/goal", Tenanted, noCeiling, back.GoalPage),
		route("POST", "/recover/goal", Tenanted, ceiling, back.Decide),
		route("GET", "/recover/verify", Tenanted, noCeiling, back.VerifyPage),
		route("POST", "/recover/verify", Tenanted, ceiling, back.Verify),
		route("GET", "/recover/answer", Tenanted, noCeiling, back.AnswerPage),
		route("POST", "/recover/answer", Tenanted, ceiling, back.Answer),
		route("POST", "/recover/resend-code", Tenanted, ceiling, back.ResendCode),
		route("POST", "/recover/other", Tenanted, ceiling, back.Other),
		route("POST", "/recover/restart", Tenanted, ceiling, back.Restart),
		route("GET", "/recover/gate", Tenanted, noCeiling, back.GatePage),
		route("POST", "/recover/gate", Tenanted, ceiling, back.Gate),
		route("GET", "/recover/gate/:token", Tenanted, noCeiling, back.OpenGate),
		route("GET", "/recover/unlocked", Tenanted, noCeiling, back.UnlockedPage),
		route("POST", "/recover/strength", Tenanted, ceiling, back.Strength),
		route("GET", "/recover/done", Tenanted, noCeiling, back.Done),
		route("GET", "/recover/contact", Tenanted, noCeiling, back.ContactPage),
		route("POST", "/recover/contact", Tenanted, ceiling, back.Contact),
		route("GET", "/recover/pass", Tenanted, noCeiling, first.PassPage),
		route("POST", "/recover/pass", Tenanted, ceiling, first.TryPass),
		route("GET", "/recover/pass/set", Tenanted, noCeiling, first.PassSetPage),
		route("POST", "/recover/pass/set", Tenanted, ceiling, first.PassSet),
		route("GET", "/recover/stop", Tenanted, noCeiling, first.StopPage),
		route("POST", "/recover/stop", Tenanted, ceiling, first.Stop),
		route("GET", "/recover/stop/:token", Tenanted, noCeiling, first.OpenStop),
		route("GET", "/recover/:token", Tenanted, noCeiling, back.Open),
		route("GET", "/unlock/confirm", Tenanted, noCeiling, back.UnlockPage),
		route("POST", "/unlock/confirm", Tenanted, ceiling, back.Unlock),
		route("GET", "/unlock/:token", Tenanted, noCeiling, back.OpenUnlock),
		route("GET", "/invite/accept", Tenanted, noCeiling, first.Page),
		route("POST", "/invite/accept", Tenanted, ceiling, first.Accept),
		route("GET", "/invite/:token", Tenanted, noCeiling, first.Open),
		route("GET", "/help", Tenanted, noCeiling, back.Help),
		route("GET", "/", Tenanted, noCeiling, own.Home),

		route("GET", "/logout", SignedIn, noCeiling, own.SignOutPage),
		route("POST", "/logout", SignedIn, noCeiling, own.SignOut),
		route("GET", "/account", SignedIn, noCeiling, own.Page),
		route("GET", "/account/password", SignedIn, noCeiling, own.PasswordPage),
		route("POST", "/account/password", SignedIn, ceiling, own.ChangePassword),
		route("POST", "/account/strength", SignedIn, ceiling, own.Strength),
		route("GET", "/account/security", SignedIn, noCeiling, own.Security),
		route("GET", "/account/security/setup", SignedIn, noCeiling, own.SetupPage),
		route("POST", "/account/security/setup", SignedIn, ceiling, own.Setup),
		route("GET", "/account/security/prove", SignedIn, noCeiling, own.ProvePage),
		route("POST", "/account/security/prove", SignedIn, ceiling, own.Prove),
		route("GET", "/account/security/phone", SignedIn, noCeiling, own.PhonePage),
		route("POST", "/account/security/phone", SignedIn, ceiling, own.Phone),
		route("GET", "/account/security/email", SignedIn, noCeiling, own.EmailPage),
		route("POST", "/account/security/email", SignedIn, ceiling, own.Email),
		route("GET", "/account/security/code", SignedIn, noCeiling, own.CodePage),
		route("POST", "/account/security/code", SignedIn, ceiling, own.Code),
		route("POST", "/account/security/code/again", SignedIn, ceiling, own.CodeAgain),
		route("POST", "/account/security/code/cancel", SignedIn, ceiling, own.CodeCancel),
		route("GET", "/account/security/app", SignedIn, noCeiling, own.AppPage),
		route("POST", "/account/security/app", SignedIn, ceiling, own.App),
		route("GET", "/account/security/app/qr.png", SignedIn, noCeiling, own.AppPicture),
		route("POST", "/account/security/app/confirm", SignedIn, ceiling, own.AppConfirm),
		route("GET", "/account/security/questions", SignedIn, noCeiling, own.QuestionsPage),
		route("POST", "/account/security/questions", SignedIn, ceiling, own.Questions),
		route("GET", "/account/security/codes", SignedIn, noCeiling, own.CodesPage),
		route("POST", "/account/security/codes", SignedIn, ceiling, own.Codes),
		route("POST", "/account/security/codes/file", SignedIn, ceiling, own.CodesFile),
		route("GET", "/account/security/remove", SignedIn, noCeiling, own.RemovePage),
		route("POST", "/account/security/remove", SignedIn, ceiling, own.Remove),
		route("POST", "/account/sessions/end", SignedIn, ceiling, own.EndSession),
		route("POST", "/account/sessions/end-all", SignedIn, ceiling, own.EndAll),
	}
	return withHead(append(routes, s.consoleRoutes()...))
}

// platformRoutes is every URL on the platform's own host.
func (s *Server) platformRoutes() []Route {
	routes := []Route{
		route("GET", "/assets/:name", Open, noCeiling, s.asset),
		route("GET", "/robots.txt", Open, noCeiling, robots),
		route("GET", "/favicon.ico", Open, noCeiling, s.favicon),
		route("GET", "/.well-known/security.txt", Open, noCeiling, s.securityText),
		route("GET", "/", Open, noCeiling, s.findPage),
		route("POST", "/find", Open, ceiling, s.find),
	}
	if s.set.Feedback != nil {
		routes = append(routes, route("POST", "/hooks/ses", Signed, noCeiling, s.told))
	}
	if s.set.Files != nil {
		routes = append(routes, s.staffRoutes(&platform.Flow{Staff: s.staff, Directory: s.directory})...)
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
