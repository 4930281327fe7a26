# vpnattach: everything a person or CI runs. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

BUILD := .build

# Modules of their own, so that the project itself does not depend on what only its
# tests and benchmarks compare it with.
PEERS := shared/pipeline/peers
CLIENTS := shared/emulator/clients
SNIPPETS := shared/snippet/node
NPM := wasm/npm
PAGE := wasm/builder

# The core: bytes in, bytes out. It may reach no network, no cloud SDK, no logger.
CORE := ./shared/secret ./shared/jsontext ./shared/attachment ./shared/event ./shared/rules/... ./shared/request ./shared/snippet ./shared/pipeline
CORE_NEVER := ^(net|net/http|crypto/tls|os/exec|log|log/slog|github.com/aws/.*|github.com/rs/zerolog)$$

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the program into .build/vpnattach.
	go build -trimpath -ldflags='-s -w' -o $(BUILD)/vpnattach ./functions/local

# The page is built anew when something that it is made of has changed. It needs Node
# and, once, its packages; all else works without.
SITE_SOURCES := $(shell find shared events wasm go.mod \( -name node_modules -o -name dist -o -name test -o -name '*_test.go' \) -prune -o -type f -print)

$(BUILD)/site/index.html: $(SITE_SOURCES)
	@echo "building the request-builder page"
	@$(MAKE) --no-print-directory site >$(BUILD)/site.log 2>&1 || { tail -n 5 $(BUILD)/site.log; exit 1; }

.PHONY: run
run: build ## Start everything on this machine, take one event, and show what to try next.
	@$(MAKE) --no-print-directory $(BUILD)/site/index.html || echo "going on without the page: it needs Node 20 or newer, and its packages once; see $(BUILD)/site.log"
	exec $(BUILD)/vpnattach serve --play events/eventbridge-dual.json

.PHONY: play
play: build ## Take every sample event through the core and print what happens; nothing is sent.
	$(BUILD)/vpnattach play

.PHONY: test
test: $(CLIENTS)/node/node_modules/.package-lock.json $(SNIPPETS)/node_modules/.package-lock.json site ## Run all tests: ours with the race detector, those with the official clients, WebAssembly, and the page in a browser.
	@mkdir -p $(BUILD)
	go test -race -v ./... >$(BUILD)/test.log 2>&1 || { grep -vE '^(=== |\s*--- PASS)' $(BUILD)/test.log; exit 1; }
	@grep -E '^(ok|\?) |^\s*--- SKIP' $(BUILD)/test.log
	@$(MAKE) --no-print-directory check-leaks
	cd $(PEERS) && go test ./...
	cd $(CLIENTS) && go test ./...
	cd wasm/pretty && go test .
	cd $(NPM) && node --test test/
	cd $(PAGE) && npm run check && npm test

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund

# All that the tests have said, passed ones too, holds none of the keys that they use.
.PHONY: check-leaks
check-leaks:
	@keys=$$(grep -ohE 'Psk\\*" ?: ?\\*"[A-Za-z0-9.]{12,}' events/*.json shared/attachment/testdata/current/*.json | sed -E 's/.*"//' | sort -u); \
	[ -n "$$keys" ] || { echo "no keys to look for"; exit 1; }; \
	if grep -nF -e testsecret -e local-secret -f <(echo "$$keys") $(BUILD)/test.log; then echo "the tests' output holds a key"; exit 1; fi; \
	echo "no key in what the tests said: $$(echo "$$keys" | wc -l) keys, $$(wc -l <$(BUILD)/test.log) lines"

.PHONY: wasm
wasm: $(NPM)/node_modules/.package-lock.json ## Build the WebAssembly module and the npm package; fails when the module is too large.
	cd $(NPM) && node build.js

.PHONY: site
site: wasm $(PAGE)/node_modules/.package-lock.json ## Build the request-builder page, a static folder, into .build/site.
	cd $(PAGE) && node build.mjs

.PHONY: soak
soak: ## Play random schedules of changes, faults and crashes until told to stop (Ctrl-C).
	go test -c -o $(BUILD)/apply.test ./functions/apply
	SOAK=1 $(BUILD)/apply.test -test.timeout 0 -test.run '^TestConvergence$$' -test.v

.PHONY: check
check: check-format check-lint check-imports check-builds check-clean ## Check format, lint, module files, imports and builds.

.PHONY: check-format
check-format:
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "not formatted (run gofmt -w):" $$files; exit 1; fi

.PHONY: check-lint
check-lint:
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff
	for module in $(PEERS) $(CLIENTS) wasm/pretty; do (cd $$module && go vet ./... && go run $(STATICCHECK) ./... && go mod tidy -diff); done

.PHONY: check-imports
check-imports:
	@bad=$$(go list -deps $(CORE) | grep -E '$(CORE_NEVER)' || true); \
	if [ -n "$$bad" ]; then echo "the core must not depend on:" $$bad; exit 1; fi
	@bad=$$(go list -f '{{.ImportPath}}: {{join .Imports " "}}' $(CORE) | grep -E ' (encoding/json|reflect|os|time/tzdata)( |$$)' || true); \
	if [ -n "$$bad" ]; then echo "a core package must not import encoding/json, reflect or os:"; echo "$$bad"; exit 1; fi

.PHONY: check-builds
check-builds:
	GOOS=wasip1 GOARCH=wasm go build $(CORE)
	GOOS=linux GOARCH=arm64 go build ./...

# Tests and builds must leave nothing behind in the tree. Only CI starts from a clean one.
.PHONY: check-clean
check-clean:
	@if [ -n "$${CI:-}" ] && [ -n "$$(git status --porcelain)" ]; then echo "the tree is not clean:"; git status --short; exit 1; fi

.PHONY: fuzz
fuzz: ## Fuzz every target for 30 seconds (FUZZTIME=30s).
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $${FUZZTIME:-30s} $$package; \
		done; \
	done

.PHONY: bench
bench: ## Measure beside the official path and a JSON Schema validator, in one run; then events through serve.
	cd $(PEERS)/bench && go run .
	go test -run '^$$' -bench Events -benchtime 3000x ./functions/local/machine

.PHONY: bench-page
bench-page: site ## Measure the module and the page in a browser.
	cd $(PAGE) && npm run bench

.PHONY: update
update: ## Write golden files and derived files anew.
	UPDATE=1 go test ./shared/... ./wasm/... ./functions/local

.PHONY: clean
clean: ## Remove what building made.
	rm -rf $(BUILD)
