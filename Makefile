# The commands of the house. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test check bench format translations lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

run: ## set up what is missing and serve on http://127.0.0.1:8000 (DEMO=0: without the demo company)
	@$(PYTHON) tools/setup.py && exec $(BIN)/python -m tools.serve

test: ## set up all that the tests need and run them (ARGS='-k word' for some)
	@$(PYTHON) tools/setup.py --dev
	@$(BIN)/python -m tools.suite $(ARGS)

check: ## format, lint, types, import contracts, templates, translations
	@$(PYTHON) tools/setup.py --dev
	@$(BIN)/python -m tools.check

bench: ## measure, as a Markdown table
	@$(PYTHON) tools/setup.py --dev
	@$(BIN)/python -m tools.bench $(ARGS)

format: ## put the code into its form
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

translations: ## take new sentences into the catalogues
	@$(BIN)/python -m tools.translations update

lock: ## write the locks anew from the .in files and package.json
	@$(BIN)/python -m tools.lock

clean: ## remove what the set-up made; var/ (the data) stays
	@rm -rf .venv node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find translations -name '*.mo' -delete 2>/dev/null || true
