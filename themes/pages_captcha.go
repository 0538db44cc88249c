package themes

// CaptchaField is a CAPTCHA that a form of a page carries. Pages that may show one point to it; nil shows
// none. A wrong answer is a fault of the field captcha_answer.
type CaptchaField struct {
	ID     string // of the challenge: the hidden value, and a part of the addresses of picture and audio
	Typed  string // what was typed into it, when the same one is shown again
	Width  int    // of the picture, in CSS pixels
	Height int
	Work   *CaptchaWork // solved by the page's script; the picture is for browsers without
	Renew  string       // address below the base that shows the page with a new picture
}

// CaptchaWork is what the script works on: the number up to Most whose hash after Salt is Target (SHA-256, hex).
type CaptchaWork struct {
	Salt, Target string
	Most         int64
}
