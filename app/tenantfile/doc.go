// Package tenantfile makes a tenant what its file says.
//
//	file ──► ParseFile (tenants) ── faults, all at once, by line
//	           │
//	           ▼
//	         judge: theme, texts, pictures, hosts, people   (what needs more than the file)
//	           │
//	           ▼
//	         Plan: create, change, add, remove, keep ── field, old → new
//	           │  Apply, in one transaction that holds the tenant's row
//	           ▼
//	         tenants, hosts, settings, groups, accounts, audit ──► Touch: caches hear of it at commit
//
// Plan and Apply run the same code; Plan rolls back. What a file does not speak of stays as it is.
// Export writes the file that would change nothing: applied and exported again it is the same, byte by
// byte. People are not exported, and no secret ever stands in a plan, an export or an error.
package tenantfile
