package app

// peopleRoutes is every URL of the console about the list of people and invitations.
func (s *Server) peopleRoutes() []Route { return nil }
