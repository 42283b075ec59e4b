# The commands of this repository. `just` lists them; each is one line that can be typed without just as well.

python := ".venv/bin/python"

_:
    @just --list

# Tests
test *args:
    {{python}} -m pytest {{args}}

# Lint, types, corpus, docs
check:
    {{python}} -m ruff check .
    {{python}} -m ruff format --check .
    {{python}} -m mypy
    {{python}} -m magcheck corpus
    {{python}} tools/docs.py --check

# Invariance, direction, fuzzing, load and the rest at full size; rewrites the tables of docs/trust.md (takes hours)
trust *args:
    {{python}} tools/trust --full {{args}}

# The same at a small size, under a minute
trust-small *args:
    {{python}} tools/trust {{args}}

# Coverage-guided fuzzing of one kind of input: just fuzz batch -runs=100000
fuzz kind *args:
    {{python}} tools/fuzz.py {{kind}} {{args}}

# Speed and memory beside references; rewrites docs/performance.md
bench *args:
    {{python}} benchmarks/run.py {{args}}

# Rewrite what the docs show of commands' output
docs:
    {{python}} tools/docs.py

# The figures and drawings of docs/experiments.md, and the model's card (half an hour)
experiments *args:
    {{python}} tools/experiments.py {{args}}
