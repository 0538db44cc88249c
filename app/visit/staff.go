package visit

import (
	"fmt"

	"portico/rbac"
	"portico/themes"
)

// StaffDeniedError means that the role of who is signed in on the platform's own host does not allow something.
type StaffDeniedError struct{ Permission rbac.StaffPermission }

// Error names the permission.
func (e *StaffDeniedError) Error() string {
	return fmt.Sprintf("staff not permitted: %s", e.Permission)
}

// StaffCan decides about who of the staff is signed in; nobody can anything.
func (v *Visit) StaffCan(p rbac.StaffPermission) bool {
	return v.Staff != nil && v.Staff.Role.Allows(p)
}

// staffSubjects are the entries of the platform's navigation that are open to who is signed in.
func (v *Visit) staffSubjects() []themes.ConsoleEntry {
	all := []themes.ConsoleEntry{{Path: "/platform/customers", Key: "platform.customers", Icon: "tree"}}
	if v.StaffCan(rbac.StaffRead) {
		all = append(all, themes.ConsoleEntry{Path: "/platform/staff", Key: "platform.staff", Icon: "users"},
			themes.ConsoleEntry{Path: "/platform/audit", Key: "platform.events", Icon: "audit"})
	}
	return all
}
