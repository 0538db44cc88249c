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
	return f.changePicture(v, form, func(theme *themes.Theme, t themes.Token) (made []themes.Picture, fault *themes.Message, _ error) {
		switch {
		case file == nil:
			return nil, &themes.Message{Key: "look.pic_none"}, nil
		case errors.Is(err, visit.ErrTooLarge):
			return nil, &themes.Message{Key: "look.pic_large"}, nil
		}
		picture, err := f.Looks.NewPicture(v.Context(), body)
		var refused *themes.PictureError
		if errors.As(err, &refused) {
			return nil, &themes.Message{Key: "look.pic_" + refused.Rule, Args: map[string]any{"name": refused.Name}}, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if t.Group == "background" {
			theme.Background.Kind = "image"
		}
		return []themes.Picture{picture}, t.Set(picture.SHA256), nil
	})
}

// RemovePicture takes a picture out of the draft. Its bytes stay: letters that left show them.
func (f *Flow) RemovePicture(v *visit.Visit) error {
	form, err := v.Form("slot", "stamp", "base")
	if err != nil {
		return err
	}
	return f.changePicture(v, form, func(theme *themes.Theme, t themes.Token) ([]themes.Picture, *themes.Message, error) {
		if t.Group == "background" && theme.Background.Kind == "image" {
			theme.Background.Kind = "none"
		}
		return nil, t.Set(""), nil
	})
}

// changePicture changes one picture of the draft that the form names. A draft that is another by now is told
// before a file is looked at.
func (f *Flow) changePicture(v *visit.Visit, form visit.Form, change func(*themes.Theme, themes.Token) ([]themes.Picture, *themes.Message, error)) error {
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
	if !d.Is(form["stamp"], base) {
		return f.drafted(v, looks.ErrChanged, path, "")
	}
	made, fault, err := change(&theme, t)
	if err != nil {
		return err
	}
	if fault == nil {
		_, err = f.Looks.Save(v.Context(), v.Tenant.ID, tenants.SubjectTheme, form["stamp"], base, theme, made...)
	}
	if errors.Is(err, looks.ErrPictures) {
		_ = t.Set("") // nobody has it
		fault = &themes.Message{Key: "look.pic_many"}
	}
	if fault != nil {
		return f.show(v, fiber.StatusUnprocessableEntity, d, theme, nil, themes.FieldErrors{t.Name: *fault})
	}
	return f.drafted(v, err, path, visit.SayDraftSaved)
}
