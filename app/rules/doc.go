// Package rules is a tenant's policy as people change it: every knob by name, what standards say of its
// value, what a change would do to the people who are there, and its history. No Fiber.
package rules
