package apptest

import (
	"bytes"
	"mime/multipart"
	"net/http"

	"golang.org/x/net/html"
)

// Upload fills in the page's form whose submit button says what button says and sends it with one file, as
// a browser would: its fields in the order of the page, the file under the name that it was chosen by. An
// empty name is no file. Fields are set by their names.
func (a *Answer) Upload(button, fileName string, file []byte, fields map[string]string) *Answer {
	a.b.t.Helper()
	form := a.formOf(button)
	if form == nil {
		a.b.t.Fatalf("no form with the button %q on %s (%d):\n%s", button, a.URL, a.Status, a.Text())
	}
	var body bytes.Buffer
	out := multipart.NewWriter(&body)
	walk(form, func(n *html.Node) {
		name, value := attr(n, "name"), attr(n, "value")
		if n.Data != "input" || name == "" {
			return
		}
		if attr(n, "type") == "file" {
			part, err := out.CreateFormFile(name, fileName)
			must(a.b.t, err)
			_, err = part.Write(file)
			must(a.b.t, err)
			return
		}
		if set, ok := fields[name]; ok {
			value = set
		}
		must(a.b.t, out.WriteField(name, value))
	})
	must(a.b.t, out.Close())
	action, err := a.URL.Parse(attr(form, "action"))
	must(a.b.t, err)
	header := SameOrigin(a.URL.Scheme + "://" + a.URL.Host)
	header["Content-Type"] = out.FormDataContentType()
	return a.b.Send(http.MethodPost, action.String(), body.String(), header)
}
