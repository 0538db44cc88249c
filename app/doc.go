// Package app is the portal as a browser meets it.
//
// One request, straight down:
//
//	door.go      raw Host → tenant (or the platform, or a neutral 421), client address, locale
//	routes.go    every URL, in order of growing trust, its guards beside it
//	guards.go    origin of the form → ceiling → session → permission
//	<flow>/      reads the form, makes one call into accounts, answers with a page
//	failures.go  errors → status, page, log line
//
// Flows (signin, recovery, profile) share package visit and never import each other. Arrows point down:
// app → flows → visit → accounts → letters → themes → tenants.
package app
