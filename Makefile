PYTHON ?= .venv/bin/python

.PHONY: test lint docs lock fix
test:  ## run the tests
	$(PYTHON) -m pytest -q
lint:  ## check code, types, floors and documents
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(dir $(PYTHON))lint-imports
	$(PYTHON) -m cogapp --check -P README.md docs/commands.md docs/sharing.md casework/door/number.py
docs:  ## regenerate what the documents take from the code
	$(PYTHON) docs/catalogues.py
	$(PYTHON) -m cogapp -P -r casework/door/number.py README.md docs/commands.md docs/sharing.md
lock:  ## write the versions and hashes of all dependencies anew; needs uv
	uv pip compile --universal --generate-hashes --no-header -q --python-version 3.11 --extra postgres --extra pdf --extra cryptography pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header -q --python-version 3.11 -c requirements.lock pyproject.toml -o requirements-core.lock
fix:  ## format, and mend what can be mended
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
