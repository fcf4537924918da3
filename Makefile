# The two commands of the README. Both create .venv on first use and reuse it after.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed

.PHONY: demo test coverage wheel soak lint docs reproduce install clean

demo: install
	$(BIN)/python tools/demo.py

test: install lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

coverage: install
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered

# the wheel is built, installed, and used in an empty folder
wheel: install
	tests/packaging/wheel_job.sh $(BIN)/python

# faults and long runs in their long form; what happened is kept in work_dirs/soak
soak: install
	mkdir -p work_dirs/soak
	bash -o pipefail -c '$(BIN)/python -m tests.support.soak --kills 50 | tee work_dirs/soak/kills.txt'
	bash -o pipefail -c '$(BIN)/python -m pytest -m faults --long -v | tee work_dirs/soak/faults.txt'
	bash -o pipefail -c '$(BIN)/python -m pytest tests/engine/test_long_runs.py --long -v | tee work_dirs/soak/long_runs.txt'

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy

# the site in build/site; a warning is an error
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# make reproduce ARGS="gpu --only main --data-root /data/CUB_200_2011"
reproduce: install
	$(BIN)/python -m tools.reproduce $(ARGS)

install: $(READY)

# rebuilt when the requirements change, and only then
$(READY): setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet 'setuptools<81' wheel
	$(BIN)/python -m pip install --quiet --no-build-isolation -e '.[host,dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) work_dirs
