# Portico. `make help` lists what there is.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where goroutines share things, the tests run under the race detector too. All of them under it
# would build every dependency twice and slow the hashing tests down for nothing.
RACE := ./tenants/... ./rbac/... ./app/letters/... ./app/accounts/... ./app/imports/... ./migrations/...

LINT := go tool -modfile=tools/go.mod golangci-lint
ROOMS := app cmd migrations rbac tenants themes tools

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: dev
dev: ## run everything on this machine: demo tenants, inbox, private PostgreSQL
	go run ./cmd/portico dev

.PHONY: need
need: ## install or find what the tests need (PostgreSQL, Chromium, a font, a C compiler)
	@tools/need

.PHONY: check
check: ## formatting, vet and lint, without tests
	@unformatted=$$(gofmt -l $(ROOMS)); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w is due for:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(LINT) run ./...

.PHONY: test
test: need check .build/privatepg ## all checks and all tests, as continuous integration runs them
	.build/privatepg run -- go test -race -count=1 -timeout=20m $(RACE)
	.build/privatepg run -- go test -count=1 -timeout=20m ./...

.PHONY: bench
bench: ## measure ours beside the limits of this machine (performance figures; minutes)
	go run ./cmd/bench

.PHONY: sizes
sizes: ## the mirror: sizes of files, functions and packages beside what good rooms have
	@cd tools && go run ./sizes ..

.PHONY: screenshots
screenshots: need .build/privatepg ## pictures of the three demo brands and a console into screenshots/
	PORTICO_SCREENSHOTS=$(CURDIR)/screenshots .build/privatepg run -- go test -count=1 -run 'Screenshot|ConsolePages' ./app/browser

.PHONY: vuln
vuln: ## known vulnerabilities in what is used (needs vuln.go.dev)
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: .build/privatepg
.build/privatepg:
	@go build -buildvcs=false -o $@ ./migrations/localpg/privatepg
