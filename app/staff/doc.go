// Package staff is who the platform's own people are: accounts apart from all tenants, with a password and
// an authenticator app, always both, a role, sessions and links to begin with. No Fiber.
//
// Somebody is added with a link (Add, Renew); with it they set a password and register their app in one step
// (Begin). They sign in by password (SignIn), then by a code (Prove); a session that has not shown a code
// opens nothing. Everything is written down in the platform's audit.
package staff
