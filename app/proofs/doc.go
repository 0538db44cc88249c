// Package proofs is the ways to show that it is you, one file a kind, behind one small interface: mailed
// link, mailed code, text message, call to the mobile or the office phone, security questions,
// authenticator app, recovery codes.
//
//	Registered   what a person has (proofs, proof_answers, recovery_codes): sealed or hashed
//	Ask          writes a challenge for one subject (a recovery, a session that registers, a sign-in)
//	             and lets the code go, in the caller's transaction
//	Charge       counts a try before anything is compared, in a transaction of its own
//	Check        compares, outside of any transaction: answers are hashed as slowly as passwords
//	Settle       ends the challenge and spends what can be used once, for exactly one caller
//
// A stranger's challenge writes the same rows and a letter to nobody. What a wrong answer costs beyond
// the challenge (blocks, ends of a flow) is for whoever asks: app/gates, app/signin, app/profile.
package proofs
