// Package domains looks after the custom hosts that tenants claim: what may be claimed, the proof in DNS,
// the checklist of records that a host and its mail need, the workers that look again and again, links that
// show the checklist, and which host is canonical. It asks DNS and PostgreSQL and nothing else.
package domains
