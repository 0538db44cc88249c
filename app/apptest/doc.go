// Package apptest is the ground that tests of the portal stand on: a whole portal on a database of its
// own as the application's role, two tenants that know nothing of each other, an inbox instead of a
// relay, one clock, and a small browser that keeps cookies and fills in forms by their labels.
package apptest
