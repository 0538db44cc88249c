// Package access is the console's pages about roles: what there is, who holds it, requests for access, why
// somebody may or may not do something, and the page that a refusal shows.
package access
