// Package rules is the console's pages about the policy: its knobs beside their preset, forms by group, what
// a change would do before it is saved, conflicts, and the history.
package rules
