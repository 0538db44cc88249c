// Package feedback takes what Amazon SES tells of letters after it took them: arrived, came back, called unwanted.
// SES publishes it to a topic of Amazon SNS, and SNS posts it here, signed. It knows no HTTP server.
package feedback
