# SPDX-License-Identifier: Apache-2.0
# `make help` lists what there is.

# By the environment, so that a sentence may hold quotes.
export SENTENCE

NEURAXIS := .venv/bin/neuraxis
ENV := .venv/bin/neuraxis-env

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-setup test-cpp test-python bench lint train clean

help:  ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:  ## Debian packages, .venv, ROS 2, build
	@tools/setup.sh run

demo: setup  ## ROBOT= SCENE= SEED= SENTENCE=: a robot does what a sentence says
	@$(NEURAXIS) demo $(if $(ROBOT),--robot '$(ROBOT)') $(if $(SCENE),--scene '$(SCENE)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(SENTENCE),"$$SENTENCE")

test: test-cpp test-python  ## The whole test suite

test-setup:
	@tools/setup.sh dev

test-cpp: test-setup  ## C++ tests
	@cmake -S . -B build/core -DCMAKE_BUILD_TYPE=Release -DPython_EXECUTABLE=$(CURDIR)/.venv/bin/python3 >build/core.log || { cat build/core.log; exit 1; }
	@cmake --build build/core --parallel 2
	@ctest --test-dir build/core --output-on-failure

test-python: test-setup  ## Python tests
	@$(ENV) python -m pytest test

bench: test-setup  ## All figures, as JSON and as a table
	@$(NEURAXIS) bench

lint: test-setup  ## Style of the Python code
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

train:  ## Train the models from renders and write them to models/
	@tools/setup.sh train
	@$(ENV) python -m neuraxis_field.vision.render
	@$(ENV) python -m neuraxis_field.vision.train
	@$(ENV) python -m neuraxis_field.language.train

clean:  ## Remove what was built; .venv stays
	rm -rf build install log
