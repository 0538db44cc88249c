package themes

// Picture is an uploaded picture made anew: what is stored holds nothing of the file but what can be seen.
type Picture struct {
	SHA256        string // of Bytes, 64 hexadecimal digits
	MediaType     string // image/png, image/jpeg, image/svg+xml
	Bytes         []byte
	Width, Height int // px; of a drawing without a size of its own: 0
}
