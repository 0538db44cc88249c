package main

import (
	"os"

	"portico/app/api"
)

type openapiVerb struct{}

// Run prints the description of the HTTP API in OpenAPI 3.1; it needs no database.
func (openapiVerb) Run() error {
	spec, err := api.Describe()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(spec)
	return err
}
