// Package insight is what an administrator reads: the audit with names, files of it, figures over time and
// how recoveries went. It changes nothing. No Fiber.
package insight
