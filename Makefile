# Everything a developer or CI does has a name here; `make` alone lists them.
# Needed beforehand: make, and a Python 3.11 or newer (python3, or named by PYTHON=...). The rest is installed by `setup`.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.SUFFIXES:

BIN := .venv/bin
RUN := $(BIN)/python
CRM := $(BIN)/crm
SETUP := sh tools/setup/setup.sh
JOBS ?= 2
KAFKA ?= apache
FAULTS ?= 200

# Tests wait for a third of their time: as tools/check.py says.
WORKERS = $$(( JOBS * 3 / 2 ))

# What a person types reaches the commands through the environment: no quoting can break them.
export PYTHON S M T DATA CONFIRM JOBS KAFKA

# Dozens of Pythons start in one run of the tests alone: none of them compiles again what another one has.
unexport PYTHONDONTWRITEBYTECODE

# Ctrl-C is how these are ended: let the program stop in order, and say nothing of our own after it.
UNTIL_CTRL_C = trap : INT; $(1); status=$$?; [ $$status -eq 130 ] || exit $$status

##@ Use it

.PHONY: run
run: ## Start everything on this machine, play the story, stay until Ctrl-C
	@$(SETUP) --examine
	@$(call UNTIL_CTRL_C,$(CRM) up --story)

.PHONY: demo
demo: ## The same with the CSV files of a folder: make demo DATA=../shared/data/crm_sales_maven
	@[ -n "$$DATA" ] || { echo "demo: say which data: make demo DATA=folder" >&2; exit 2; }
	@[ -d "$$DATA" ] || { echo "demo: there is no folder $$DATA" >&2; exit 2; }
	@$(SETUP) --examine
	@$(call UNTIL_CTRL_C,$(CRM) up --story --data "$$DATA")

.PHONY: stop
stop: setup ## Stop what `make run` started, also what a crash left behind
	@$(CRM) down

.PHONY: logs
logs: ## Follow the log of one process: make logs S=customer-svc
	@[ -n "$$S" ] || { echo "logs: say of what: make logs S=customer-svc (make run lists the processes)" >&2; exit 2; }
	@$(SETUP)
	@$(call UNTIL_CTRL_C,$(CRM) logs "$$S" --follow)

.PHONY: clean
clean: ## Delete the data and everything that was installed; asks first (CONFIRM=yes does not)
	@sh tools/clean.sh

##@ Work on it

.PHONY: setup
setup: ## Make .venv from the locks, or bring it up to date; quick when it is
	@$(SETUP)

.PHONY: test
test: setup ## All tests but the proofs; some of them: make test T=services/customer-svc
	@if [ -n "$$T" ]; then $(RUN) -m pytest $$T; else $(RUN) -m tools.check test; fi

.PHONY: proofs
proofs: setup ## The story end to end, and the short forms of authz, fuzz, promises and chaos
	@$(RUN) -m tools.check proofs

.PHONY: test-kafka
test-kafka: setup ## The tests of events, and the whole system, on Apache Kafka (Java 17 and Maven, or KAFKA=container)
	@$(RUN) -m pytest --kafka-backend="$$KAFKA" -m kafka -n "$(WORKERS)" --dist worksteal shared/platform shared/runtime tests/e2e

.PHONY: check
check: setup ## Exactly what CI runs: format, lint, types, arch, gen-check, lock-check, test, proofs
	@$(RUN) -m tools.check

.PHONY: fmt
fmt: setup ## Format the code and sort its imports
	@$(BIN)/ruff check --quiet --select I --fix .
	@$(BIN)/ruff format .

.PHONY: lint
lint: setup ## Style (ruff), the rules of the house (tools/rules), SQL of the migrations (squawk)
	@$(RUN) -m tools.check lint

.PHONY: types
types: setup ## Types (mypy --strict)
	@$(RUN) -m tools.check types

.PHONY: arch
arch: setup ## Who may import whom (import-linter), declared dependencies (deptry), each service on its own lock
	@$(RUN) -m tools.check arch

.PHONY: chaos
chaos: setup ## Kill, freeze and wipe parts of a real system under load, then check: make chaos FAULTS=200 SEED=1
	@$(RUN) -m tests.chaos --faults $(FAULTS) $(if $(SEED),--seed $(SEED))

.PHONY: promises
promises: setup ## Repeats, lost updates, tampering, outages, rolling restarts, at length: make promises SEED=1
	@PROMISES=long SEED="$(SEED)" $(RUN) -m pytest tests/promises

.PHONY: authz
authz: setup ## Every route, asked by everybody who must be refused and by who may
	@$(RUN) -m pytest tests/authz $(if $(T),-k "$$T")

.PHONY: fuzz
fuzz: setup ## Requests made of the OpenAPI documents, and hostile ones: make fuzz EXAMPLES=200 SEED=1
	@EXAMPLES="$(EXAMPLES)" SEED="$(SEED)" $(RUN) -m pytest tests/fuzz

.PHONY: bench
bench: setup ## Measure speed beside its limits, into bench/results.md; one script: make bench B=relay_consumer
	@$(RUN) -m bench $(B)

##@ Change it

.PHONY: gen
gen: setup ## Write what is derived: OpenAPI, JSON Schemas, docs/reference, images, compose file, manifests
	@$(RUN) -m tools.gen

.PHONY: gen-check
gen-check: setup ## Whether that is up to date
	@$(RUN) -m tools.check gen-check

.PHONY: migration
migration: ## Write a migration from the models: make migration S=customer-svc M="grade of a customer"
	@[ -n "$$S" ] && [ -n "$$M" ] || { echo 'migration: say for what: make migration S=customer-svc M="what it does"' >&2; exit 2; }
	@$(SETUP)
	@$(RUN) -m crm_runtime.make_migration "$$(echo "$$S" | tr - _)" "$$M"
	@$(BIN)/ruff format --quiet $(wildcard */src/*/migrations/versions services/*/src/*/migrations/versions)

.PHONY: lock
lock: setup ## Compile the lock files after a dependency changed; UPGRADE=yes takes the newest versions
	@$(RUN) -m tools.locks $(if $(UPGRADE),--upgrade)

.PHONY: lock-check
lock-check: setup ## Whether the lock files fit what the packages ask for
	@$(RUN) -m tools.check lock-check

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
