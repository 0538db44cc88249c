// Package themes is how a tenant looks and speaks: tokens and the contrast they must keep, one hashed
// stylesheet a theme, typed pages and letters, and the words of the catalogue with the tenant's own
// in front. It knows no account and no request: callers hand it values, it hands back bytes.
package themes
