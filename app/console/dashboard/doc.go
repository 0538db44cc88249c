// Package dashboard is the console's figures over time.
package dashboard
