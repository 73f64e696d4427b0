PYTHON ?= .venv/bin/python

# T names files or folders of tests, K a part of a test's name, N how many processes; one area is
# done in one process before several have started.
T ?=
K ?=
N ?= $(if $(strip $(T)$(K)),0,auto)
named = $(if $(K),-k '$(K)')

# What is tried while one writes: rules, dates, words, the log, and one way through everything.
QUICK = tests/test_architecture.py tests/log/test_audit.py tests/cli/test_cli_help.py tests/rules/test_dates.py \
	tests/test_habits.py tests/test_lock.py tests/questions/test_names.py tests/cli/test_smoke.py \
	tests/system/test_text.py tests/log/test_tree.py tests/words/test_words.py tests/rules/test_workdays.py \
	tests/rules/test_workflow.py

# The pages that take something from the code.
PAGES = $(shell grep -l "\[\[\[cog" *.md docs/*.md)
DOCUMENTS = $(PAGES) casework/store/db.py casework/store/door/number.py casework/log/verify_labels.py

.PHONY: test quick lint docs docs-check site lock fix release
test:  ## run the tests: all, or T=tests/FILE-OR-FOLDER, K=NAME, N=PROCESSES
	$(PYTHON) -m pytest -q -n $(N) $(named) $(T)
quick:  ## run a chosen set of tests, on SQLite only, in less than a minute
	$(PYTHON) -m pytest -q -n 0 -k '$(if $(K),($(K)) and )not postgresql' $(QUICK)
lint:  ## check code, types, floors and documents
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(dir $(PYTHON))lint-imports
	$(MAKE) --no-print-directory docs-check
docs-check:  ## check that the documents say what the code says
	$(PYTHON) docs/reader/build.py --check
	$(PYTHON) -m cogapp --check -P $(DOCUMENTS)
docs:  ## regenerate what the documents take from the code
	$(PYTHON) docs/catalogues.py
	$(PYTHON) docs/reader/build.py
	$(PYTHON) -m cogapp -P -r $(filter %.py,$(DOCUMENTS)) $(filter %.md,$(DOCUMENTS))
site:  ## build the documentation site into the folder site
	$(PYTHON) docs/site.py site
lock:  ## write the versions and hashes of all dependencies anew; needs uv
	uv pip compile --universal --generate-hashes --no-header -q --python-version 3.11 --extra postgres --extra pdf --extra cryptography pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header -q --python-version 3.11 -c requirements.lock pyproject.toml -o requirements-core.lock
fix:  ## format, and mend what can be mended
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
release:  ## make a version ready: changelog, register, sealed migrations; see docs/releasing.md
	$(PYTHON) docs/release.py
