// Package letterstest holds the carriers that tests hand mail to: an Amazon SES and an SMTP relay on
// loopback that answer as the real ones do, throttling, rejecting, falling silent and losing their
// acceptance on request.
package letterstest
