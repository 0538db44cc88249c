package visit

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/bytebufferpool"

	"portico/themes"
)

// Page answers with a page of the tenant's brand (or the platform's neutral look).
func (v *Visit) Page(status int, p themes.Page) error {
	chrome := v.chrome()
	chrome.Flash = v.takeFlash()
	if _, failed := p.(themes.FailurePage); failed {
		chrome.RequestID = v.ID() // what somebody can read out to the helpdesk
	}
	chrome.Nonce, chrome.Token = v.Nonce(), v.formToken()
	body, err := v.Renderer.Page(v.Brand, v.Locale, chrome, p)
	if err != nil {
		return err
	}
	return v.HTML(status, body)
}

// Cached answers with a page that is the same for everybody in a state: rendered once for each tenant,
// version, base, locale and state, then only nonce, token and the name of who is signed in are put in.
// The state names what build depends on beyond those; a flash message goes the slow way.
func (v *Visit) Cached(state string, build func() themes.Page) error {
	if v.Cookie(CookieFlash) != "" {
		return v.Page(fiber.StatusOK, build())
	}
	chrome := v.chrome()
	key := pageKey{tenant: v.TenantID(), base: v.Base, locale: v.Locale, state: state, signedIn: v.Session != nil, console: chrome.ToConsole}
	if v.Tenant != nil {
		key.version = v.Tenant.Version
	}
	prepared, ok := v.pages.GetIfPresent(key)
	if !ok {
		var err error
		if prepared, err = v.Renderer.Prepare(v.Brand, v.Locale, chrome, build()); err != nil {
			return err
		}
		v.pages.Set(key, prepared)
	}
	nonce, token := v.Nonce(), v.formToken()
	v.headers(nonce)
	res := &v.C.Context().Response
	res.Header.SetContentType("text/html; charset=utf-8")
	res.SetStatusCode(fiber.StatusOK)
	page := bytebufferpool.Get()
	page.B = prepared.Append(page.B, nonce, token, chrome.Person)
	res.SetBody(page.B) // copies into the response's own buffer
	bytebufferpool.Put(page)
	return nil
}

func (v *Visit) chrome() themes.Chrome {
	c := themes.Chrome{Path: v.Path, Base: v.Base}
	if v.Staff != nil {
		c.Person, c.Console = cmp.Or(v.Staff.Name, "–"), v.staffSubjects()
	}
	if v.Session != nil {
		c.Person = cmp.Or(v.Session.Name, "–") // signing out must be there for those without a name, too
		subjects := v.Subjects()
		c.ToConsole = len(subjects) > 0
		if v.console {
			c.Console, c.Notes = subjects, v.staffNotes()
		}
	}
	return c
}

// HTML answers with a finished document.
func (v *Visit) HTML(status int, body []byte) error {
	v.headers(v.Nonce())
	res := &v.C.Context().Response
	res.Header.SetContentType("text/html; charset=utf-8")
	res.SetStatusCode(status)
	res.SetBodyRaw(body)
	return nil
}

// Nonce is this response's, made at first use.
func (v *Visit) Nonce() string {
	if v.nonce == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
		v.nonce = base64.RawURLEncoding.EncodeToString(b[:])
	}
	return v.nonce
}

// headers writes the headers that every answer has (security.md 4.6). Pages and redirects are never
// kept by caches: they hold tokens, and whose they are depends on cookies.
func (v *Visit) headers(nonce string) {
	h := &v.C.Context().Response.Header
	SecurityHeaders(h, v.Secure(), v.Tenant != nil && v.custom(), nonce, Additions{FormTargets: v.targets, Media: v.media, Frames: v.frames})
	if v.private {
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	h.Set(fiber.HeaderCacheControl, "no-store")
	if len(h.Peek(fiber.HeaderVary)) == 0 {
		h.Set(fiber.HeaderVary, "Accept-Language, Cookie")
	}
}

// custom tells whether the host is a customer's own domain: HSTS does not speak for its siblings.
func (v *Visit) custom() bool { return v.Base == "" && !strings.HasPrefix(v.Host, v.Tenant.Slug+".") }

// Say leaves a message for the next page: a key of the catalogue, kept in a cookie of its own.
func (v *Visit) Say(flash string) {
	if _, known := flashes[flash]; known {
		v.SetCookie(CookieFlash, flash, v.Clock.Now().Add(time.Minute))
	}
}

// Flashes that a redirect may leave behind.
const (
	SaySignedOut        = "signed_out"
	SayEverywhere       = "signed_out_everywhere"
	SaySessionEnded     = "session_ended"
	SayPasswordChanged  = "password_changed"
	SayPasswordReplaced = "password_replaced"
	SaySignInFirst      = "sign_in_first"
	SayProofAdded       = "proof_added"
	SayProofRemoved     = "proof_removed"
	SayProofConfirmed   = "proof_confirmed"
	SayProofEnded       = "proof_ended"
	SayFactorEnded      = "factor_ended"
	SayProveFirst       = "prove_first"
	SayRoleGiven        = "role_given"
	SayRoleTaken        = "role_taken"
	SayRoleSaved        = "role_saved"
	SayKeyRevoked       = "key_revoked"
	SayRoleDeleted      = "role_deleted"
	SayAccessAsked      = "access_asked"
	SayLetterAgain      = "letter_again"
	SaySenderAsked      = "sender_asked"
	SaySenderLifted     = "sender_lifted"
	SaySenderOne        = "sender_one"
	SaySenderResumed    = "sender_resumed"
	SayAccessDecided    = "access_decided"
	SayInvited          = "invited"
	SayInvitedAgain     = "invited_again"
	SayInviteRevoked    = "invite_revoked"
	SayInviteEnded      = "invite_ended"
	SayInviteLimited    = "invite_limited"
	SayDraftSaved       = "draft_saved"
	SayDraftGone        = "draft_gone"
	SayPreviewEnded     = "preview_ended"
	SayTrialSent        = "trial_sent"
	SayPublished        = "published"
	SayRolledBack       = "rolled_back"
	SayLookChanged      = "look_changed"
	SayLookRefused      = "look_refused"
	SayRulesSaved       = "rules_saved"
	SayRulesSame        = "rules_same"
	SayPersonDisabled   = "person_disabled"
	SayPersonEnabled    = "person_enabled"
	SayPersonUnlocked   = "person_unlocked"
	SayPersonSignedOut  = "person_signed_out"
	SayPersonMailed     = "person_mailed"
	SayPersonRegisters  = "person_registers"
	SayPersonErased     = "person_erased"
	SayPersonSaved      = "person_saved"
	SayAddressMailed    = "address_mailed"
	SayPassApproved     = "pass_approved"
	SayPassRevoked      = "pass_revoked"
	SayGroupSaved       = "group_saved"
	SayGroupDeleted     = "group_deleted"
	SayCustomerBegun    = "customer_begun"
	SayStepSaved        = "step_saved"
	SayAdminAdded       = "admin_added"
	SayTrialBegun       = "trial_begun"
	SayStateChanged     = "state_changed"
	SayStaffAdded       = "staff_added"
	SayStaffLink        = "staff_link"
	SayStaffChanged     = "staff_changed"
	SayStaffSignedOut   = "staff_signed_out"
	SayStaffAsked       = "staff_asked"
	SayStaffGranted     = "staff_granted"
	SayStaffAccessEnded = "staff_access_ended"
	SayStaffDecided     = "staff_decided"
)

var flashes = map[string]themes.Flash{
	SaySignedOut:        {Kind: "good", Key: "signin.signed_out"},
	SayEverywhere:       {Kind: "good", Key: "account.all_ended"},
	SaySessionEnded:     {Kind: "good", Key: "account.session_ended"},
	SayPasswordChanged:  {Kind: "good", Key: "signin.password_reset"},
	SayPasswordReplaced: {Kind: "good", Key: "change.done"},
	SaySignInFirst:      {Kind: "info", Key: "signin.please"},
	SayProofAdded:       {Kind: "good", Key: "proof.said_added"},
	SayProofRemoved:     {Kind: "good", Key: "proof.said_removed"},
	SayProofConfirmed:   {Kind: "good", Key: "proof.said_confirmed"},
	SayProofEnded:       {Kind: "warn", Key: "proof.said_ended"},
	SayFactorEnded:      {Kind: "warn", Key: "factor.again"},
	SayProveFirst:       {Kind: "info", Key: "console.prove_first"},
	SayRoleGiven:        {Kind: "good", Key: "access.said_given"},
	SayRoleTaken:        {Kind: "good", Key: "access.said_taken"},
	SayRoleSaved:        {Kind: "good", Key: "access.said_saved"},
	SayKeyRevoked:       {Kind: "good", Key: "keys.said_revoked"},
	SayRoleDeleted:      {Kind: "good", Key: "access.said_deleted"},
	SayLetterAgain:      {Kind: "good", Key: "delivery.said_again"},
	SaySenderAsked:      {Kind: "info", Key: "sender.said_asked"},
	SaySenderLifted:     {Kind: "good", Key: "sender.said_lifted"},
	SaySenderOne:        {Kind: "good", Key: "sender.said_one"},
	SaySenderResumed:    {Kind: "good", Key: "sender.said_resumed"},
	SayAccessAsked:      {Kind: "good", Key: "access.said_asked"},
	SayInvited:          {Kind: "good", Key: "people.said_invited"},
	SayInvitedAgain:     {Kind: "good", Key: "people.said_again"},
	SayInviteRevoked:    {Kind: "good", Key: "people.said_revoked"},
	SayInviteEnded:      {Kind: "warn", Key: "people.said_ended"},
	SayInviteLimited:    {Kind: "warn", Key: "person.no_invite_limited"},
	SayAccessDecided:    {Kind: "good", Key: "access.said_decided"},
	SayRulesSaved:       {Kind: "good", Key: "rules.said_saved"},
	SayRulesSame:        {Kind: "info", Key: "rules.said_same"},
	SayDraftSaved:       {Kind: "good", Key: "look.said_saved"},
	SayDraftGone:        {Kind: "good", Key: "look.said_discarded"},
	SayPreviewEnded:     {Kind: "good", Key: "preview.said_ended"},
	SayTrialSent:        {Kind: "good", Key: "preview.said_sent"},
	SayPublished:        {Kind: "good", Key: "look.said_published"},
	SayRolledBack:       {Kind: "good", Key: "look.said_rolled"},
	SayLookChanged:      {Kind: "warn", Key: "look.said_changed"},
	SayLookRefused:      {Kind: "bad", Key: "look.said_refused"},
	SayPersonDisabled:   {Kind: "good", Key: "person.said_disabled"},
	SayPersonEnabled:    {Kind: "good", Key: "person.said_enabled"},
	SayPersonUnlocked:   {Kind: "good", Key: "person.said_unlocked"},
	SayPersonSignedOut:  {Kind: "good", Key: "person.said_signed_out"},
	SayPersonMailed:     {Kind: "good", Key: "person.said_mailed"},
	SayPersonRegisters:  {Kind: "good", Key: "person.said_registers"},
	SayPersonErased:     {Kind: "good", Key: "person.said_erased"},
	SayPersonSaved:      {Kind: "good", Key: "person.said_saved"},
	SayAddressMailed:    {Kind: "good", Key: "person.said_address"},
	SayPassApproved:     {Kind: "good", Key: "person.said_approved"},
	SayPassRevoked:      {Kind: "good", Key: "person.said_revoked"},
	SayGroupSaved:       {Kind: "good", Key: "groups.said_saved"},
	SayGroupDeleted:     {Kind: "good", Key: "groups.said_deleted"},
	SayCustomerBegun:    {Kind: "good", Key: "platform.said_created"},
	SayStepSaved:        {Kind: "good", Key: "platform.said_step"},
	SayAdminAdded:       {Kind: "good", Key: "platform.said_admin"},
	SayTrialBegun:       {Kind: "good", Key: "platform.said_trial"},
	SayStateChanged:     {Kind: "good", Key: "platform.said_state"},
	SayStaffAdded:       {Kind: "good", Key: "platform.said_staff"},
	SayStaffLink:        {Kind: "good", Key: "platform.said_link"},
	SayStaffChanged:     {Kind: "good", Key: "platform.said_changed"},
	SayStaffSignedOut:   {Kind: "good", Key: "platform.said_signed_out"},
	SayStaffAsked:       {Kind: "good", Key: "platform.said_asked"},
	SayStaffGranted:     {Kind: "good", Key: "platform.said_granted"},
	SayStaffDecided:     {Kind: "good", Key: "access.said_staff"},
	SayStaffAccessEnded: {Kind: "good", Key: "platform.said_access_ended"},
}

func (v *Visit) takeFlash() *themes.Flash {
	name := v.Cookie(CookieFlash)
	if name == "" {
		return nil
	}
	v.ClearCookie(CookieFlash)
	if f, ok := flashes[name]; ok {
		return &f
	}
	return nil
}
