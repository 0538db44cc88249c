package themes

// AccessAskedLetter tells somebody who can grant it that a person asks for a permission.
type AccessAskedLetter struct {
	Who        string
	Permission string
	Reason     string
	Link       string // a path below the base
}

// AccessDecidedLetter tells who asked what came of it.
type AccessDecidedLetter struct {
	Name       string
	Permission string
	Approved   bool
	Note       string
	Link       string // a path below the base
}

// Template names the letter.
func (AccessAskedLetter) Template() string { return "access_asked" }

// Template names the letter.
func (AccessDecidedLetter) Template() string { return "access_decided" }

// PermissionText is the sentence of a permission.
func (v letterView) PermissionText(permission string) string {
	return v.r.Text(v.B, v.Locale, "perm."+permission, nil)
}
