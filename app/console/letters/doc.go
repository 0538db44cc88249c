// Package letters is the console's delivery view: each letter's way, and writing one anew.
package letters
