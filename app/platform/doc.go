// Package platform is the staff's pages, at /platform on the platform's own host alone: signing in with two
// steps, the customers and the steps that bring one live, states, access to a customer's console, staff, and what
// was done. The work itself is in app/staff and app/directory.
package platform
