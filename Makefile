# Two commands for a new user: `make refresh` installs what is needed and makes the list from the sample; `make test` passes the tests.
PYTHON ?= python3.11
VENV := .venv
# Where this is set, every start would compile every library again: seconds each time.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin
STAMP = $(shell cat $(1) pyproject.toml setup.py | sha256sum | cut -c1-16)
READY := $(VENV)/.ready-$(call STAMP,requirements-uv.lock requirements.lock)
DEV := $(VENV)/.dev-$(call STAMP,requirements-uv.lock requirements.lock requirements-dev.lock)

.PHONY: refresh refresh-real test quick times lint golden postgres bench method soak review-demo soak-review lock schemas clean

refresh: $(READY)
	@$(BIN)/listgen refresh

refresh-real: $(READY)
	@$(BIN)/listgen --workspace examples/real refresh

test: lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# What to run while coding: neither network nor Prefect nor browser, and no test that was measured to be slow.
quick: $(DEV)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not long"

# Measure the tests anew; it takes as long as `make test` does on one processor.
times: $(DEV)
	@PYTHONPATH=tests $(BIN)/python -m pytest -p measured_times

lint: $(DEV)
	@$(BIN)/ruff format --check --quiet . || (echo "Run: $(BIN)/ruff format ." && exit 1)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > .lint-imports.log 2>&1 || (cat .lint-imports.log && exit 1)
	@rm -f .lint-imports.log

# Write the numbers of both workspaces anew, after a change that is meant to move them (CONTRIBUTING.md).
golden: $(DEV)
	@PYTHONPATH=tests $(BIN)/python -m golden_values

# The driver for a review kept in PostgreSQL; the tests run that part of themselves where it is installed.
postgres: $(READY)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-postgres.lock

# A whole review acted out over HTTP by simulated experts, its numbers recomputed by a script that shares no code with us.
review-demo: $(READY)
	@$(BIN)/python examples/review/demo.py

# Fifty clients, 50,000 answers, with and without kill -9, then a tenth of it on PostgreSQL: about twenty minutes.
soak-review: $(READY)
	@$(BIN)/python benchmarks/review_load.py
	@$(BIN)/python benchmarks/review_load.py --answers 5000 --postgresql

# How often the intervals contain the truth, on worlds drawn from a known superpopulation; a cell that is done is
# kept in method/cells, so a stopped run goes on. `--short` is the form for CI.
method: $(DEV)
	@PYTHONPATH=tests $(BIN)/python method/coverage.py

bench: $(DEV)
	@$(BIN)/python benchmarks/bench.py

# What takes too long for every commit: 50 seeds of faults, 100 kills, every write failing once, 1,000 mutants, the review under load; loopback
# only, about forty minutes.
soak: $(DEV)
	@$(BIN)/python -m pytest -m long
	@PYTHONPATH=tests $(BIN)/python -m soak.openalex
	@PYTHONPATH=tests $(BIN)/python -m soak.portal
	@$(MAKE) --no-print-directory soak-review

# The locks hold hashes and no addresses: requirements.lock what a user needs, requirements-dev.lock what the tests
# add. `make lock` needs `uv` of any recent version.
LOCKING := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock:
	uv pip compile $(LOCKING) --extra build pyproject.toml -o requirements.lock
	uv pip compile $(LOCKING) -c requirements.lock --extra build --extra dev pyproject.toml -o requirements-dev.lock \
	  $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock)
	echo 'psycopg[binary]>=3.2,<4' | uv pip compile $(LOCKING) -c requirements.lock - -o requirements-postgres.lock
	echo 'uv>=0.13,<0.14' | uv pip compile $(LOCKING) - -o requirements-uv.lock

# The published JSON Schemas are generated from the models of src/listgen/outputs; a test compares them.
schemas: $(DEV)
	@$(BIN)/python -m listgen.outputs.schemas

$(READY):
	@scripts/install.sh $(PYTHON) $(VENV)
	@rm -f $(VENV)/.ready-*
	@touch $@

$(DEV):
	@scripts/install.sh $(PYTHON) $(VENV) dev
	@rm -f $(VENV)/.ready-* $(VENV)/.dev-*
	@touch $@ $(READY)

clean:
	rm -rf data examples/*/data .pytest_cache .mypy_cache .ruff_cache
