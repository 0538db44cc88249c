// Package directory is who the platform's customers are, as staff see them: the list with its search, a new
// one begun, the steps to their first day, and the states that they stand in. No Fiber.
//
// A customer is a draft while it is being set up, live, suspended, or leaving. What a step changes goes the
// way that a tenant file goes (package tenantfile), so that whatever staff do by hand a file can do, too.
package directory
