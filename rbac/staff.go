package rbac

import "slices"

// StaffPermission is what somebody of the platform's staff may do, on the platform's own host alone; the
// empty one is held by nobody. The word "staff.perm.<permission>" says what it allows.
type StaffPermission string

// The permissions of staff.
const (
	CustomersRead  StaffPermission = "customers.read"  // the list, each customer's page and health
	CustomersEdit  StaffPermission = "customers.edit"  // begin a customer, take them through the steps, bring them live
	CustomersState StaffPermission = "customers.state" // suspend, resume, let go
	AccessAsk      StaffPermission = "access.ask"      // enter a customer's console, for a reason and a while
	StaffRead      StaffPermission = "staff.read"      // who is staff, what was done
	StaffEdit      StaffPermission = "staff.edit"      // add staff, change roles, end their access
)

// StaffRole is one of the four roles of the platform's staff (platform.staff.role).
type StaffRole string

// The roles of staff. They are few and fixed: a platform's staff is small, and its rights weigh much.
const (
	StaffOwner      StaffRole = "owner"
	StaffOnboarding StaffRole = "onboarding"
	StaffSupport    StaffRole = "support"
	StaffAuditor    StaffRole = "auditor"
)

// StaffRoles lists the roles in the order in which people are shown them.
func StaffRoles() []StaffRole {
	return []StaffRole{StaffOwner, StaffOnboarding, StaffSupport, StaffAuditor}
}

// Known tells whether this is a role of staff.
func (r StaffRole) Known() bool { return slices.Contains(StaffRoles(), r) }

// Allows tells whether the role holds a permission. A role that a newer program gave allows nothing here.
func (r StaffRole) Allows(p StaffPermission) bool {
	return p != "" && slices.Contains(staffMay(r), p)
}

func staffMay(r StaffRole) []StaffPermission {
	switch r {
	case StaffOwner:
		return []StaffPermission{CustomersRead, CustomersEdit, CustomersState, AccessAsk, StaffRead, StaffEdit}
	case StaffOnboarding:
		return []StaffPermission{CustomersRead, CustomersEdit, AccessAsk}
	case StaffSupport:
		return []StaffPermission{CustomersRead, AccessAsk}
	case StaffAuditor:
		return []StaffPermission{CustomersRead, StaffRead}
	}
	return nil
}
