// Package rbac will decide who may do what. What stands so far is the data it decides on: groups and
// role assignments with a scope are in the first schema (migrations/0002_accounts.sql), and tenant files
// fill them. Permissions, built-in roles and the decision itself come with the brand console; until then
// no page needs more than being signed in, and every route says so beside its path (app/routes.go).
package rbac
