// Package access is who holds which role: assignments with their scope and end, the roles that a tenant
// made, requests for access, and the last administrator who must not vanish. Package rbac decides; here are
// the rows that it decides on. No Fiber.
package access
