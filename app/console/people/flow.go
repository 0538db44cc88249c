package people

import "portico/app/people"

// Flow is the pages about people.
type Flow struct{ People *people.People }
