// Package browser holds the tests that need a real browser: the recoveries of the three demo brands,
// walked by what a person sees, and every page judged by axe, wide and narrow, light and dark, with
// and without scripts, left to right and right to left. It has no code of its own.
//
// With PORTICO_SCREENSHOTS set to a folder, the tests leave pictures of what they saw there.
package browser
