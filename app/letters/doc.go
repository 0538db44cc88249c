// Package letters writes messages in the caller's transaction and sends them later.
//
//	flow ── Outbox.Add ──► letters row (sealed) + River job, one statement in the caller's batch
//	                          │ commit
//	worker ◄── River, by lane and turn ── job {tenant, letter}
//	   │ claim: queued → sending, lease; ended links, decoys and old letters end here
//	   │ open the seal, render, build the MIME once
//	   ├─► Transport (SES, SMTP, dev inbox), outside of any transaction
//	   └─► sent | failed | queued again; the sealed values are wiped with the end
//
// The promise is the honest one of security.md: at most one mail per (kind, event, recipient), except
// when a relay's acceptance was lost; then the same Message-ID goes again. A request never sends.
package letters
