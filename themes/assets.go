package themes

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed static/*.css static/*.js static/fonts/*.woff2 static/marks/*.svg
var staticFiles embed.FS

// File is one embedded asset: its bytes never change under its name, which carries their hash, so it
// may be cached for ever.
type File struct {
	Bytes     []byte
	MediaType string
}

// assetTable is what the program embeds, by name with hash; names leads from the plain name.
type assetTable struct {
	files map[string]File
	names map[string]string
}

// assets is read-only and the same for the life of the program.
var assets = sync.OnceValue(func() assetTable {
	t := assetTable{files: map[string]File{}, names: map[string]string{}}
	err := fs.WalkDir(staticFiles, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := staticFiles.ReadFile(p)
		if err != nil {
			return err
		}
		plain := path.Base(p)
		name := hashedName(plain, b)
		t.names[plain] = name
		t.files[name] = File{Bytes: b, MediaType: mediaType(plain)}
		return nil
	})
	if err != nil {
		panic("embedded assets: " + err.Error()) // the program was built without its own files
	}
	return t
})

// Asset finds an embedded file by the name that pages use, such as "portico.3f2a91c04b.js".
func Asset(name string) (File, bool) {
	f, ok := assets().files[name]
	return f, ok
}

// AssetNames lists every name that Asset knows, sorted.
func AssetNames() []string {
	var names []string
	for n := range assets().files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// assetName leads from "portico.css" to its name with the hash; "" when there is no such file.
func assetName(plain string) string { return assets().names[plain] }

// hashedName puts the first 10 hexadecimal digits of SHA-256 before the extension.
func hashedName(plain string, b []byte) string {
	sum := sha256.Sum256(b)
	ext := path.Ext(plain)
	return strings.TrimSuffix(plain, ext) + "." + hex.EncodeToString(sum[:5]) + ext
}

func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	return "application/octet-stream"
}

// markNames lists the embedded demo marks.
func markNames() []string { return []string{"alliants", "university", "power"} }
