// Package apikeys keeps what lets programs in at the API: keys of a tenant and keys of the platform.
//
// A key is a text that somebody sees once (Text): "portico_", what it opens, its id, 32 random bytes and a
// check sum, so that scanners of sources and logs can find it and tell it from anything else. Of the secret a
// SHA-256 is kept: it is random, so nothing is gained by a slow hash.
//
// A tenant's key acts for the account that made it: Keys.Open answers with a rbac.Subject that holds what the
// account holds now, narrowed to what the key was given. So a key never reaches further than its maker, loses
// what they lose, acts on nobody who holds more than it may use, and ends with their account. Keys of the platform
// reach the directory of tenants and nothing inside of one: staff come there by a grant alone.
//
// Keys are read with every request, so that a revoked one ends everywhere at once.
package apikeys
