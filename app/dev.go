package app

import (
	"encoding/json"
	"errors"
	"html/template"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/app/visit"
	"portico/tenants"
)

// Dev is what `portico dev` alone has: the inbox, the demo's accounts and the movable clock. `serve`
// never sets it, so that the routes do not exist there.
type Dev struct {
	Clock *tenants.Clock
	Inbox *letters.Inbox
	Demo  any          // of /dev/demo.json
	Reset func() error // clears limits and used codes when the clock is put back
}

func (d *Dev) routes() []Route {
	return []Route{
		route("GET", "/dev/demo.json", Open, noCeiling, d.demo),
		route("GET", "/dev/inbox", Open, noCeiling, d.inboxPage),
		route("GET", "/dev/inbox.json", Open, noCeiling, d.inboxJSON),
		route("GET", "/dev/inbox/:id", Open, noCeiling, d.letter),
		route("POST", "/dev/inbox/:id/told", Script, noCeiling, d.told),
		route("GET", "/dev/captcha/:id", Open, noCeiling, d.captcha),
		route("POST", "/dev/clock", Script, noCeiling, d.clock),
	}
}

func (d *Dev) demo(v *visit.Visit) error { return v.JSON(fiber.StatusOK, d.Demo) }

// list reads the inbox by the query's tenant, to and since (RFC 3339).
func (d *Dev) list(v *visit.Visit) (letters.InboxPage, error) {
	var since time.Time
	if s := v.C.Query("since"); s != "" {
		var err error
		if since, err = time.Parse(time.RFC3339Nano, strings.ReplaceAll(s, " ", "+")); err != nil {
			return letters.InboxPage{}, visit.ErrBadForm
		}
	}
	return d.Inbox.List(v.C.Query("tenant"), v.C.Query("to"), since), nil
}

func (d *Dev) inboxJSON(v *visit.Visit) error {
	page, err := d.list(v)
	if err != nil {
		return err
	}
	if page.Letters == nil {
		page.Letters = []letters.InboxLetter{}
	}
	return v.JSON(fiber.StatusOK, page)
}

var inboxHTML = template.Must(template.New("inbox").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox · Portico dev</title>
<link rel="stylesheet" href="/assets/{{.Base}}"><link rel="stylesheet" href="{{.Theme}}"></head>
<body data-layout="card" data-page="inbox"><div class="stage"><main id="main"><div class="sheet wide">
<h1>Inbox</h1>
<p class="lead">Every letter that Portico sent on this machine, newest first. Nothing leaves it.</p>
{{range .Letters}}<section>
<h2>{{if .Subject}}{{.Subject}}{{else if eq .Channel "voice"}}Call{{else}}Text{{end}}</h2>
<p class="quiet"><bdi>{{.From}}</bdi> → <bdi>{{.To}}</bdi> · {{.Channel}} · {{if .Tenant}}{{.Tenant}}{{else}}platform{{end}} · <time datetime="{{.SentAt.Format "2006-01-02T15:04:05Z07:00"}}">{{.SentAt.Format "2 Jan 15:04:05 MST"}}</time></p>
{{if .Code}}<p>Code: <code>{{.Code}}</code></p>{{end}}
<ul>{{range .Links}}<li><a href="{{.}}" target="_blank" rel="noopener">{{.}}</a></li>{{end}}</ul>
{{if .HTML}}<p><a href="/dev/inbox/{{.ID}}">Open the mail</a></p>{{if .Tenant}}
<form method="post" action="/dev/inbox/{{.ID}}/told"><p>Be its carrier: it <button class="secondary" name="fate" value="delivered">arrived</button> <button class="secondary" name="fate" value="bounced">came back</button> <button class="secondary" name="fate" value="complained">was unwanted</button></p></form>
{{end}}{{else}}<blockquote dir="auto">{{range .Lines}}{{.}}<br>{{end}}</blockquote>{{end}}
</section>{{else}}<p>No letter yet. Ask for a password reset, then reload this page.</p>{{end}}
</div></main></div></body></html>
`))

func (d *Dev) inboxPage(v *visit.Visit) error {
	page, err := d.list(v)
	if err != nil {
		return err
	}
	var out strings.Builder
	err = inboxHTML.Execute(&out, map[string]any{"Letters": page.Letters, "Base": baseStylesheet(), "Theme": v.Brand.StylesheetPath()})
	if err != nil {
		return err
	}
	return v.HTML(fiber.StatusOK, []byte(out.String()))
}

// letter shows one mail as its reader would see it: a document of its own without scripts.
func (d *Dev) letter(v *visit.Visit) error {
	for _, l := range d.Inbox.List("", "", time.Time{}).Letters {
		if l.ID != v.C.Params("id") {
			continue
		}
		page := l.HTML
		if page == "" { // a text, or what a call says
			page = `<!doctype html><meta charset="utf-8"><pre dir="auto">` + template.HTMLEscapeString(l.Text) + `</pre>`
		}
		if err := v.HTML(fiber.StatusOK, []byte(page)); err != nil {
			return err
		}
		v.C.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; "+
			"sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation")
		return nil
	}
	return visit.ErrNotFound
}

// told reports of a mail what its carrier would: fate is delivered, bounced (for good) or complained.
func (d *Dev) told(v *visit.Visit) error {
	if site := v.C.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return errForeign
	}
	form, err := visit.ParseForm(v.C.Context().PostBody(), string(v.C.Context().Request.Header.ContentType()))
	if err != nil {
		return err
	}
	for _, l := range d.Inbox.List("", "", time.Time{}).Letters {
		if l.ID != v.C.Params("id") || l.Tenant == "" || l.Channel != string(letters.Email) {
			continue
		}
		id, err := uuid.Parse(l.ID)
		if err != nil {
			return visit.ErrNotFound
		}
		tenant, err := v.Resolver.BySlug(v.Context(), l.Tenant)
		if err != nil {
			return err
		}
		ctx := audit.With(v.Context(), audit.Origin{Actor: audit.System, RequestID: v.ID()})
		err = v.Accounts.DB.In(ctx, tenant.ID, func(s *tenants.Scope) error {
			_, err := letters.Feedback(ctx, s, letters.Told{Letter: id, Fate: letters.Fate(form["fate"]), Permanent: true, Reason: "/dev/inbox", At: s.Now()})
			return err
		})
		if errors.Is(err, letters.ErrFeedback) {
			return visit.ErrBadForm
		}
		if err != nil {
			return err
		}
		return v.Redirect("/dev/inbox")
	}
	return visit.ErrNotFound
}

// captcha tells the characters of a challenge, by the value of the form's captcha_id.
func (d *Dev) captcha(v *visit.Visit) error {
	answer, err := v.Captcha.Reveal(v.C.Params("id"))
	if err != nil {
		return visit.ErrNotFound
	}
	return v.JSON(fiber.StatusOK, map[string]string{"answer": answer})
}

// clock moves the program's one clock: {"advance":"24h1s"}, or back: {"reset":true}.
func (d *Dev) clock(v *visit.Visit) error {
	if site := v.C.Get("Sec-Fetch-Site"); site == "cross-site" { // a page elsewhere must not move time
		return v.JSON(fiber.StatusForbidden, map[string]string{"error": "another site may not move the clock"})
	}
	var order struct {
		Advance *tenants.Duration `json:"advance"`
		Reset   bool              `json:"reset"`
	}
	dec := json.NewDecoder(strings.NewReader(string(v.C.Body())))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&order); err != nil {
		return v.JSON(fiber.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
	}
	if order.Advance != nil {
		d.Clock.Advance(order.Advance.Std())
	}
	if order.Reset {
		d.Clock.Reset()
		if err := d.Reset(); err != nil {
			return err
		}
	}
	return v.JSON(fiber.StatusOK, map[string]string{"now": d.Clock.Now().Format(time.RFC3339Nano)})
}
