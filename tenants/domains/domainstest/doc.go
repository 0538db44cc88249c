// Package domainstest is a DNS server of our own for tests: real packets over UDP and TCP on 127.0.0.1, zones
// that a test writes, and every way in which a server can be wrong.
package domainstest
