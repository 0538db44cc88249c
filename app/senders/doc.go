// Package senders makes a tenant's mail leave as the tenant's own: it brings the domain of its sender through
// Amazon SES, keeps an eye on it ever after, and lets a sender rest whose mail comes back or is called unwanted.
//
//	tenant file: sender.from ── Follow ──► sender_domains: claimed
//	   │ the tenant's own proof (TXT, or a verified host)      ──► asking
//	   │ DKIM tokens · MAIL FROM · configuration set           ──► pending
//	   │ SES finds the records (asked with back-off)           ──► verified ──► lost, and back
//	   └ SES gives up                                          ──► failed, until somebody asks again
//
//	feedback ── letters.Feedback ──► senders.due_at ── look ──► ok · warned · paused · stopped
//
// Rows hold every step, so that any instance goes on where another one stopped. One instance at a time speaks
// to SES, no two calls closer than its limit. What cannot be done leaves the state as it was, with its age and
// the reason beside it. Package letters reads the rows as each letter leaves.
package senders
