package dashboard

import (
	"maps"
	"slices"

	"github.com/gofiber/fiber/v2"

	"portico/app/insight"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the figures.
type Flow struct {
	DB   *tenants.DB
	Kept *insight.Kept
}

// Page is /console/dashboard. Figures are of the whole tenant: whoever may see them in some groups alone is
// told so.
func (f *Flow) Page(v *visit.Visit) error {
	span, err := chosen(v.C.Query("span"))
	if err != nil {
		return err
	}
	page := themes.DashboardPage{Parts: themes.Parts{Help: v.Help()}, Span: span.Name, Hourly: span.Hourly(), Gates: v.Tenant.Policy.ThroughGates()}
	reach, err := v.Reach(rbac.DashboardRead)
	if err != nil {
		return err
	}
	if !reach.Everywhere {
		return v.Page(fiber.StatusOK, page)
	}
	page.Everywhere = true
	var figures insight.Figures
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) (err error) {
		figures, err = insight.Read(v.Context(), s, span)
		return err
	})
	if err != nil {
		return err
	}
	cover, counted, err := f.Kept.Coverage(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	draw(&page, figures, v.Tenant.Policy.Gates.Required)
	page.People, page.Able, page.Dead, page.Counted = cover.People, cover.Able, cover.Dead, counted
	for _, k := range cover.Kinds {
		page.Kinds = append(page.Kinds, themes.Figure{Name: k.Kind, Count: k.Count})
	}
	return v.Page(fiber.StatusOK, page)
}

// chosen is the span that an address names; none is the last day.
func chosen(name string) (insight.Span, error) {
	all := insight.Spans()
	if name == "" {
		return all[0], nil
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return insight.Span{}, visit.ErrNotFound
}

func draw(page *themes.DashboardPage, f insight.Figures, gates int) {
	asked := f.Asked()
	all := make([]int, len(f.Steps))
	requests := 0
	for reason, n := range asked {
		requests += n
		for i, m := range f.Of("asked." + reason) {
			all[i] += m
		}
	}
	line := func(name string, counts []int) themes.ChartLine {
		l := themes.ChartLine{Name: name, Counts: counts}
		for _, n := range counts {
			l.Total += n
		}
		return l
	}
	page.Steps = f.Steps
	page.Charts = []themes.Chart{
		{Name: "signed_in", Lines: []themes.ChartLine{line("signed_in", f.Of("signin.ok")), line("failed", added(f.Of("signin.failed"), f.Of("signin.factor_failed"))), line("locked", f.Of("locked"))}},
		{Name: "recoveries", Lines: []themes.ChartLine{line("set", f.Of("set")), line("asked", all), line("blocked", f.Of("reset.blocked"))}},
		{Name: "letters", Lines: []themes.ChartLine{line("sent", f.Of("letter.sent")), line("letter_failed", f.Of("letter.failed"))}},
	}
	back := added(f.Of("letter.bounced"), f.Of("letter.complained"))
	if page.Silent = f.Sum("letter.delivered")+total(back) == 0; !page.Silent { // a zero is known only from who reports
		letters := &page.Charts[len(page.Charts)-1]
		letters.Lines = append(letters.Lines, line("bounced", back))
	}
	page.Funnel = append(page.Funnel, themes.Figure{Name: "asked", Count: requests})
	if page.Gates {
		page.Funnel = append(page.Funnel, themes.Figure{Name: "gate_1", Count: f.Sum("gate.1")})
		if gates > 1 {
			page.Funnel = append(page.Funnel, themes.Figure{Name: "gate_2", Count: f.Sum("gate.2")})
		}
	} else {
		page.Funnel = append(page.Funnel, themes.Figure{Name: "written", Count: asked["link sent"]},
			themes.Figure{Name: "handed", Count: f.Sum("recovery.sent")}, themes.Figure{Name: "tried", Count: f.Sum("tried")})
	}
	if page.Gates { // some come to open a lock and keep their password
		page.Funnel = append(page.Funnel, themes.Figure{Name: "finished", Count: f.Sum("set") + f.Sum("unlocked.recovery")})
	} else {
		page.Funnel = append(page.Funnel, themes.Figure{Name: "set", Count: f.Sum("set")})
	}
	for _, reason := range slices.Sorted(maps.Keys(asked)) {
		if reason != "link sent" && reason != "gates" {
			page.Lost = append(page.Lost, themes.Figure{Name: reason, Count: asked[reason]})
		}
	}
}

func total(counts []int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

func added(a, b []int) []int {
	sum := slices.Clone(a)
	for i := range sum {
		sum[i] += b[i]
	}
	return sum
}
