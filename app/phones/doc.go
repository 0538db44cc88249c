// Package phones knows telephone numbers and what texts and calls may cost.
//
//	typed ──► Parse ──► Number (E.164) ──► Book.Take, in the caller's transaction ──► letters.Draft
//	                                          │ number, person, address, tenant's day; the breaker
//	                                          └─► refused: the page offers the other methods at once
//
// Sending is package letters'. Toll fraud (codes bought and never used) is what the budgets and the breaker
// are for: security.md section 4.
package phones
