// Package people is the console's pages about people: the list, invitations, one person, groups.
package people
