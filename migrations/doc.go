// Package migrations holds the database's schema as numbered SQL files and the runner that applies
// them: goose for our own files, then River's migrations into the schema `river`.
//
// The wall between tenants is written here and nowhere else: roles.sql names who may do what, the
// numbered files put every table behind row security, and the tests walk the finished schema to see
// that no table stands outside of it. A file that was released is never changed; the next one
// corrects it (expand, migrate, contract: the previous program must run on the new schema).
package migrations
