package themes

// ChangeOutsidePage says how a password is changed where nobody can change it while signed in.
type ChangeOutsidePage struct{ Parts }

// Template names the file.
func (ChangeOutsidePage) Template() string { return "change_outside" }
