// Command bench measures what the work costs beside the limits of this machine: it starts a private
// PostgreSQL with fsync on, seeds it, runs `portico serve` as a child process with a mail sink on
// loopback, and measures limit, ours, limit within the same minute, since only ratios can be compared
// between machines and hours. One table comes out, or the same as JSON; exit code 1 says that a bar of
// the performance page was missed.
//
// The load generator speaks HTTP/1.1 by hand, because it shares the machine with what it measures. One
// file a story; ground.go starts and ends everything, and nothing listens beyond 127.0.0.1.
package main
