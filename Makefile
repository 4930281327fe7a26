# vpnattach: everything a person or CI runs. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
NEWEST_GO := go1.27.4

BUILD := .build
LICENCES := third-party-licences.txt

# Modules of their own, so that the project does not depend on the packages that only
# its tests and benchmarks need.
PEERS := shared/core/pipeline/peers
CLIENTS := shared/emulator/clients
SNIPPETS := shared/core/snippet/node
NPM := wasm/npm
PAGE := wasm/builder
NAG := functions/bundle/nag

# The core, and the calls that the WebAssembly module makes of it: bytes in, bytes out.
# They must not import network, cloud SDK or logger.
CORE := ./shared/core/... ./wasm/api
CORE_NEVER := ^(net|net/http|crypto/tls|os/exec|log|log/slog|github.com/aws/.*|github.com/rs/zerolog)$$

# The forbidden imports, as pairs "importer imported".
define ARROWS
function own(path) { return path ~ "^vpnattach/" }
function part(path) { return match(path, "^vpnattach/functions/[^/]+") ? substr(path, RSTART, RLENGTH) : "" }
$$1 ~ "^vpnattach/shared/core/" && own($$2) && $$2 !~ "^vpnattach/shared/core/" { print $$0 ": the core imports the core only" }
$$1 ~ "^vpnattach/shared/core/" && $$2 ~ "^[^/]+[.]" && $$2 !~ "^github.com/(tidwall|agnivade/levenshtein)(/|$$)" { print $$0 ": the core imports few libraries; if this one belongs there, allow it here" }
$$1 ~ "^vpnattach/shared/(message|outcome)(/|$$)" && own($$2) && $$2 !~ "^vpnattach/shared/(core/|message$$|outcome$$|ledger$$)" { print $$0 ": a message or an outcome does not import an adapter" }
$$1 ~ "^vpnattach/shared/" && $$2 ~ "^vpnattach/functions/" { print $$0 ": shared packages do not import functions" }
$$1 !~ "^vpnattach/wasm(/|$$)" && $$2 ~ "^vpnattach/wasm(/|$$)" { print $$0 ": only wasm/ may import wasm/" }
part($$1) != "" && part($$2) != "" && part($$1) != part($$2) && $$1 !~ "^vpnattach/functions/(local/server|bundle)(/|$$)" { print $$0 ": functions do not import each other" }
endef
export ARROWS

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A build knows its version only in a release, and its commit wherever git does. A release
# has flags for the paths in it; without, Go compiles here what tests use, too.
VERSION ?=
COMMIT = $(shell git describe --always --abbrev=40 --dirty=' with changes' --exclude='*' 2>/dev/null)
GO_BUILD = go build -buildvcs=false -ldflags="-s -w -buildid= -X 'main.version=$(VERSION)' -X 'main.commit=$(COMMIT)'"

.PHONY: program
program: ## Build the program for this machine into .build/vpnattach.
	$(GO_BUILD) -o $(BUILD)/vpnattach ./functions/local

.PHONY: install
install: program ## Put the program into ~/.local/bin.
	@mkdir -p "$(HOME)/.local/bin" && install -m 755 $(BUILD)/vpnattach "$(HOME)/.local/bin/vpnattach"
	@echo "installed $(HOME)/.local/bin/vpnattach"; case ":$$PATH:" in *":$(HOME)/.local/bin:"*) ;; *) echo "that folder is not on the PATH";; esac

# The functions, for Lambda on arm64: the same sources make the same bytes. RULES is the
# file with the rules for events; without one, only change documents are known.
RULES ?=
LAMBDA := CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags='-s -w -buildid='

.PHONY: build
build: ## Build the functions for Lambda into .build/lambda, as zip files (RULES=rules.json).
	@rm -rf $(BUILD)/lambda
	@for function in Ingest Apply Confirm Rotate; do $(MAKE) --no-print-directory -s build-$${function}Function ARTIFACTS_DIR=$(BUILD)/lambda/$${function,}; done
	@go run ./functions/bundle/pack $(addprefix $(BUILD)/lambda/,ingest apply confirm rotate)

# As sam build calls them.
.PHONY: build-IngestFunction build-ApplyFunction build-ConfirmFunction build-RotateFunction
build-IngestFunction:
	@mkdir -p "$(ARTIFACTS_DIR)"
	go run ./functions/bundle/pack -rules "$(RULES)" -into "$(ARTIFACTS_DIR)"
	$(LAMBDA) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/ingest/bootstrap
build-ApplyFunction:
	$(LAMBDA) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/apply/bootstrap
build-ConfirmFunction:
	$(LAMBDA) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/confirm/bootstrap
build-RotateFunction:
	$(LAMBDA) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/rotate/bootstrap

STACK ?= vpnattach
CREDENTIALS ?=
PARAMETERS ?=

.PHONY: deploy
deploy: ## Deploy with SAM: CREDENTIALS=<ARN of the secret with the access key>|none RULES=<file>|none [STACK=vpnattach] [PARAMETERS='Mode=plan …'].
	@missing=0; need() { echo "deploy: $$1"; missing=1; }; \
	command -v sam >/dev/null || need "sam is not installed: install the AWS SAM CLI"; \
	[ -n "$(CREDENTIALS)" ] || need "CREDENTIALS is not set: make deploy CREDENTIALS=arn:aws:secretsmanager:…, the secret with the Alibaba Cloud access key, or CREDENTIALS=none with OidcRoleArn and so on in PARAMETERS"; \
	[ -n "$${AWS_REGION:-$${AWS_DEFAULT_REGION:-}}" ] || [ -f "$${AWS_CONFIG_FILE:-$$HOME/.aws/config}" ] || need "no region is set: set AWS_REGION, or run aws configure"; \
	[ -n "$(RULES)" ] || need "RULES is not set: RULES=<file with the rules for events>, or RULES=none; each deployment replaces the rules"; \
	case "$(RULES)" in ""|none) ;; *) [ -f "$(RULES)" ] || need "RULES=$(RULES) does not exist";; esac; \
	[ $$missing = 0 ] || exit 1
	env -u MAKEFLAGS -u MFLAGS RULES="$(if $(filter none,$(RULES)),none,$(abspath $(RULES)))" sam build --build-in-source
	sam deploy --stack-name "$(STACK)" --capabilities CAPABILITY_IAM --resolve-s3 --no-fail-on-empty-changeset --parameter-overrides "CredentialsSecretArn=$(if $(filter none,$(CREDENTIALS)),\"\",$(CREDENTIALS))" $(PARAMETERS)

# Tools that the tests of the cloud part need beside Go and Node.
TOOLS := $(BUILD)/tools
.PHONY: tools
tools: ## Install moto_server and cfn-lint into .build/tools, unless they are on the path.
	@if command -v moto_server >/dev/null && command -v cfn-lint >/dev/null; then exit 0; fi; \
	[ -x $(TOOLS)/bin/moto_server ] && [ -x $(TOOLS)/bin/cfn-lint ] && exit 0; \
	{ python3 -m venv $(TOOLS) && $(TOOLS)/bin/pip install --quiet 'moto[server]==5.2.1' 'cfn-lint==1.51.0'; } || \
		echo "tools: moto_server and cfn-lint could not be installed, so tests that need them are skipped"

# The page is built again when its sources have changed. It needs Node and, once, its
# packages; everything else works without them.
sources = $(shell find $(1) \( -name node_modules -o -name dist -o -name test -o -name '*_test.go' \) -prune -o -type f -print)

$(BUILD)/vpnattach.wasm.br: $(call sources,shared/core wasm/main.go wasm/api wasm/build wasm/pretty $(NPM) go.mod LICENSE) | $(NPM)/node_modules/.package-lock.json
	cd $(NPM) && node build.js

$(BUILD)/site/index.html: $(BUILD)/vpnattach.wasm.br $(call sources,shared events functions wasm) | $(PAGE)/node_modules/.package-lock.json
	cd $(PAGE) && node build.mjs

# progress WHAT COMMAND… runs a command with its output in a file, and says what it does
# and for how long: on a terminal all the time, else at the start and the end.
define PROGRESS
progress() {
	local what=$$1 log=$(BUILD)/$${1// /-}.log start=$$SECONDS job; shift
	mkdir -p $(BUILD); "$$@" >"$$log" 2>&1 & job=$$!
	[ -t 1 ] || echo "building $$what"
	while kill -0 $$job 2>/dev/null; do
		[ ! -t 1 ] || printf '\rbuilding %s, %d s ' "$$what" $$((SECONDS - start)); sleep 0.1
	done
	[ ! -t 1 ] || printf '\r\033[K'
	wait $$job || { tail -n 20 "$$log"; return 1; }
	[ $$((SECONDS - start)) -lt 2 ] || echo "built $$what in $$((SECONDS - start)) s"
}
# The page is built while the server runs; the build ends with the server, and does not
# begin for one that ends at once since another runs.
page() {
	local server=$$1 start=$$SECONDS next=20 job
	sleep 1; kill -0 $$server 2>/dev/null || return
	$(MAKE) --no-print-directory -q $(BUILD)/site/index.html && return
	$(MAKE) $(BUILD)/site/index.html >$(BUILD)/site.log 2>&1 & job=$$!
	while kill -0 $$job 2>/dev/null; do
		kill -0 $$server 2>/dev/null || { kill $$job; return; }
		[ $$((SECONDS - start)) -lt $$next ] || { echo "  page      is being built, $$next s so far"; next=$$((next + 20)); }
		sleep 0.5
	done
	if wait $$job; then echo "  page      built in $$((SECONDS - start)) s"
	elif kill -0 $$server 2>/dev/null; then echo "  page      not built: it needs Node 20 or newer, and its packages once; see $(BUILD)/site.log"; fi
}
endef
export PROGRESS

.PHONY: run
run: ## Start everything on this machine, take one event, and show what to try next.
	@eval "$$PROGRESS"; progress "the program" $(MAKE) --no-print-directory program; \
	page $$$$ & \
	exec $(BUILD)/vpnattach serve --play events/eventbridge-dual.json

.PHONY: play
play: program ## Take every sample event through the core and print what happens; nothing is sent.
	$(BUILD)/vpnattach play

# The parts of the tests know nothing of each other, so that two of them run at a time, the
# longest first. A part says when it starts and how it ended, with the last lines of what ran in it.
PARTS := test-page test-go test-module test-npm test-local test-clients

# What runs in Node is remembered as go test remembers: once it has passed, it runs again
# when a file has become another, and always in CI.
define PART
part() {
	local name=$$1 log=$(BUILD)/test/$$1.log start=$$SECONDS end=0; shift
	mkdir -p $(BUILD)/test
	echo "$$name: started"
	(set -e; unset MAKEFLAGS MFLAGS MAKELEVEL; "$$@") >"$$log" 2>&1 || end=$$?
	if [ $$end = 0 ]; then grep -E "$$CLOSING" "$$log" || true; echo "$$name: passed in $$((SECONDS - start)) s"
	else grep -vE '^(=== |\s*--- PASS|ok [0-9]|# Subtest)' "$$log" || true; echo "$$name: FAILED after $$((SECONDS - start)) s"; fi
	return $$end
}
remembered() {
	local passed=$(BUILD)/passed-$$1 state
	state=$$(node --version; git ls-files -co --exclude-standard -z | xargs -0 sha256sum 2>/dev/null | sha256sum) || state=
	if [ -z "$${CI:-}" ] && [ -n "$$state" ] && [ "$$state" = "$$(cat $$passed 2>/dev/null)" ]; then echo "$$1: passed (cached)"; return; fi
	rm -f $$passed; part "$$@" && echo "$$state" >$$passed
}
endef
export PART
# What Go and Node say at the end of a package, of a file or of all, and what was skipped.
export CLOSING := ^(ok|\?) .*vpnattach|^\s*--- SKIP|^(\#|ℹ) (tests|pass|fail|skipped) |^no key

.PHONY: test
test: ## Run all tests: ours with the race detector, those with the official clients, WebAssembly, and the page in a browser.
	@rm -rf $(BUILD)/test
	@$(MAKE) --no-print-directory -k -j2 $(PARTS) && end=0 || end=$$?; $(MAKE) --no-print-directory slowest; exit $$end

# make check vets, so that a test need not. The module's tests have no goroutines, and a
# compiler in them; many orders of changes run without the race detector too, which makes
# them slow.
GO_TEST := go test -vet=off -v
.PHONY: $(PARTS)
test-go: tools $(SNIPPETS)/node_modules/.package-lock.json
	@eval "$$PART"; raced() { $(GO_TEST) -race $$(go list ./... | grep -vE '^vpnattach/(functions/local|wasm/build)$$'); }; part go raced
test-local: site
	@eval "$$PART"; part local $(GO_TEST) -race ./functions/local
test-module:
	@eval "$$PART"; module() { $(GO_TEST) ./wasm/build; $(GO_TEST) -run '^Test(Convergence|AllOrders|Schedules|EveryCall)$$' ./functions/apply ./functions/rotate; }; part module module
test-clients: $(CLIENTS)/node/node_modules/.package-lock.json
	@eval "$$PART"; clients() { for module in $(PEERS) $(CLIENTS) wasm/pretty; do (cd $$module; $(GO_TEST) ./...); done; }; part clients clients
test-npm: site
	@eval "$$PART"; npm() { cd $(NPM); node --test $(REPORT) test/; }; remembered npm npm
test-page: site program
	@eval "$$PART"; page() { cd $(PAGE); command npm run check; node --test --test-concurrency=2 $(REPORT) test/*.test.mjs; }; remembered page page
REPORT := --test-reporter=tap --test-reporter-destination=stdout --test-reporter=../slowest.mjs --test-reporter-destination=stdout

.PHONY: slowest
slowest: check-leaks
	@cd $(BUILD)/test; most() { echo "slowest $$1:"; sort -rn | awk 'NR <= 8 { print "  " $$0 }'; }; \
	cat *.log | sed -nE 's/^ok +\t?([^ \t]+)\t([0-9.]+)s.*/\2 s\t\1/p' | most packages; \
	cat *.log | sed -nE 's/^--- PASS: (\S+) \(([0-9.]+)s\)/\2 s\t\1/p' | most "tests in Go"; \
	cat *.log | sed -nE 's/^slow: ([0-9.]+) s (.*)/\1 s\t\2/p' | most "files of Node"

.PHONY: test-quick
test-quick: ## Run what one runs between two edits: the core and the functions in process, without the race detector.
	@go vet ./... && go test -short $$(go list ./... | grep -vE '^vpnattach/(functions/(bundle|local)(/|$$)|wasm/build$$|shared/aws/)')

.PHONY: test-bundlers
test-bundlers: wasm $(PAGE)/node_modules/.package-lock.json $(NPM)/bundlers/node_modules/.package-lock.json ## Bundle the npm package with Vite, webpack, Rollup, esbuild and Parcel, and run it in a browser.
	cd $(NPM)/bundlers && npm test

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund

# The output of the tests, passed ones too, holds none of the keys that they use.
.PHONY: check-leaks
check-leaks:
	@keys=$$(grep -ohE '(Psk|psk|preshared_key)\\*" ?: ?\\*"[A-Za-z0-9.]{12,}' events/*.json events/rotation/*.json shared/core/attachment/testdata/current/*.json | sed -E 's/.*"//' | sort -u); \
	[ -n "$$keys" ] || { echo "no keys to look for"; exit 1; }; \
	if grep -nF -e testsecret -e local-secret -f <(echo "$$keys") $(BUILD)/test/*.log; then echo "the tests' output holds a key"; exit 1; fi; \
	echo "no key in the tests' output: $$(echo "$$keys" | wc -l) keys, $$(cat $(BUILD)/test/*.log | wc -l) lines"

# The module depends on the Go runtime more than all else does. The toolchain comes as a
# Go module.
.PHONY: check-newest-go
check-newest-go: ## Build the WebAssembly module with the newest Go, and run its tests with that.
	GOTOOLCHAIN=$(NEWEST_GO) go test ./wasm/build

.PHONY: wasm
wasm: $(BUILD)/vpnattach.wasm.br ## Build the WebAssembly module and the npm package; fails when the module is too large.

.PHONY: site
site: $(BUILD)/site/index.html ## Build the request-builder page, a static folder, into .build/site.

.PHONY: simulate
simulate: tools ## Play a day of 1,000,000 events in process, with a clock of its own, then 1,000 through the built programs (EVENTS=1000000).
	go run ./functions/bundle/simulate -events $${EVENTS:-1000000}
	@echo
	SIMULATE=1000 go test -count=1 -timeout 30m -run '^TestThousand$$' ./functions/bundle -v | grep -v '^='

.PHONY: soak
soak: ## Play 50,000 schedules of key rotations, 100,000 orders of changes, then random schedules of changes, faults and crashes until interrupted (Ctrl-C).
	SCHEDULES=50000 SEED=$$RANDOM$$RANDOM go test -count=1 -timeout 0 -run '^TestSchedules$$' -v ./functions/rotate
	go test -c -o $(BUILD)/apply.test ./functions/apply
	SOAK=1 $(BUILD)/apply.test -test.timeout 0 -test.run '^TestAllOrders$$' -test.v
	SOAK=1 $(BUILD)/apply.test -test.timeout 0 -test.run '^TestConvergence$$' -test.v

.PHONY: soak-wasm
soak-wasm: ## Compare 100,000 random calls in the WebAssembly module with native ones, built with this Go and with the newest.
	SOAK=1 go test -timeout 0 -run '^TestRandomCalls$$' -v ./wasm/build
	SOAK=1 GOTOOLCHAIN=$(NEWEST_GO) go test -timeout 0 -run '^TestRandomCalls$$' -v ./wasm/build

.PHONY: check
check: check-format check-lint check-imports check-builds check-newest-go check-template check-clean ## Check format, lint, module files, imports, builds, the template, and the module with the newest Go.

.PHONY: check-format
check-format:
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "not formatted (run gofmt -w):" $$files; exit 1; fi
	@files=$$(git ls-files -z | xargs -0 ls -l | awk '$$5 > 1048576 { print $$NF }'); if [ -n "$$files" ]; then echo "over 1 MiB, so probably built (git rm --cached):" $$files; exit 1; fi

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
	@bad=$$(go list -f '{{range .Imports}}{{$$.ImportPath}} {{.}}{{"\n"}}{{end}}' ./... | awk "$$ARROWS"); \
	if [ -n "$$bad" ]; then echo "$$bad"; exit 1; fi

.PHONY: check-builds
check-builds:
	GOOS=wasip1 GOARCH=wasm go build $(CORE)
	GOOS=linux GOARCH=arm64 go build ./...

# As CloudFormation sees it after the transform, with the Python that has cfn-lint.
.PHONY: check-template
check-template: tools $(NAG)/node_modules/.package-lock.json
	@python=$(TOOLS)/bin/python3; [ -x $$python ] || python=python3; \
	PYTHONWARNINGS=ignore $$python functions/bundle/template/expand.py template.yaml | (cd $(NAG) && node check.mjs ../../../template.yaml)

# Tests and builds must leave no files in the tree. Only CI starts from a clean one.
.PHONY: check-clean
check-clean:
	@if [ -n "$${CI:-}" ] && [ -n "$$(git status --porcelain)" ]; then echo "the tree is not clean:"; git status --short; exit 1; fi

.PHONY: check-vulnerabilities
check-vulnerabilities: ## Look for known vulnerabilities in what is used; asks vuln.go.dev.
	go run $(GOVULNCHECK) ./...

.PHONY: fuzz
fuzz: ## Fuzz every target for 30 seconds (FUZZTIME=30s).
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $${FUZZTIME:-30s} $$package; \
		done; \
	done

.PHONY: bench
bench: ## Measure beside the official path and a JSON Schema validator, in one run; then events through serve, and the page.
	cd $(PEERS)/bench && go run .
	go run ./functions/bundle/startup
	go test -run '^$$' -bench Events -benchtime 3000x ./functions/local/server
	@$(MAKE) --no-print-directory bench-page

.PHONY: bench-page
bench-page: site ## Measure the module and the page in a browser, as serve serves them.
	cd $(PAGE) && npm run bench

.PHONY: update
update: ## Write golden files and derived files anew.
	UPDATE=1 go test ./shared/... ./wasm/... ./functions/local ./functions/bundle

# A release: the same commit makes the same bytes on every machine. It is built in a copy of
# the commit, with the version in the npm package and in the module, by the Go that go.mod
# names, and without what a person has set for builds of their own. The program's archives
# work alone, with page, samples and these pages; the functions' has a template that takes
# their zip files as they are.
RELEASE := $(BUILD)/release
SOURCE := $(BUILD)/source
TARGETS := linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64
ARCHIVED := LICENSE template.yaml *README.md .github/*.md *.schema.json events :!events/*.go wasm/builder/picture-*.png shared/vpc/causes.go
NAME = vpnattach-$(VERSION)
PINNED = LC_ALL=C GOTOOLCHAIN=$$(sed -n 's/^toolchain //p' go.mod) GOFLAGS='-trimpath -buildvcs=false' GOAMD64=v1 GOARM64=v8.0

.PHONY: release
release: ## Make the archives of a release into .build/release: VERSION=1.2.0.
	@[[ "$(VERSION)" =~ ^[0-9]+[.][0-9]+[.][0-9]+(-[0-9A-Za-z.-]+)?$$ ]] || { echo "release: VERSION is not a version: make release VERSION=1.2.0"; exit 1; }
	@[ -z "$$(git status --porcelain)" ] || { echo "release: there are changes that are not committed"; git status --short; exit 1; }
	@rm -rf $(SOURCE) $(RELEASE) && mkdir -p $(SOURCE)/$(BUILD)/pages $(RELEASE)
	@git archive HEAD | tar -x -C $(SOURCE) && git archive HEAD $$(set -f; git ls-files $(ARCHIVED)) | tar -x -C $(SOURCE)/$(BUILD)/pages
	@cd $(SOURCE)/$(NPM) && npm pkg set version=$(VERSION)
	@umask 022; env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES $(PINNED) $(MAKE) --no-print-directory -C $(SOURCE) released VERSION=$(VERSION) COMMIT=$$(git rev-parse HEAD) RULES=none
	@mv $(SOURCE)/$(RELEASE)/* $(RELEASE) && rm -rf $(SOURCE)
	@last=$$(git describe --tags --abbrev=0 HEAD^ 2>/dev/null || true); { echo "# vpnattach $(VERSION)"; echo; echo "Built from $$(git rev-parse HEAD)."; echo; \
		git -c log.showSignature=false log --no-merges --format='- %s' $${last:+$$last..}HEAD; } >$(RELEASE)/$(NAME)-notes.md
	@cd $(RELEASE) && LC_ALL=C && sha256sum * >checksums.txt && cat checksums.txt

# What runs in the copy. stage makes the folder that becomes an archive.
.PHONY: released
released: build site
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	@go run ./functions/bundle/parts -version $(VERSION) -bom $(RELEASE)/$(NAME).cdx.json -licences $(BUILD)/$(LICENCES) \
		$(foreach target,$(TARGETS),program=$(subst -,/,$(target)):./functions/local) \
		$(foreach function,ingest apply confirm rotate,$(function)=linux/arm64:./functions/$(function)/bootstrap) \
		package=wasip1/wasm:./wasm package=npm:$(BUILD)/package-parts page=wasip1/wasm:./wasm page=npm:$(BUILD)/package-parts page=npm:$(BUILD)/page-parts
	@stage() { rm -rf $(BUILD)/stage && mkdir $(BUILD)/stage && cp -r "$$@" $(BUILD)/$(LICENCES) $(BUILD)/stage; }; \
	pack() { go run ./functions/bundle/pack -as $(RELEASE)/$(NAME)-$$1 $(BUILD)/stage; }; \
	for target in $(TARGETS); do \
		export GOOS=$${target%-*} GOARCH=$${target#*-} CGO_ENABLED=0; \
		stage $(BUILD)/pages/. $(BUILD)/site; end=tar.gz exe=; [ $$GOOS != windows ] || end=zip exe=.exe; \
		$(GO_BUILD) -o $(BUILD)/stage/vpnattach$$exe ./functions/local; \
		unset GOOS GOARCH CGO_ENABLED; pack $$target.$$end; \
	done; \
	stage LICENSE $(BUILD)/lambda/*.zip; $(MAKE) --no-print-directory -s packaged-template >$(BUILD)/stage/template.yaml; pack lambda.zip
	@cd $(NPM) && npm pack --silent --pack-destination ../../$(RELEASE)

# The template with the functions as zip files beside it, in place of sources.
define PACKAGED
BEGIN { print "# sam deploy --stack-name vpnattach --capabilities CAPABILITY_IAM --resolve-s3 --parameter-overrides CredentialsSecretArn=… Mode=plan"; print "# deploys it from this folder. Rules for events are in an object or a parameter: RulesObject, RulesParameter." }
/^    CodeUri: \.$$/ || /^    Metadata: \{BuildMethod: makefile\}$$/ { next }
{ print }
/^  (Ingest|Apply|Confirm|Rotate)Function:$$/ { function_ = tolower(substr($$1, 1, index($$1, "Function") - 1)) }
function_ && /^    Properties:$$/ { print "      CodeUri: " function_ ".zip"; function_ = "" }
endef
export PACKAGED
.PHONY: packaged-template
packaged-template:
	@awk "$$PACKAGED" template.yaml

.PHONY: clean
clean: ## Remove what was built.
	rm -rf $(BUILD)
