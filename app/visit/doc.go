// Package visit is one request of a browser as the flows see it: whose address it came to, who is
// signed in, the form that it carries, and the page that answers. The flows (signin, recovery, profile)
// share it and never import each other; package app makes a Visit at the door and hands it on.
//
// It is the only place that writes cookies, security headers and redirects.
package visit
