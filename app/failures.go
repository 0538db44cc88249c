package app

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/looks"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// failure is one row of the table that turns errors into answers.
type failure struct {
	is     func(error) bool
	status int
	kind   string
	level  slog.Level
	retry  time.Duration // of Retry-After; 0 is none
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func limited(err error) bool {
	var limit *accounts.LimitError
	return errors.As(err, &limit)
}

func denied(err error) bool {
	var d *visit.DeniedError
	var h *visit.HigherError
	return errors.As(err, &d) || errors.As(err, &h)
}

func staffDenied(err error) bool {
	var d *visit.StaffDeniedError
	return errors.As(err, &d)
}

func fiberStatus(status int) func(error) bool {
	return func(err error) bool {
		var f *fiber.Error
		return errors.As(err, &f) && f.Code == status
	}
}

var failures = []failure{
	{is(tenants.ErrUnavailable), fiber.StatusServiceUnavailable, "unavailable", slog.LevelError, time.Second},
	{is(accounts.ErrBusy), fiber.StatusServiceUnavailable, "busy", slog.LevelWarn, 2 * time.Second},
	{is(looks.ErrBusy), fiber.StatusServiceUnavailable, "busy", slog.LevelWarn, 2 * time.Second},
	{is(errCeiling), fiber.StatusTooManyRequests, "busy", slog.LevelWarn, 2 * time.Second},
	{limited, fiber.StatusTooManyRequests, "too_many", slog.LevelWarn, 0},
	{is(errForeign), fiber.StatusForbidden, "stale_form", slog.LevelInfo, 0},
	{denied, fiber.StatusForbidden, "forbidden", slog.LevelInfo, 0},
	{staffDenied, fiber.StatusForbidden, "staff_denied", slog.LevelInfo, 0},
	{is(visit.ErrTooLarge), fiber.StatusRequestEntityTooLarge, "too_large", slog.LevelInfo, 0},
	{is(visit.ErrStaleForm), fiber.StatusForbidden, "stale_form", slog.LevelInfo, 0},
	{is(visit.ErrBadForm), fiber.StatusBadRequest, "stale_form", slog.LevelInfo, 0},
	{is(errMethod), fiber.StatusMethodNotAllowed, "method", slog.LevelInfo, 0},
	{is(visit.ErrNotFound), fiber.StatusNotFound, "not_found", slog.LevelDebug, 0},
	{is(tenants.ErrNotFound), fiber.StatusNotFound, "not_found", slog.LevelDebug, 0},
	{fiberStatus(fiber.StatusNotFound), fiber.StatusNotFound, "not_found", slog.LevelDebug, 0},
	{fiberStatus(fiber.StatusMethodNotAllowed), fiber.StatusMethodNotAllowed, "method", slog.LevelInfo, 0},
	{fiberStatus(fiber.StatusRequestEntityTooLarge), fiber.StatusRequestEntityTooLarge, "too_large", slog.LevelInfo, 0},
}

// fail is the one place where an error becomes an answer: a status, a page that says what to do next,
// and a log line under the request's id. The page never holds the error's text.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	v := visit.Of(c)
	f := failure{status: fiber.StatusInternalServerError, kind: "internal", level: slog.LevelError}
	for _, row := range failures {
		if row.is(err) {
			f = row
			break
		}
	}
	s.set.Log.Log(v.Context(), f.level, "request failed", "request", v.ID(), "status", f.status, "kind", f.kind,
		"method", c.Method(), "route", routeOf(c.Context()), "tenant", slugOf(v), "error", err)
	if f.kind == "forbidden" {
		if err := s.refuse(v, err); err == nil {
			return nil
		}
	}
	page := themes.FailurePage{Status: f.status, Kind: f.kind, BackTo: wayOn(v), Help: v.Help()}
	var limit *accounts.LimitError
	if errors.As(err, &limit) && !limit.RetryAt.IsZero() {
		page.RetryAt = limit.RetryAt
		f.retry = limit.RetryAt.Sub(v.Clock.Now())
	}
	if f.retry > 0 {
		v.RetryAfter(f.retry)
	}
	if err := v.Page(f.status, page); err != nil {
		s.set.Log.Error("the failure page could not be rendered", "request", v.ID(), "error", err)
		s.bare(c.Context(), f.status, f.kind)
	}
	return nil
}

// wayOn is where a page of failure leads: the flow that was interrupted, from its beginning.
func wayOn(v *visit.Visit) string {
	switch {
	case v.Staff != nil:
		return "/platform/customers"
	case v.Tenant == nil:
		return "/"
	case len(v.Path) >= 8 && v.Path[:8] == "/recover":
		return "/recover"
	case v.Session != nil:
		return "/"
	}
	return "/login"
}

func slugOf(v *visit.Visit) string {
	if v.Tenant == nil {
		return ""
	}
	return v.Tenant.Slug
}
