package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionVerb struct {
	JSON bool `help:"As JSON."`
}

// Run prints which program this is.
func (v *versionVerb) Run() error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	if v.JSON {
		return printJSON(map[string]string{"version": version, "revision": revision, "go": runtime.Version()})
	}
	fmt.Println("portico", version, revision, runtime.Version())
	return nil
}
