package themes

import "time"

// GateLetter carries the link that passes one of several gates of a recovery.
type GateLetter struct {
	Name      string
	Link      string // /recover/gate/<token>
	TTL       time.Duration
	ExpiresAt time.Time
}

// Template names.
func (GateLetter) Template() string { return "gate" }
