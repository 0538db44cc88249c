package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/feedback"
	"portico/app/visit"
	"portico/tenants"
)

// told takes what Amazon SNS posts about letters. SNS brings again what was not answered with 2xx.
func (s *Server) told(v *visit.Visit) error {
	outcome, err := s.set.Feedback.Receive(v.Context(), v.C.Context().PostBody())
	s.metrics.told.WithLabelValues(string(outcome)).Inc()
	status := fiber.StatusNoContent
	switch {
	case errors.Is(err, feedback.ErrForged):
		s.set.Log.Warn("a message that SNS did not sign for us was refused", "why", err)
		status = fiber.StatusForbidden
	case errors.Is(err, feedback.ErrLater), errors.Is(err, tenants.ErrUnavailable):
		s.set.Log.Warn("a message of SNS has to come again", "error", err)
		status = fiber.StatusServiceUnavailable
	case err != nil:
		return err
	}
	h := v.C.Context()
	plainHeaders(h, v.Secure())
	h.Response.Header.Set("Cache-Control", "no-store")
	h.SetStatusCode(status)
	return nil
}
