package audit

// Kind names what happened; the list is the audit's vocabulary (behaviour.md 3C).
type Kind string

// The kinds of events.
const (
	SignInOK      Kind = "signin.ok"
	SignInFailed  Kind = "signin.failed"
	SignInBlocked Kind = "signin.blocked"       // an address was refused for the first time since it was last free
	FactorOK      Kind = "signin.factor_ok"     // the second factor, with its method
	FactorFailed  Kind = "signin.factor_failed" // after a right password
	SignOut       Kind = "signout"
	SessionEnded  Kind = "session.ended"

	ResetRequested Kind = "reset.requested"
	ResetStep      Kind = "reset.step"
	ResetBlocked   Kind = "reset.blocked"
	ResetCompleted Kind = "reset.completed"

	UnlockRequested Kind = "unlock.requested"
	UnlockCompleted Kind = "unlock.completed"

	PasswordChanged    Kind = "password.changed"
	PasswordAdminReset Kind = "password.admin_reset"
	PasswordUpgraded   Kind = "password.upgraded" // the stored hash got newer parameters or a newer pepper

	AccountLocked   Kind = "account.locked"
	AccountUnlocked Kind = "account.unlocked"
	AccountDisabled Kind = "account.disabled"
	AccountEnabled  Kind = "account.enabled"
	AccountAdded    Kind = "account.added"
	AccountImported Kind = "account.imported"
	ImportReceived  Kind = "import.received" // a file with people
	ImportStarted   Kind = "import.started"
	ImportEnded     Kind = "import.ended" // with what came of its rows
	PeopleExported  Kind = "people.exported"

	AccountEdited     Kind = "account.edited"
	AccountErased     Kind = "account.erased"
	AccountHandedOver Kind = "account.handed_over" // their data, to whoever asked for it
	AddressAsked      Kind = "address.asked"       // a new one, which is to be confirmed there
	AddressChanged    Kind = "address.changed"
	GroupAdded        Kind = "group.added"
	GroupChanged      Kind = "group.changed"
	GroupDeleted      Kind = "group.deleted"

	MethodsAsked      Kind = "methods.asked" // an administrator wants them registered anew
	MethodsRegistered Kind = "methods.registered"
	InviteSent        Kind = "invite.sent"
	InviteRedeemed    Kind = "invite.redeemed"
	InviteRevoked     Kind = "invite.revoked"
	PassIssued        Kind = "pass.issued"
	PassApproved      Kind = "pass.approved"
	PassUsed          Kind = "pass.used"
	PassRevoked       Kind = "pass.revoked"
	PassRefused       Kind = "pass.refused"
	HelpAsked         Kind = "help.asked"   // somebody who cannot get back in asked the administrators
	RoleChanged       Kind = "role.changed" // somebody was given one, or lost it
	RoleDefined       Kind = "role.defined" // a role of the tenant's own was made, changed or deleted
	AccessAsked       Kind = "access.asked"
	AccessDecided     Kind = "access.decided"
	AccessDenied      Kind = "access.denied"

	PhonesStopped Kind = "phones.stopped" // texts and calls rest: codes were bought and not used

	PortalSought    Kind = "portal.sought"
	PolicyChanged   Kind = "policy.changed"
	ThemeChanged    Kind = "theme.changed"
	WordsChanged    Kind = "words.changed"
	LookDrafted     Kind = "look.drafted"
	WordsDrafted    Kind = "words.drafted"
	DraftDiscarded  Kind = "draft.discarded"
	PictureAdded    Kind = "picture.added"
	PreviewMade     Kind = "preview.made"  // a link that shows a draft
	PreviewEnded    Kind = "preview.ended" // before its time
	TestLetterSent  Kind = "letter.tested"
	SenderChanged   Kind = "sender.changed"
	TenantApplied   Kind = "tenant.applied"
	TenantSuspended Kind = "tenant.suspended"
	TenantResumed   Kind = "tenant.resumed"
	TenantDeleted   Kind = "tenant.deleted"
	KeysRotated     Kind = "keys.rotated"
	KeyMade         Kind = "key.made" // one that lets a program in at the API
	KeyRevoked      Kind = "key.revoked"
	TenantLive      Kind = "tenant.live"
	TenantLeaving   Kind = "tenant.leaving"
	TenantTried     Kind = "tenant.tried" // the test run before going live
	StaffAdded      Kind = "staff.added"
	StaffChanged    Kind = "staff.changed"   // role, status, a new link to begin
	StaffSignedIn   Kind = "staff.signin"    // with its outcome
	StaffSignedOut  Kind = "staff.signout"   //
	StaffAccess     Kind = "staff.access"    // to one tenant: asked for, granted, refused, ended
	StaffEntered    Kind = "staff.entered"   // a tenant's console
	CustomerEdited  Kind = "customer.edited" // by staff, in a step of bringing them live
	Exported        Kind = "audit.exported"  // the audit itself, as a file
	LetterResent    Kind = "letter.resent"
	LetterFeedback  Kind = "letter.bounced" // or somebody complained of it

	HostClaimed      Kind = "host.claimed"
	HostVerified     Kind = "host.verified"
	HostProofMissing Kind = "host.proof_missing" // the grace time begins
	HostProofFound   Kind = "host.proof_found"   // again, in time
	HostLost         Kind = "host.lost"          // it stopped serving
	HostReleased     Kind = "host.released"
	HostCanonical    Kind = "host.canonical"
	DNSShared        Kind = "dns.shared" // a link that shows the DNS checklist
	DNSShareEnded    Kind = "dns.share_ended"

	SuppressionLifted Kind = "address.lifted" // letters go there again
	SuppressionSpared Kind = "address.spared" // one letter may go to an address at which none arrives
	SenderAsked       Kind = "sender.asked"   // a domain's verification began, or began anew
	SenderVerified    Kind = "sender.verified"
	SenderFailed      Kind = "sender.failed" // not verified in time
	SenderLost        Kind = "sender.lost"   // verified once, and no longer
	SenderRetired     Kind = "sender.retired"
	SenderTested      Kind = "sender.tested"
	SenderWarned      Kind = "sender.warned" // much comes back or is called unwanted
	SenderPaused      Kind = "sender.paused"
	SenderResumed     Kind = "sender.resumed"
)

// Outcome says how it ended.
type Outcome string

// The outcomes of an event: Denied means that a rule said no, Failure that it was tried in vain.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
	Denied  Outcome = "denied"
)
