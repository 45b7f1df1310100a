#!/bin/sh
# requirements*.in -> hashed pins (`make lock`; ARGS="--upgrade" or "--upgrade-package django"). Argument: Python.
set -eu
cd "$(dirname "$0")/.."
compile() { "$1" -m uv pip compile --universal --generate-hashes --python-version 3.11 "$2" -o "$3" $4 ${ARGS:-}; }
compile "$1" requirements-dev.in requirements-dev.txt "" > /dev/null
compile "$1" requirements.in requirements.txt "-c requirements-dev.txt" > /dev/null
{
    echo "# The installer, first of all: requirements-dev.txt's own pin of uv. Made by: make lock"
    awk '/^uv==/ {found = 1} found && !/# via/ {print} found && !/\\$/ {exit}' requirements-dev.txt
} > requirements-uv.txt
git --no-pager diff --stat -- 'requirements*' || true
