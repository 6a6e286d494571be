# `make` lists what there is; `make demo` and `make test` need nothing but Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet -c constraints.txt
OUT := out

.DEFAULT_GOAL := help
.PHONY: help setup demo check fmt lint types layers docs docs-serve test test-user test-slow test-web test-blender test-gpu viewer clean

help:  ## List the recipes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(PIP_INSTALL) -e .
	@touch $@

.venv/dev: .venv/run
	$(PIP_INSTALL) -e . --group dev
	@touch $@

setup: .venv/dev  ## Make .venv with everything for development

demo: .venv/run  ## Lift the sample clip to video, JSON, BVH and HTML
	@mkdir -p $(OUT)
	$(BIN)/python examples/fetch_sample.py
	$(BIN)/pose3d weights pull yolo11n-pose
	$(BIN)/pose3d lift examples/sample.mp4 --overwrite \
		--out $(OUT)/result.mp4 --out $(OUT)/result.json --out $(OUT)/result.bvh --out $(OUT)/result.html

test: check test-slow test-user  ## All that needs no GPU, no browser and no Blender

check: fmt-check lint types layers docs test-fast

fmt: .venv/dev  ## Format in place
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --exit-zero .

fmt-check: .venv/dev
	$(BIN)/ruff format --check .

lint: .venv/dev  ## Style and spelling
	$(BIN)/ruff check .
	$(BIN)/typos

types: .venv/dev  ## mypy, strict
	$(BIN)/mypy

layers: .venv/dev  ## Who may import whom
	$(BIN)/lint-imports

docs: .venv/dev  ## Build the documentation into site/, warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

docs-serve: .venv/dev  ## Show the documentation while you write it
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

test-fast: .venv/dev  ## Unit tests, a file a core
	$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile

test-slow: .venv/dev  ## Tests of more than a second, among them real video through real weights
	$(BIN)/pytest -m "slow and not gpu and not web and not blender"

viewer/node_modules: viewer/package-lock.json
	cd viewer && npm ci --silent
	@touch $@

test-web: .venv/dev viewer/node_modules  ## Tests that need node and Chromium
	$(BIN)/pytest -m web

test-blender: .venv/dev  ## Tests in Blender itself (bpy, 1 GB, Python 3.11)
	test -x .venv-bpy/bin/python || python3.11 -m venv .venv-bpy
	.venv-bpy/bin/python -m pip install --quiet bpy==5.0.1
	POSE3D_BPY=.venv-bpy/bin/python $(BIN)/pytest -m blender

viewer: viewer/node_modules  ## Build the script of the HTML viewer from its sources
	cd viewer && npm run --silent build

test-gpu: .venv/dev  ## Tests that need CUDA
	$(BIN)/pytest -m gpu

test-user: pyproject.toml constraints.txt  ## Install as users do, without development tools
	$(PYTHON) -m venv --clear .venv-user
	.venv-user/bin/python -m pip install --quiet --upgrade pip
	.venv-user/bin/python -m pip install --quiet -c constraints.txt .
	cd / && $(CURDIR)/.venv-user/bin/pose3d --help > /dev/null
	cd / && $(CURDIR)/.venv-user/bin/pose3d doctor

clean:  ## Remove what the recipes made
	rm -rf .venv .venv-user .venv-bpy viewer/node_modules $(OUT)
