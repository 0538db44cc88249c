package main

import (
	"encoding/json"
	"os"
)

// printJSON writes a value for scripts: one indented document.
func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
