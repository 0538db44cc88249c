package visit

import "portico/themes"

// Sheet answers with a page to read, for whoever has its address: without form, message or cookie.
func (v *Visit) Sheet(status int, p themes.Page) error {
	chrome := themes.Chrome{Path: v.Path, Base: v.Base, Nonce: v.Nonce()}
	body, err := v.Renderer.Page(v.Brand, v.Locale, chrome, p)
	if err != nil {
		return err
	}
	return v.HTML(status, body)
}
