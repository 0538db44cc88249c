// Package tenantstest gives every test a migrated PostgreSQL database of its own, as the
// application's own role: a test that ran as a superuser or as the owner would not see row security.
//
// The server is the one that PORTICO_TEST_DATABASE_URL names (as its superuser; `make test` sets it
// to a private one, and nothing but a test server may stand there, because the roles' passwords are
// set). Without the variable the first test process starts a private server that all others share
// and that ends by itself some seconds after the last of them. A database is a copy of a template
// that is migrated once per schema, so that a test pays milliseconds.
package tenantstest
