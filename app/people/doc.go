// Package people is what a tenant's administrators do with its people: the list with its search, one person
// and what can be done for them, invitations and groups. It keeps to the reach of who asks (rbac.Reach) and
// to the rule about ranks (rbac.Guard.Covers), and writes every change to the audit. Passwords, links and
// identifiers are the work of package accounts. No Fiber.
package people
