package tenantfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/tenants"
)

func pngOf(t testing.TB, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// hugePNG says that it is enormous and holds nothing.
func hugePNG(t testing.TB) []byte {
	t.Helper()
	data := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(data[16:], 100_000)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// folder makes a tenant's folder with one picture as its logo.
func folder(t testing.TB, picture []byte, sum string) (string, tenants.File) {
	t.Helper()
	dir := t.TempDir()
	doc := fmt.Sprintf("%stheme:\n  logo: {image: %q}\nimages:\n  - {file: art/logo.png, sha256: %q}\n", small, sum, sum)
	if err := os.Mkdir(filepath.Join(dir, "art"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"tenant.yaml": []byte(doc), "art/logo.png": picture} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, where, faults, err := tenants.ReadFile(dir)
	if err != nil || len(faults) > 0 || where != dir {
		t.Fatalf("%v %v", err, faults)
	}
	return dir, file
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%x", sum)
}

// A folder with a picture is applied, exported as a folder, and applied elsewhere: the same, twice.
func TestFolderRoundTrip(t *testing.T) {
	t.Parallel()
	here, there := newBench(t), newBench(t)
	picture := pngOf(t, 120, 40)
	dir, file := folder(t, picture, sumOf(picture))
	o := Options{Secrets: tenants.Secrets{Dir: dir}}
	here.apply(file, o)
	if n := here.count("SELECT count(*) FROM images WHERE media_type = 'image/png' AND width = 120 AND height = 40"); n != 1 {
		t.Errorf("%d pictures, want 1", n)
	}
	if again := here.apply(file, o); !again.Empty() {
		t.Errorf("a second application changes\n%s", again)
	}
	out := filepath.Join(t.TempDir(), "acme")
	if err := here.ExportFolder(t.Context(), "acme", out); err != nil {
		t.Fatal(err)
	}
	carried, where, faults, err := tenants.ReadFile(out)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %v", err, faults)
	}
	if plan := here.apply(carried, Options{}); !plan.Empty() {
		t.Errorf("the export changes\n%s", plan)
	}
	there.apply(carried, Options{Secrets: tenants.Secrets{Dir: where}})
	if first, second := here.export("acme"), there.export("acme"); !bytes.Equal(first, second) {
		t.Errorf("exports differ\n%s\n---\n%s", first, second)
	}
}

func TestPicturesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good := pngOf(t, 4, 4)
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	for _, row := range []struct {
		name    string
		picture []byte
		sum     string
		says    string
	}{
		{"other bytes", good, strings.Repeat("ab", 32), "not what sha256 says"},
		{"a drawing", svg, sumOf(svg), "no SVG that the console made"},
		{"text", []byte("logo"), sumOf([]byte("logo")), "is no PNG"},
		{"a bomb", hugePNG(t), sumOf(hugePNG(t)), "100000 by"},
	} {
		dir, file := folder(t, row.picture, row.sum)
		_, err := b.Apply(t.Context(), file, Options{Secrets: tenants.Secrets{Dir: dir}})
		var refused *Refused
		if !errors.As(err, &refused) || refused.Faults[0].Field != "images[0].file" || refused.Faults[0].Line == 0 || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	dir, file := folder(t, good, sumOf(good))
	if err := os.Remove(filepath.Join(dir, "art", "logo.png")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "art", "logo.png")); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{"a link out": {Secrets: tenants.Secrets{Dir: dir}}, "no folder": {}} {
		var refused *Refused
		if _, err := b.Apply(t.Context(), file, o); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A picture that the theme shows and that nobody has, in a tenant that does not exist yet.
	var refused *Refused
	file.Images = nil
	if _, err := b.Apply(t.Context(), file, Options{}); !errors.As(err, &refused) || refused.Faults[0].Field != "theme" {
		t.Errorf("a picture from nowhere: %v", err)
	}
	if n := b.count("SELECT count(*) FROM images"); n != 0 {
		t.Errorf("%d pictures were left behind", n)
	}
}
