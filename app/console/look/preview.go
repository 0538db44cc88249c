package look

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

const previewPath = path + "/preview"

// everything is all pages and letters that there are to look at, as this tenant's policy has them.
func everything(v *visit.Visit, at string) themes.Preview {
	return themes.Preview{Path: at, Letters: themes.LetterSamples(),
		Stories: themes.SampleStories(themes.SampleOf{Policy: v.Tenant.Policy, Rules: v.PasswordRules()})}
}

// chosen reads what is looked at from the address. What it does not name, or is not there, is the first.
func chosen(v *visit.Visit, p themes.Preview) themes.Preview {
	among := func(name string, values ...string) string {
		if value := v.C.Query(name); slices.Contains(values, value) {
			return value
		}
		return values[0]
	}
	p.Name = among("page", p.Names()...)
	p.Locale = localeAsked(v)
	p.Scheme, p.Width, p.Part = among("scheme", themes.Schemes()...), among("width", themes.PreviewWidths()...), "html"
	if s, is := themes.LetterSampleNamed(p.Name); is {
		p.Part = among("part", s.Parts()...)
	}
	return p
}

// Preview is the choice among all pages and letters, with one of them in a frame.
func (f *Flow) Preview(v *visit.Visit) error {
	shown, err := f.Looks.Shown(v.Context(), v.Tenant.ID)
	if err != nil {
		return err
	}
	if _, err := shown.Brand(v.Tenant); err != nil {
		return refused(v, err)
	}
	v.ShowsFrames()
	return v.Page(fiber.StatusOK, themes.PreviewPage{Parts: themes.Parts{Help: v.Help()}, Draft: shown.Draft, Show: chosen(v, everything(v, previewPath))})
}

// refused leads to the editor when the draft does not hold any more.
func refused(v *visit.Visit, err error) error {
	if !errors.Is(err, looks.ErrRefused) {
		return err
	}
	v.Say(visit.SayLookRefused)
	return v.Redirect(path)
}

// PreviewFrame is what stands in the frame: the page or letter itself, as the draft has it.
func (f *Flow) PreviewFrame(v *visit.Visit) error {
	shown, err := f.Looks.Shown(v.Context(), v.Tenant.ID)
	if err != nil {
		return err
	}
	return frame(v, shown, previewPath)
}

// frame draws what the address chooses with a look and its words.
func frame(v *visit.Visit, shown looks.Shown, at string) error {
	p := everything(v, at)
	if !slices.Contains(p.Names(), v.C.Query("page")) {
		return visit.ErrNotFound
	}
	p = chosen(v, p)
	brand, err := shown.Brand(v.Tenant)
	if err != nil {
		return unseen(err)
	}
	f := themes.Frame{Stylesheet: v.Base + at + "/style?scheme=" + p.Scheme, Scheme: p.Scheme}
	if s, is := themes.LetterSampleNamed(p.Name); is {
		if s.Platform() {
			brand, f.Stylesheet = v.Neutral(), f.Stylesheet+"&of=platform"
		}
		body, err := v.Renderer.FramedLetter(brand, p.Locale, v.Base, p.Part, f, s)
		if err != nil {
			return err
		}
		return v.Framed(body, p.Part == "html")
	}
	story, s, _ := themes.SampleNamed(p.Stories, p.Name)
	if story.Platform {
		brand, f.Stylesheet = v.Neutral(), f.Stylesheet+"&of=platform"
	}
	body, err := v.Renderer.FramedPage(brand, p.Locale, v.Base, f, s)
	if err != nil {
		return err
	}
	return v.Framed(body, false)
}

// unseen is the answer in a frame to a look that does not hold: there is nothing to show.
func unseen(err error) error {
	if errors.Is(err, looks.ErrRefused) {
		return visit.ErrNotFound
	}
	return err
}

// PreviewStyle is the stylesheet of what stands in the frame.
func (f *Flow) PreviewStyle(v *visit.Visit) error {
	shown, err := f.Looks.Shown(v.Context(), v.Tenant.ID)
	if err != nil {
		return err
	}
	return style(v, shown)
}

func style(v *visit.Visit, shown looks.Shown) error {
	scheme := v.C.Query("scheme")
	if !slices.Contains(themes.Schemes(), scheme) {
		return visit.ErrNotFound
	}
	if v.C.Query("of") == "platform" {
		return v.FramedStyle(v.Neutral().FrameSheet(v.Base, scheme))
	}
	brand, err := shown.Brand(v.Tenant)
	if err != nil {
		return unseen(err)
	}
	return v.FramedStyle(brand.FrameSheet(v.Base, scheme))
}

// Shared is what a link shows to people without the console: the choice, and a frame.
func (f *Flow) Shared(v *visit.Visit) error {
	return f.linked(v, func(_ looks.Shown, page themes.SharedPage) error {
		page.Show = chosen(v, everything(v, page.Show.Path))
		v.ShowsFrames()
		return v.Notice(fiber.StatusOK, page)
	})
}

// SharedFrame is what stands in that frame.
func (f *Flow) SharedFrame(v *visit.Visit) error {
	return f.linked(v, func(shown looks.Shown, page themes.SharedPage) error { return frame(v, shown, page.Show.Path) })
}

// SharedStyle is its stylesheet.
func (f *Flow) SharedStyle(v *visit.Visit) error {
	return f.linked(v, func(shown looks.Shown, _ themes.SharedPage) error { return style(v, shown) })
}

// linked opens the look behind a link's secret. One that ended, that never was, or is another tenant's is
// answered alike.
func (f *Flow) linked(v *visit.Visit, show func(looks.Shown, themes.SharedPage) error) error {
	v.Private()
	secret := v.C.Params("token")
	shown, until, err := f.Looks.ByLink(v.Context(), v.Tenant.ID, secret)
	if errors.Is(err, tenants.ErrNotFound) {
		return v.Notice(fiber.StatusNotFound, themes.SharedEndedPage{})
	}
	if err != nil {
		return err
	}
	return show(shown, themes.SharedPage{Until: until, Show: themes.Preview{Path: "/preview/" + secret}})
}
