PYTHON ?= .venv/bin/python

.PHONY: test lint docs fix
test:  ## run the tests
	$(PYTHON) -m pytest -q
lint:  ## check code, types, floors and documents
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(dir $(PYTHON))lint-imports
	$(PYTHON) -m cogapp --check -P README.md docs/commands.md casework/compiled.py
docs:  ## regenerate what the documents take from the code
	$(PYTHON) -m cogapp -P -r README.md docs/commands.md casework/compiled.py
fix:  ## format, and mend what can be mended
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
