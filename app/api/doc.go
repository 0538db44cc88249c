// Package api is the same work over HTTP and JSON: /api/v1, described by /openapi.json and /api/docs.
//
// It does nothing by itself. Every operation (ops_*.go) reads its request, calls the room of the domain that the
// console calls too, and writes down what came back; what is refused there becomes a problem of RFC 9457 by one
// table (problems.go). Operations at a tenant's address are for keys of that tenant; those on the platform's own
// host (the directory of tenants) for keys of the platform, which reach into no tenant.
//
// Guards stand before every operation (guard.go), in this order: the body's length, the key, its limits, its
// permission, the body's form, the Idempotency-Key. Cookies are never read, no other site is ever allowed in, and
// nothing but the door decides which tenant is asked.
package api
