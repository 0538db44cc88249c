// Package captcha tells people from scripts, as depth behind the limits and never in their place
// (OWASP Bot Management: the last resort, with an accessible alternative).
//
// Two kinds stand behind one interface: characters in a picture that can also be heard, and a proof of
// work that a browser does by itself, with the picture for browsers without scripts. Both are our own; no
// third party learns who signs in where.
//
// Nothing is stored when a page is looked at: a challenge travels sealed in its own id, bound to the
// tenant and to the browser that was given it. A row is written when an answer comes, so that each
// challenge takes one answer, right or wrong.
package captcha
