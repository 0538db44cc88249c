package look

import (
	"errors"
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// slots are the pictures of a theme.
func slot(theme *themes.Theme, name string) (themes.Token, bool) {
	for _, t := range theme.Tokens() {
		if t.Name == name && t.Kind == "picture" {
			return t, true
		}
	}
	return themes.Token{}, false
}

// Upload takes a picture, makes it anew and puts it into the draft.
func (f *Flow) Upload(v *visit.Visit) error {
	form, file, err := v.Upload("file", themes.PictureBytes, "slot", "stamp", "base")
	if err != nil {
		return err
	}
	var body []byte
	if file != nil {
		if body, err = io.ReadAll(file.Data); err != nil && !errors.Is(err, visit.ErrTooLarge) {
			return err
		}
	}
	return f.changePicture(v, form, func(theme *themes.Theme, t themes.Token) (*themes.Message, error) {
		switch {
		case file == nil:
			return &themes.Message{Key: "look.pic_none"}, nil
		case errors.Is(err, visit.ErrTooLarge):
			return &themes.Message{Key: "look.pic_large"}, nil
		}
		made, err := themes.NewPicture(body)
		var refused *themes.PictureError
		if errors.As(err, &refused) {
			return &themes.Message{Key: "look.pic_" + refused.Rule, Args: map[string]any{"name": refused.Name}}, nil
		}
		if err != nil {
			return nil, err
		}
		if _, err := f.Looks.KeepPicture(v.Context(), v.Tenant.ID, made); err != nil {
			return nil, err
		}
		if t.Group == "background" {
			theme.Background.Kind = "image"
		}
		return t.Set(made.SHA256), nil
	})
}

// RemovePicture takes a picture out of the draft. Its bytes stay: letters that left show them.
func (f *Flow) RemovePicture(v *visit.Visit) error {
	form, err := v.Form("slot", "stamp", "base")
	if err != nil {
		return err
	}
	return f.changePicture(v, form, func(theme *themes.Theme, t themes.Token) (*themes.Message, error) {
		if t.Group == "background" && theme.Background.Kind == "image" {
			theme.Background.Kind = "none"
		}
		return t.Set(""), nil
	})
}

// changePicture changes one picture of the draft that the form names.
func (f *Flow) changePicture(v *visit.Visit, form visit.Form, change func(*themes.Theme, themes.Token) (*themes.Message, error)) error {
	base, err := strconv.ParseInt(form["base"], 10, 64)
	if err != nil {
		return visit.ErrBadForm
	}
	d, err := f.Looks.Draft(v.Context(), v.Tenant.ID, tenants.SubjectTheme)
	if err != nil {
		return err
	}
	theme, err := themes.ParseTheme(d.Document)
	if err != nil {
		return err
	}
	t, known := slot(&theme, form["slot"])
	if !known {
		return visit.ErrBadForm
	}
	fault, err := change(&theme, t)
	if err != nil {
		return err
	}
	if fault != nil {
		return f.show(v, fiber.StatusUnprocessableEntity, d, theme, nil, themes.FieldErrors{t.Name: *fault})
	}
	_, err = f.Looks.Save(v.Context(), v.Tenant.ID, tenants.SubjectTheme, form["stamp"], base, theme)
	if errors.Is(err, looks.ErrChanged) {
		return f.drafted(v, err, path, "")
	}
	return f.drafted(v, err, path, visit.SayDraftSaved)
}
