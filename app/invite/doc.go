// Package invite is the way in for those who have nothing to sign in or recover with: a first password by
// a mailed invitation; a new one by a one-time pass from the helpdesk, without mailbox or phone.
//
//	GET  /invite/{token}   nothing is stored or spent; the token goes sealed into a cookie for 15
//	                       minutes, 303 to /invite/accept
//	GET  /invite/accept    a first password
//	POST /invite/accept    this alone spends the link; then 303 to /login: a link signs nobody in
//
//	GET/POST /recover/pass      who are you, and the pass → one answer to all that does not open
//	GET/POST /recover/pass/set  a new password; this POST alone spends the pass; then half an hour in
//	                            which proofs can be registered and nothing else opens
//	GET  /recover/stop/{token} → GET/POST /recover/stop   the owner objects to a pass
//
// What has ended says why and whom to ask; strangers cannot have another one sent.
package invite
