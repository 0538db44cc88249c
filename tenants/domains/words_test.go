package domains_test

import (
	"fmt"
	"strings"
)

func split(zone string) []string { return strings.Split(zone, "\n") }

func sprint(list []string) string { return fmt.Sprint(list) }
