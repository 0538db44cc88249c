package themes

import "time"

// AddressLetter goes to a new mail address: it counts once somebody opens the link there.
type AddressLetter struct {
	Name      string
	Link      string // a path below the base: /address/<token>
	ExpiresAt time.Time
}

// AddressNotice tells the addresses that were known of a new one.
type AddressNotice struct {
	Name    string
	Address string // the new one, masked
	At      time.Time
	Done    bool // it has taken their place; else it waits to be confirmed
}

// IdentifierNotice tells the owner that an administrator changed a name by which they sign in or are found.
type IdentifierNotice struct {
	Name  string
	Kind  string // username, user_id
	Value string // the new one; "" is none any more
	At    time.Time
}

// Template names.
func (AddressLetter) Template() string { return "address" }
func (AddressNotice) Template() string { return "address_notice" }

// Template names the letter.
func (IdentifierNotice) Template() string { return "identifier_notice" }
