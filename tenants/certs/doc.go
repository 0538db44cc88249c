// Package certs has the certificates of the hosts at which tenants answer: obtained by ACME when the first
// handshake asks for a known host (self-hosted), or by the platform before us (Fly). Certificates and keys lie
// sealed in PostgreSQL, where every instance finds them.
package certs
