// Package localpg runs a private PostgreSQL for `portico dev`, the tests and the bench: a child
// process with its own data folder, on a free port of 127.0.0.1, with the roles of package
// migrations and an empty database `portico`.
//
// It finds the binaries of an installed PostgreSQL 15 or newer and otherwise downloads some. As root
// it runs PostgreSQL as an unprivileged user, because PostgreSQL refuses root. The server ends with
// the program that started it, also when that is killed, and a data folder whose server was killed
// starts again. It is not for production: `portico serve` gets a DATABASE_URL.
package localpg
