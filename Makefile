# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

# `make demo` and `make test` are enough: each prepares .venv first, at once when it is ready.
#
# These targets always use the wheels in .venv, rclpy included. Where a ROS 2 environment is sourced,
# its PYTHONPATH, libraries and middleware choice would mix a second rclpy into them, so the recipes
# run without these variables. To use your own ROS 2, build with colcon instead (README.md).
unexport PYTHONPATH PYTHONHOME RMW_IMPLEMENTATION
ifdef AMENT_PREFIX_PATH
unexport AMENT_PREFIX_PATH LD_LIBRARY_PATH
endif

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The name holds the place: the scripts of a venv that was copied or moved run the old tree.
STAMP := $(VENV)/.ready$(subst /,-,$(CURDIR))
# Choose another with `make setup PYTHON=/path/to/python`.
PYTHON ?=

.DEFAULT_GOAL := help
.PHONY: help setup gymnasium metaworld demo test check bench clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup: $(STAMP)  ## Prepare .venv (first time: some minutes)

gymnasium: $(STAMP)  ## Add what the domains halfcheetah, walker2d, ant and humanoid need to .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-gymnasium.txt

metaworld: $(STAMP)  ## Add what the domain metaworld needs to .venv
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r requirements-metaworld.txt

demo: $(STAMP)  ## A simulated Go2 changes its gait on English sentences
	$(BIN)/policy_gen demo

test: $(STAMP)  ## Run the tests; ARGS='test/archive -x' runs some
	$(BIN)/python -m pytest $(ARGS)

check: $(STAMP)  ## Lint, check types, find dead links in the documents
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python tools/check_links.py

bench: $(STAMP)  ## Measure latencies, jitter and throughput
	$(BIN)/policy_gen bench

clean:  ## Remove .venv and everything else that can be made again
	rm -rf $(VENV) build install log dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.txt requirements-nodeps.txt setup.py setup.cfg
	@rm -f $(VENV)/.ready*
	@python=$$(tools/find_python.sh "$(PYTHON)") && echo "Setting up .venv with $$python" && \
	"$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r requirements-nodeps.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
