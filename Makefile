# The two commands of the README are `make demo` and `make test`.
# Each prepares .venv first when the locked dependencies have changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CODE := alerts core sources taxonomy db pipeline spiders cli migrations scheduler.py tests bench

.PHONY: demo test check format lock clean
.DEFAULT_GOAL := test

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Amparo needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "$(PYTHON) cannot make a virtual environment: on Debian, apt install python3-venv" >&2; exit 1; }
	@echo "Installing the locked dependencies into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: $(READY)
	$(BIN)/amparo demo

test: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv on the PATH. Writes the hashed lock, and the same versions as uv's constraints.
lock:
	uv pip compile pyproject.toml --group dev --extra parquet --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock
	$(PYTHON) .ci/pin_uv.py

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
