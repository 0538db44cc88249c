// Command privatepg keeps a private PostgreSQL for tests.
//
//	privatepg run -- COMMAND…   runs a command with PORTICO_TEST_DATABASE_URL set, then stops the server
//	privatepg keep DIR          runs one for every process that holds DIR/users.lock shared, and ends
//	                            some seconds after the last of them (package tenantstest starts it)
package main
