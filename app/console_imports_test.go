package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/apptest"
	"portico/app/imports"
)

// newQuay is a desk whose groups have the external ids lisbon and porto. Nobody works imports off before
// work is called.
func newQuay(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.Exec("UPDATE groups SET external_id = lower(name)")
	return d
}

// work lets a second instance work off what is due.
func (d *desk) work() *apptest.Portal {
	d.t.Helper()
	return apptest.Start(d.t, apptest.Options{Beside: d.Portal, BaseURL: "http://localhost:" + d.Port, Imports: true})
}

// until opens an address again and again until its page shows a text.
func (d *desk) until(b *apptest.Browser, address, text string) *apptest.Answer {
	d.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; <-time.After(20 * time.Millisecond) { // the worker is another goroutine
		page := b.Get(address).Sees(200)
		if strings.Contains(page.Text(), text) {
			return page
		}
		if time.Now().After(deadline) {
			return page.Sees(200, text)
		}
	}
}

func (d *desk) uploaded(b *apptest.Browser, file string) *apptest.Answer {
	d.t.Helper()
	return b.Get(d.at+"/console/imports").Sees(200).Upload("Read the file", "people.csv", []byte(file), nil)
}

// received is the address of a file that was read.
func (d *desk) received(b *apptest.Browser, file string) string {
	d.t.Helper()
	return d.at + d.uploaded(b, file).Sees(303).Location
}

func TestAFileOfPeopleIsBroughtIn(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	d.work()
	b := d.in("tariq")
	b.Get(d.at+"/console/imports").Sees(200, "There was no import in the last week")
	file := "Badge;Name;E-Mail;Groups;Colour\n" +
		"n-1;Bea Bloom;bea@first.example;lisbon;red\n" +
		"n-2;=cmd /C calc;cid@first.example;;\n" +
		"n-3;Dan;not an address;;blue\n" +
		"f-1;Ava Lindqvist;ava@first.example;;\n"
	at := d.received(b, file)
	page := b.Get(at).Sees(200, "What is in which column?", "people.csv", "Bea Bloom", "Colour", "red, blue")
	page.Submit("Check the rows", nil).Sees(422, "Say which column is the external ID")
	page.Submit("Check the rows", map[string]string{"column_1": "external_id", "column_5": "email"}).Sees(422, "Two columns cannot both mean the same")
	page.Submit("Check the rows", map[string]string{"column_1": "external_id", "ceiling": "101"}).Sees(422, "whole number from 1 to 100")
	page.Submit("Check the rows", map[string]string{"column_1": "shoe size"}).Sees(400)
	people := d.Count("accounts")
	page.Submit("Check the rows", map[string]string{"column_1": "external_id"}).Sees(303)
	judged := d.until(b, at, "This is what would happen").Sees(200, "New 2", "Changed 0", "As they are 1", "Refused 1", "n-3", "E-Mail",
		"This cannot be an address or a name to sign in with")
	if n := d.Count("accounts"); n != people {
		t.Fatalf("the dry run left %d people of %d", n, people)
	}
	report := b.Get(at + "/report.csv").Sees(200)
	if !strings.Contains(report.Body, "4,n-3,Refused,E-Mail,This cannot be") || strings.Count(report.Body, "\r\n") != 5 ||
		!strings.HasPrefix(report.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the report (%s):\n%s", report.Header.Get("Content-Disposition"), report.Body)
	}
	judged.Submit("Bring them in", nil).Sees(303)
	d.until(b, at, "This is what happened").Sees(200, "New 2", "Refused 1")
	judged.Submit("Bring them in", nil).Sees(409, "This import has moved on meanwhile")
	b.Get(d.at+"/console/people?q=bea").Sees(200, "Bea Bloom", "Lisbon")
	for format, want := range map[string]string{"csv": "'=cmd /C calc", "jsonl": `"=cmd /C calc"`} {
		if list := d.post(b, "/console/people/export", url.Values{"format": {format}}).Sees(200); !strings.Contains(list.Body, want) || !strings.Contains(list.Body, "bea@first.example") {
			t.Errorf("the list as %s:\n%s", format, list.Body)
		}
	}
	d.post(b, "/console/people/export", url.Values{"format": {"xls"}}).Sees(404)
	b.Get(d.at + "/console/people/export").Sees(404) // a link from elsewhere takes nothing out
	// The same file once more: its columns are known by now, and nothing is left to do.
	again := d.received(b, file)
	b.Get(again).Submit("Check the rows", nil).Sees(303)
	d.until(b, again, "This is what would happen").Sees(200, "New 0", "Changed 0", "As they are 3", "Refused 1").
		Submit("Remove this file", nil).Sees(303).Follow().Sees(200, "people.csv", "Tariq Mensah")
	b.Get(again).Sees(404)
}

func TestTheProgressOfAnImportSurvivesAReload(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	b, other := d.in("tariq"), d.in("tariq")
	var file strings.Builder
	file.WriteString("external_id,name,email\n")
	for n := range 2_001 {
		fmt.Fprintf(&file, "x-%d,Person %d,x%d@first.example\n", n, n, n)
	}
	at := d.received(b, file.String())
	b.Get(at).Submit("Check the rows", nil).Sees(303).Follow().Sees(200, "Your rows are being checked", "0 % done")
	d.Exec("UPDATE imports SET next_chunk = 1") // a third, and the worker rests
	for range 2 {
		other.Get(at).Sees(200, "Your rows are being checked", "33 % done")
	}
	if got := other.Get(at + "/progress").Sees(200).Body; !strings.Contains(got, `"percent":33`) || !strings.Contains(got, `"moving":true`) {
		t.Errorf("the progress is %s", got)
	}
	other.Get(at).Submit("Stop", nil).Sees(303)
	b.Get(at).Sees(200, "What is in which column?")
	if got := b.Get(at + "/progress").Sees(200).Body; !strings.Contains(got, `"moving":false`) {
		t.Errorf("the progress is %s", got)
	}
}

func TestAnImportIsCancelledAndGoesOn(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	b := d.in("tariq")
	at := d.received(b, "external_id,name,email\nn-1,Bea,bea@first.example\n")
	second := d.received(b, "external_id,name\nf-1,Ava Lindqvist\n")
	judging := b.Get(at).Submit("Check the rows", nil).Sees(303).Follow().Sees(200, "being checked")
	judging.Submit("Stop", nil).Sees(303).Follow().Sees(200, "What is in which column?")
	judging.Submit("Stop", nil).Sees(409, "This import has moved on meanwhile")
	b.Get(at).Submit("Check the rows", nil).Sees(303)
	b.Get(second).Submit("Check the rows", nil).Sees(303)
	worker := d.work()
	judged, other := d.until(b, at, "This is what would happen"), d.until(b, second, "This is what would happen")
	worker.Stop()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { judged.Submit("Bring them in", nil) })
	}
	both.Wait()
	if n := d.Count("audit_events WHERE kind = 'import.started'"); n != 1 {
		t.Errorf("of two who start it at once %d do", n)
	}
	other.Submit("Bring them in", nil).Sees(409, "Another file is being brought in")
	running := b.Get(at).Sees(200, "Your rows are being brought in", "0 % done").Hides("Remove this file")
	d.post(b, strings.TrimPrefix(at, d.at)+"/remove", nil).Sees(409)
	running.Submit("Stop", nil).Sees(303).Follow().Sees(200, "This was done before you stopped")
	b.Get(at).Submit("Go on", nil).Sees(303).Follow().Sees(200, "being brought in")
	d.work()
	d.until(b, at, "This is what happened").Sees(200, "New 1")
	if n := d.Count("accounts WHERE external_id = 'n-1'"); n != 1 {
		t.Errorf("%d people came of one row", n)
	}
	b.Get(d.at+"/console/audit?kind=import.ended").Sees(200, "Import ended")
}

func TestFilesThatCannotBeReadSayWhere(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	b := d.in("tariq")
	for name, c := range map[string]struct{ file, says string }{
		"UTF-16":         {"\xff\xfee\x00x\x00", "The file is in UTF-16"},
		"Latin-1":        {"external_id,name\nn-1,M\xfcller\n", "Line 2, column 2 is not UTF-8"},
		"a zero byte":    {"external_id,name\nn-1,a\x00b\n", "Line 2, column 2 holds a byte that no text has"},
		"a spreadsheet":  {"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "Line 1, column 1"},
		"an open quote":  {"external_id,name\nn-1,A\nn-2,\"B\nn-3,C\n", "opens in line 3, column 2 and never closes"},
		"nothing":        {"", "There is no row below the headings"},
		"headings alone": {"external_id,name\n", "There is no row below the headings"},
		"too wide":       {strings.Repeat("c,", 100) + "c\n", "more than 100 columns"},
		"too long":       {"c\n" + strings.Repeat("1\n", 200_001), "Split it at line 200002"},
		"too large":      {"c\n" + strings.Repeat("x", imports.MaxBytes), "The file is larger than 32 MB"},
	} {
		if page := d.uploaded(b, c.file); page.Status != 422 || !strings.Contains(page.Text(), c.says) || !strings.Contains(page.Text(), "Read the file") {
			t.Errorf("%s: %d %s", name, page.Status, page.Text())
		}
	}
	b.Get(d.at+"/console/imports").Upload("Read the file", "", nil, nil).Sees(422, "Choose a file first")
	if n := d.Count("imports") + d.Count("import_chunks"); n != 0 {
		t.Errorf("%d rows are left of files that could not be read", n)
	}
	for range 5 {
		d.uploaded(b, "external_id\n1\n").Sees(303)
	}
	d.uploaded(b, "external_id\n1\n").Sees(422, "Five files wait already")
}

func TestAFileNameIsShownAsText(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	b := d.in("tariq")
	at := b.Get(d.at+"/console/imports").Upload("Read the file", `..\..\etc/<b>people</b>.csv`, []byte("external_id,<i>name\n1,<script>alert(1)</script>\n"), nil).Sees(303).Location
	for _, page := range []*apptest.Answer{b.Get(d.at + at), b.Get(d.at + "/console/imports")} {
		if strings.Contains(page.Body, "<b>people") || strings.Contains(page.Body, "<script>alert") || strings.Contains(page.Body, "<i>name") || strings.Contains(page.Text(), "etc") {
			t.Errorf("%s shows a file as markup or by its path:\n%s", page.URL, page.Text())
		}
	}
}

func TestImportsBelongToWhoMayImportAtTheTenant(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	b := d.in("tariq")
	own := d.received(b, "external_id,name\nn-1,Bea\n")
	d.Exec(`INSERT INTO imports (tenant_id, id, state, file_name, headings, by_name, created_at, updated_at)
		SELECT id, gen_random_uuid(), 'mapping', 'theirs.csv', '["a"]', 'Mina', now(), now() FROM tenants WHERE slug = 'second'`)
	d.Exec(`INSERT INTO imports (tenant_id, id, state, file_name, headings, by_name, created_at, updated_at)
		SELECT id, gen_random_uuid(), 'reading', 'half.csv', '["a"]', 'Tariq', now(), now() FROM tenants WHERE slug = 'first'`)
	var foreign, reading uuid.UUID
	d.Scan("SELECT id FROM imports WHERE file_name = 'theirs.csv'", nil, &foreign)
	d.Scan("SELECT id FROM imports WHERE file_name = 'half.csv'", nil, &reading)
	b.Get(d.at+"/console/imports").Sees(200).Hides("theirs.csv", "half.csv")
	for _, id := range []string{foreign.String(), reading.String(), uuid.NewString(), "x", strings.ToUpper(foreign.String())[:35]} {
		for _, page := range []string{"", "/progress", "/report.csv"} {
			b.Get(d.at + "/console/imports/" + id + page).Sees(404)
		}
		for _, act := range []string{"/columns", "/start", "/cancel", "/waves", "/remove"} {
			d.post(b, "/console/imports/"+id+act, nil).Sees(404)
		}
	}
	if n := d.Count("imports WHERE state = 'mapping'"); n != 2 {
		t.Errorf("%d imports are as they were, want 2", n)
	}
	// A people manager of a group brings nobody in from a file, and takes out those of the group alone.
	mia := d.in("mia")
	id := own[strings.LastIndex(own, "/")+1:]
	for _, page := range []string{"", "/" + id, "/" + id + "/progress", "/" + id + "/report.csv"} {
		mia.Get(d.at+"/console/imports"+page).Sees(403, "Bring people in from a file")
	}
	for _, act := range []string{"", "/" + id + "/columns", "/" + id + "/start", "/" + id + "/cancel", "/" + id + "/waves", "/" + id + "/remove"} {
		d.post(mia, "/console/imports"+act, nil).Sees(403)
	}
	if list := d.post(mia, "/console/people/export", url.Values{"format": {"csv"}}).Sees(200).Body; !strings.Contains(list, "ava@first.example") || strings.Contains(list, "pia@first.example") || strings.Contains(list, "tariq@") {
		t.Errorf("mia takes out\n%s", list)
	}
	d.Browser().Get(own).Sees(303)
}

func TestOptionsOfAnImportAskForTheirPermissions(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	d.post(d.in("tariq"), "/console/roles", url.Values{"name": {""}, "base": {"0"}, "label": {"Importer"}, "note": {""}, "perm.people.import": {"on"}}).Sees(303)
	d.give("ava", "importer", "")
	ava := d.in("ava")
	at := d.received(ava, "external_id,name,email\nn-1,Bea,bea@first.example\n")
	columns := func(option string) *apptest.Answer {
		return d.post(ava, strings.TrimPrefix(at, d.at)+"/columns", url.Values{"column_1": {"external_id"}, "column_2": {"display_name"}, "column_3": {"email"}, "ceiling": {"10"}, option: {"1"}})
	}
	ava.Get(at).Sees(200, "Close the accounts").Hides("Invite whoever has no password")
	columns("invite").Sees(422, "Invitations are not open to you")
	columns("missing").Sees(403, "Close and reopen accounts")
	columns("column_4").Sees(400)
	if n := d.Count("imports WHERE state = 'judging'"); n != 0 {
		t.Errorf("%d imports are checked with options that are not open", n)
	}
	d.post(ava, "/console/people/export", url.Values{"format": {"csv"}}).Sees(403)
}

func TestAnUploadNeedsItsTokenFirst(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	b := d.in("tariq")
	page := b.Get(d.at + "/console/imports")
	page.Upload("Read the file", "people.csv", []byte("external_id\n1\n"), map[string]string{"token": "x"}).Sees(403)
	token := page.Value("token")
	part := func(disposition, value string) string {
		return "--cut\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
	}
	file, proof := part(`name="file"; filename="a.csv"`, "external_id\r\n1"), part(`name="token"`, token)
	header := apptest.SameOrigin(d.at)
	header["Content-Type"] = "multipart/form-data; boundary=cut"
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"the file first":  {file + proof + "--cut--\r\n", 403},
		"two tokens":      {proof + proof + file + "--cut--\r\n", 400},
		"another field":   {proof + part(`name="state"`, "done") + file + "--cut--\r\n", 400},
		"cut short":       {proof + file[:len(file)-4], 400},
		"no part at all":  {"--cut--\r\n", 403},
		"a form of words": {"token=" + url.QueryEscape(token), 400},
	} {
		if name == "a form of words" {
			header["Content-Type"] = "application/x-www-form-urlencoded"
		} else {
			header["Content-Type"] = "multipart/form-data; boundary=cut"
		}
		if a := b.Send("POST", d.at+"/console/imports", c.body, header); a.Status != c.status {
			t.Errorf("%s: %d, want %d: %s", name, a.Status, c.status, a.Text())
		}
	}
	foreign := map[string]string{"Content-Type": "multipart/form-data; boundary=cut", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	b.Send("POST", d.at+"/console/imports", proof+file+"--cut--\r\n", foreign).Sees(403)
	if n := d.Count("imports"); n != 0 {
		t.Errorf("%d imports came of forms that are none", n)
	}
}
