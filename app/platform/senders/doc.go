// Package senders is the staff's page of a customer's sender: the domain with its records, a test, whether letters
// rest, and the addresses that get none.
package senders
