package platform

import (
	"portico/app/directory"
	"portico/app/staff"
	"portico/app/visit"
)

// Flow is the pages of the platform's staff; its fields are its needs.
type Flow struct {
	Staff     *staff.Staff
	Directory *directory.Directory
}

// by is who acts.
func by(v *visit.Visit) directory.By {
	return directory.By{Actor: staff.Actor(v.Staff.StaffID), Name: v.Staff.Name}
}
