package tenantfile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds of pictures that a theme may have
	_ "image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	_ "golang.org/x/image/webp" // as above

	"portico/tenants"
	"portico/themes"
)

// mostPixels bounds a side of a picture: a small file can say that it is enormous (ASVS 5.2.6).
const mostPixels = 4096

// newPicture is a picture of the file that the tenant does not have yet.
type newPicture struct {
	tenants.FileImage
	bytes         []byte
	mediaType     string
	width, height int
}

var pictureInTheme = regexp.MustCompile(`"(?:image|image_dark)":\s*"([0-9a-f]{64})"`)

// picturesOf are the names of the pictures that a theme shows, each once.
func picturesOf(theme json.RawMessage) []string {
	var names []string
	seen := map[string]bool{}
	for _, m := range pictureInTheme.FindAllSubmatch(theme, -1) {
		if name := string(m[1]); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// hasPictures tells which pictures the tenant has.
func (w *work) hasPictures(ctx context.Context, s *tenants.Scope) (map[string]bool, error) {
	has := map[string]bool{}
	err := s.Each(ctx, "SELECT encode(sha256, 'hex') FROM images WHERE tenant_id = $1", []any{s.Tenant()},
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			has[name] = true
			return err
		})
	return has, err
}

// judgePictures reads the pictures that are new, and refuses a theme that shows one which is nowhere.
func (w *work) judgePictures(has map[string]bool) {
	for i, p := range w.file.Images {
		if has[p.SHA256] {
			continue
		}
		has[p.SHA256] = true // told once, here
		pic, err := w.readPicture(p)
		if err != nil {
			w.refuse(fmt.Sprintf("images[%d].file", i), "%s: %v", p.File, err)
			continue
		}
		w.pictures = append(w.pictures, pic)
	}
	for _, name := range picturesOf(w.file.Theme) {
		if !has[name] {
			w.refuse("theme", "the picture %s… is not in images and has not been uploaded for this tenant", name[:12])
		}
	}
}

// readPicture takes a picture by what its bytes are, not by its name. A drawing (SVG) can hold script: it is
// taken as an upload in the console made it, and as nothing else.
func (w *work) readPicture(p tenants.FileImage) (newPicture, error) {
	data, err := w.o.Secrets.Picture(p.File)
	if err != nil {
		return newPicture{}, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != p.SHA256 {
		return newPicture{}, fmt.Errorf("its SHA-256 is %x, not what sha256 says", sum)
	}
	if d, err := themes.NewPicture(data); err == nil && d.MediaType == "image/svg+xml" {
		if d.SHA256 != p.SHA256 {
			return newPicture{}, errors.New("is a drawing that was not made anew; upload it in the console and take the exported one")
		}
		return newPicture{FileImage: p, bytes: d.Bytes, mediaType: d.MediaType, width: d.Width, height: d.Height}, nil
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return newPicture{}, errors.New("is no PNG, JPEG or WebP, and no SVG that the console made")
	}
	if c.Width > mostPixels || c.Height > mostPixels || c.Width < 1 || c.Height < 1 {
		return newPicture{}, fmt.Errorf("has %d by %d pixels; a side has at most %d", c.Width, c.Height, mostPixels)
	}
	return newPicture{FileImage: p, bytes: data, mediaType: "image/" + kind, width: c.Width, height: c.Height}, nil
}

func (w *work) writePictures(ctx context.Context, s *tenants.Scope) error {
	for _, p := range w.pictures {
		sum, err := hex.DecodeString(p.SHA256)
		if err != nil {
			return err
		}
		if _, err := s.Exec(ctx, `INSERT INTO images (tenant_id, sha256, media_type, bytes, width, height, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			s.Tenant(), sum, p.mediaType, p.bytes, p.width, p.height, s.Now()); err != nil {
			return fmt.Errorf("picture %s: %w", p.File, err)
		}
	}
	return nil
}

// exported is one picture on its way out.
type exported struct {
	tenants.FileImage
	bytes []byte
}

// readPictures are the pictures that the theme shows, in the theme's order.
func (s *state) readPictures(ctx context.Context, scope *tenants.Scope) error {
	for _, name := range picturesOf(s.theme) {
		var body []byte
		var mediaType string
		sum, err := hex.DecodeString(name)
		if err != nil {
			return err
		}
		found := false
		b := &tenants.Batch{}
		b.Row(&found, "SELECT bytes, media_type FROM images WHERE tenant_id = $1 AND sha256 = $2", []any{scope.Tenant(), sum}, &body, &mediaType)
		if err := scope.Send(ctx, b); err != nil {
			return err
		}
		if found {
			file := "images/" + name[:16] + "." + strings.TrimSuffix(filepath.Base(mediaType), "+xml")
			s.pictures = append(s.pictures, exported{tenants.FileImage{File: file, SHA256: name}, body})
		}
	}
	return nil
}

// ExportFolder writes the tenant as a folder: tenant.yaml and its pictures. dir is made when it is not
// there; files of the same names are replaced.
func (f *Files) ExportFolder(ctx context.Context, slug, dir string) error {
	s, err := f.stateOf(ctx, slug)
	if err != nil {
		return err
	}
	doc, err := s.file().YAML()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "images"), 0o755); err != nil {
		return fmt.Errorf("export %s: %w", slug, err)
	}
	for _, p := range append(s.pictures, exported{tenants.FileImage{File: "tenant.yaml"}, doc}) {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(p.File)), p.bytes, 0o644); err != nil {
			return fmt.Errorf("export %s: %w", slug, err)
		}
	}
	return nil
}
