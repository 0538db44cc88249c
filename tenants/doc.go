// Package tenants knows who the customers are and is the wall between them.
//
// A Tenant is one customer: its addresses, its policy and the documents that make its brand. It is
// found once per request from the validated Host (Resolver). A Scope is a transaction inside one
// tenant; it is the only way to rows that carry a tenant_id, and PostgreSQL's row security stands
// behind it. AcrossAll is the loud way out, for a closed list of reasons.
//
// The package imports nothing of ours; everything else may import it.
package tenants
