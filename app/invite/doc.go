// Package invite is how somebody gets in for the first time: an account that an administrator made, a
// letter with a link, a first password.
//
//	GET  /invite/{token}   nothing is stored or spent; the token goes sealed into a cookie for 15
//	                       minutes, 303 to /invite/accept
//	GET  /invite/accept    a first password
//	POST /invite/accept    this alone spends the link; then 303 to /login: a link signs nobody in
//
// An invitation that has ended says why and whom to ask; strangers cannot have another one sent.
package invite
