// Package addresses has the staff's pages of a customer's own hosts: claims, the DNS checklist, which host is
// canonical, zone file and shared link; and the page that a shared link shows.
package addresses
