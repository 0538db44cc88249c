package api

// register names every operation.
func (a *API) register() {
	a.tenantOperations()
	a.lookOperations()
	a.policyOperations()
	a.peopleOperations()
	a.groupOperations()
	a.roleOperations()
	a.invitationOperations()
	a.importOperations()
	a.letterOperations()
	a.auditOperations()
	a.directoryOperations()
	a.fileOperations()
}
