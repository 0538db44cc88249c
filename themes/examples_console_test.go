package themes

import "slices"

// consolePages are the console's, each subject's in a file of its own.
func consolePages() []example {
	return slices.Concat(accessExamples(), insightExamples(), peopleExamples(), personExamples(), rulesExamples(), importExamples(), lookExamples(), senderExamples(), staffAccessExamples(), keyExamples())
}

// inConsole is the frame of a page of the console.
func inConsole(path string) Chrome {
	c := signedIn(path)
	c.ToConsole = true
	c.Console = []ConsoleEntry{{"/console/people", "console.people", "users"}, {"/console/roles", "console.roles", "key"},
		{"/console/requests", "console.requests", "inbox"}}
	return c
}
