// Package profile is what somebody who is signed in sees of themselves: where they can go (/), their
// sign-in details and sessions (/account), and the way out (/logout).
package profile
