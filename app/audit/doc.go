// Package audit writes down what happened, in the caller's transaction, and reads it back.
//
// Rows are append-only: the application's role may add and read, never change or remove; ages are the
// maintenance role's business (migrations). Who asked and from where travels in the context (With), so
// that a flow names only what happened. Details never hold a secret, a token or a password.
package audit
