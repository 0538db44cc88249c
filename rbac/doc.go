// Package rbac decides who may do what in a tenant's console.
//
// A permission is a resource and an action from the catalogue (permissions.go). A role is a name for a
// set of permissions: built in (roles.go), or made by a tenant from the catalogue and kept in its settings
// (tenants.OwnRole). Somebody holds a role in the whole tenant or in one group and what is below it, for
// ever or until a date; these holdings are read with the session and are never rules.
//
// The rules are Casbin's (model.conf): one enforcer with the built-in roles that all tenants share, and a
// small one for the roles that a tenant made, kept by the tenant's version, so that a change is known
// everywhere as soon as the tenant's other settings are. Whatever is empty or goes wrong denies: an empty
// request against an empty policy is allowed by Casbin itself.
//
// Guard.Decide answers with where it holds (Reach), and Guard.Explain says why, in roles that a person can
// be told. Guard.Covers is the one rule about ranks: nobody grants more than they hold, and nobody acts on
// somebody who holds more than they do.
package rbac
