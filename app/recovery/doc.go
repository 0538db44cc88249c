// Package recovery is the way back in: one engine for every tenant, its steps chosen by policy.
//
//	identify   GET/POST /recover          who are you → the same answer for everybody
//	prove      GET /recover/{token}       a mailed link: nothing is stored or spent; flow and token go
//	                                      sealed into a cookie for 15 minutes, 303 to /recover/set
//	set        GET/POST /recover/set      a new password; this POST alone spends the link
//	finish     by policy: 303 to /login, or /recover/done
//	unlock     GET /unlock/{token} → GET/POST /unlock/confirm
//
// A link that has ended says why and offers a fresh one (POST /recover/again) without saying whose it was.
package recovery
