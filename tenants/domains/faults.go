package domains

import "errors"

// Why a host cannot be claimed or changed. Fault gives each the code under which pages and the API say it at
// the field.
var (
	ErrNoName       = errors.New("no name was given")
	ErrBadName      = errors.New("not a host name")
	ErrIPLiteral    = errors.New("an address of numbers is not a host name")
	ErrSingleLabel  = errors.New("a host name has at least two parts")
	ErrNotPublic    = errors.New("the name does not exist in the public DNS")
	ErrPublicSuffix = errors.New("names like this one are handed out to everybody below them")
	ErrOwnZone      = errors.New("the platform's own name, or one below it")
	ErrMixedScripts = errors.New("the name mixes letters of several scripts")
	ErrLookAlike    = errors.New("the name looks like one that somebody else has")
	ErrTooMany      = errors.New("the tenant claims as many hosts as it may")
	ErrNoClaim      = errors.New("the tenant does not claim this host")
	ErrNotVerified  = errors.New("the host is not verified")
	ErrTaken        = errors.New("another tenant holds the host, and its proof stands")
	ErrBusy         = errors.New("the host is being checked just now")
	ErrTooLong      = errors.New("a shared link lives for one hour to fourteen days")
	ErrTooManyLinks = errors.New("as many links as may be are shared already")
)

// faults are the errors that people see, with their codes.
var faults = []struct {
	err  error
	code string
}{
	{ErrNoName, "no_name"}, {ErrBadName, "bad_name"}, {ErrIPLiteral, "ip_literal"}, {ErrSingleLabel, "single_label"},
	{ErrNotPublic, "not_public"}, {ErrPublicSuffix, "public_suffix"}, {ErrOwnZone, "own_zone"}, {ErrMixedScripts, "mixed_scripts"},
	{ErrLookAlike, "look_alike"}, {ErrTooMany, "too_many"}, {ErrNoClaim, "no_claim"}, {ErrNotVerified, "not_verified"},
	{ErrTaken, "taken"}, {ErrBusy, "busy"}, {ErrTooLong, "too_long"}, {ErrTooManyLinks, "too_many_links"},
}

// Fault is the stable code of an error of this package: "public_suffix"; "" for any other.
func Fault(err error) string {
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return f.code
		}
	}
	return ""
}
