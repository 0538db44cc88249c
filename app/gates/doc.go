// Package gates is a recovery that asks for more than one mailed link: the rules and rows of
//
//	identify → forgot, or know but locked → gate 1 → gate 2 → new password | unlock
//
// A flow is a row (recovery_flows); the browser holds its secret in a sealed cookie, so any instance may
// serve any step, and none out of order. What somebody may choose from is what they registered and what
// counts; nobody's flow looks like somebody's (decoys), costs the same rows and never opens anything.
// Wrong codes and answers count by account and client together (blocks), so that a stranger's never shut
// the owner's own browser out.
package gates
