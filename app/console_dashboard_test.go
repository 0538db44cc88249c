package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

// figuresOf are the cells of the dashboard's rows by their first cell, spaces folded.
func figuresOf(page *apptest.Answer) map[string][]string {
	rows := map[string][]string{}
	tag := regexp.MustCompile(`<[^>]*>`)
	for _, row := range regexp.MustCompile(`(?s)<tr>(.*?)</tr>`).FindAllStringSubmatch(page.Body, -1) {
		head := regexp.MustCompile(`(?s)<th scope="row">(.*?)(?:<span class="hint">.*?)?</th>`).FindStringSubmatch(row[1])
		if head == nil {
			continue
		}
		name := strings.TrimSpace(tag.ReplaceAllString(head[1], ""))
		for _, cell := range regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`).FindAllStringSubmatch(row[1], -1) {
			rows[name] = append(rows[name], strings.TrimSpace(tag.ReplaceAllString(cell[1], "")))
		}
	}
	return rows
}

func TestFiguresEqualAPlayedStory(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	h.ask("sol@looked.example")
	h.Browser().AskForLink(h.at, "stranger@looked.example").On().Sees(200)
	since := h.Clock.Now()
	b := h.Browser()
	b.AskForLink(h.at, "desa@looked.example").On().Sees(200)
	link := h.Letter("desa@looked.example", since).Links[0]
	b.Get(link).Follow().Sees(200).Submit("Save new password", map[string]string{"password": "short"}).Sees(422)
	b.Get(h.at+"/recover/set").Submit("Save new password", map[string]string{"password": "Lantern!meadow9"}).Follow().Sees(200)
	h.Browser().SignIn(h.at, "sol@looked.example", "not the password").Sees(422)
	ada := h.in("ada")
	story := func(when string) {
		t.Helper()
		for _, span := range []string{"24h", "30d", "90d"} {
			page := ada.Get(h.at+"/console/dashboard?span="+span).Sees(200, "Dashboard", "How recoveries went")
			rows := figuresOf(page)
			for name, want := range map[string]string{"Asked for": "3", "Letter written": "2", "Letter handed over": "2", "Link used": "1", "New password set": "1",
				"Nobody here by that name": "1", "Mail address": "5"} {
				if got := rows[name]; len(got) == 0 || got[0] != want {
					t.Errorf("%s, %s: %s is %v, want %s", when, span, name, got, want)
				}
			}
			if lost := rows["Letter written"]; len(lost) != 3 || lost[2] != "1" {
				t.Errorf("%s, %s: lost before a letter %v", when, span, lost)
			}
		}
	}
	story("as it happens")
	h.Clock.Advance(2 * time.Hour)
	if err := h.Outbox.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.Count("hour_figures WHERE figure = 'set' AND count = 1") != 1 {
		t.Error("the hour was not counted")
	}
	ada = h.in("ada")
	story("counted")
	if err := h.Outbox.Tidy(t.Context()); err != nil { // counting twice counts once
		t.Fatal(err)
	}
	story("counted twice")
	ada.Get(h.at + "/console/dashboard?span=1y").Sees(404)
	ada.Get(h.at + "/console").Sees(303)
	if to := ada.Get(h.at + "/console").Location; !strings.HasSuffix(to, "/console/dashboard") {
		t.Errorf("the console begins at %s", to)
	}
	h.in("nils").Get(h.at+"/console/dashboard").Sees(200, "your role reaches some groups alone").Hides("How recoveries went")
	h.in("sol").Get(h.at + "/console/dashboard").Sees(403)
}
