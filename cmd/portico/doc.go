// Command portico is the front door of a multi-tenant SaaS: `portico dev` runs everything on one
// machine, `portico serve` is production, the other verbs are for operators.
//
// One file a verb; build.go is the only file that knows every package.
package main
