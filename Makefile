# Para in Go. `make run` starts a server, `make test` runs every test; both need Go only.
# Everything that is built or downloaded stays in bin/ and .cache/.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X github.com/erudika/para-go/internal/version.Revision=$(VERSION)
BUILD    := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'
PARA     := bin/para
LINT_VERSION := v2.5.0
LINT     := $(CURDIR)/.cache/bin/golangci-lint-$(LINT_VERSION)
FUZZTIME ?= 10s
SEARCHTIME ?= 1m
SCRIPTTIME ?= 1m

# The race detector needs a C compiler.
CC_FOUND := $(shell command -v $${CC:-cc} || command -v gcc || command -v clang)
ifeq ($(CC_FOUND),)
RACE :=
RACE_NOTE := @printf '\n*** No C compiler found: the tests run WITHOUT the race detector. Install gcc or clang to run them with it. ***\n\n'
else
# Hashing passwords takes ten times as long under the race detector, and shares no memory. SQLite too is several times slower,
# and the detector does not watch its memory, which is outside the Go heap.
RACE := -race -gcflags=golang.org/x/crypto/blowfish=-race=false \
	-gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false
RACE_NOTE := @true
endif

.PHONY: all run build test searches scripts crash-tools ldap-tools lint cross interop bench crash fuzz clean

all: build

## build: the static binary bin/para
build:
	$(BUILD) -o $(PARA) ./cmd/para

## run: build and start the server on :8080 with its data in ./data
run: build
	$(PARA) serve --data ./data

## test: every test, with the race detector where a C compiler is found, and a minute each of random searches and scripts
test: build crash-tools ldap-tools
	$(RACE_NOTE)
	CGO_ENABLED=$(if $(RACE),1,0) PARA_BIN=$(CURDIR)/$(PARA) $(GO) test $(RACE) -timeout 20m ./...
	$(MAKE) searches scripts

## searches: random searches over random documents, compared with a plain model for SEARCHTIME
searches:
	$(GO) test -count=1 -timeout 0 -run '^TestRandomSearches$$' ./backend/sqlite -search.time $(SEARCHTIME)

## scripts: random scripts of API calls, compared with a plain model for SCRIPTTIME
scripts:
	$(GO) test -count=1 -timeout 0 -run '^TestScripts$$' ./test/model -duration $(SCRIPTTIME)

## lint: formatting, vet, import rules
lint: $(LINT)
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not gofmt-formatted:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(LINT) run ./...

$(LINT):
	@mkdir -p $(dir $(LINT))
	GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv $(CURDIR)/.cache/bin/golangci-lint $(LINT)

## cross: the binary must build for every supported platform
cross:
	@set -e; for p in linux/amd64 linux/arm64 darwin/arm64 windows/amd64; do \
		echo "build $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} $(BUILD) -o /dev/null ./cmd/para; done

## interop: unmodified Python and Java clients against a fresh server
interop: build
	PARA_BIN=$(CURDIR)/$(PARA) test/interop/run.sh

## bench: the real binary over HTTP, with the limits measured in the same run
bench: build
	$(GO) run ./bench -para $(CURDIR)/$(PARA)

## crash-tools: what the crash tests need besides Go
crash-tools:
	@test/crash/tools.sh

## ldap-tools: what the tests of LDAP sign-in need besides Go
ldap-tools:
	@test/ldap/tools.sh

## crash: the long form of the crash tests
crash: build crash-tools
	PARA_BIN=$(CURDIR)/$(PARA) $(GO) test -count=1 -timeout 30m ./test/crash -kills 50

## fuzz: every fuzz target for FUZZTIME
fuzz:
	@set -e; for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -h '^func Fuzz' $$pkg/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do \
			echo "$$pkg $$f"; $(GO) test $$pkg -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x; done; done

clean:
	rm -rf bin .cache
