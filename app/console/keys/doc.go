// Package keys is the console's page about the keys that let programs in at the API.
package keys
