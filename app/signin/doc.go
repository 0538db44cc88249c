// Package signin is the way in.
//
//	GET  /login   the page (in layout two_step: who are you)
//	POST /login   identifier alone, layout two_step → the password page
//	              both → accounts.SignIn → a session and a known device, then on to where they came from
//	              wrong → 422, the same for everybody; locked is told to the owner's own browser alone
//	              right, and a second factor is asked for → no session yet: /login/verify
//	GET  /login/verify   the code of the authenticator app, or a saved one
//	POST /login/verify   proofs.SecondFactor → what POST /login gives without one
package signin
