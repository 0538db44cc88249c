// Package sender is the console's page of the brand's sender: from whom its letters are, whether they arrive, and
// the addresses that get none.
package sender
