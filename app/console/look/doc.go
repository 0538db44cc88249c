// Package look is the console's pages about look and words: the editors, previews, history.
package look
