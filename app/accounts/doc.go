// Package accounts knows who can sign in: accounts and their identifiers, passwords, sessions, locks,
// known devices and mailed links; their rules and their rows. It knows nothing of HTTP.
//
// The stories, one file each: signin.go (a password is tried), factor.go (a right one waits for a code),
// session.go (a browser that is in), recovery.go (a link is asked for), reset.go (a link is spent),
// unlock.go, create.go. Strangers and owners cost the same hash, the same round trips and the same
// answer (decisions.md 19 and 22).
package accounts
