// Package looks is how a tenant changes its look and its words: drafts that nobody sees, links to show them,
// publishing, the history and the way back, pictures. No Fiber.
package looks
