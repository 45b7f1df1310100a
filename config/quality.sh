#!/bin/sh
# What `make quality` checks; all of it, even when something fails on the way. Argument: the environment's Python.
set -u
cd "$(dirname "$0")/.."
python=$1
failed=
check() {
    printf '== %s\n' "$1"
    shift
    "$@" || failed=yes
}
export DJANGO_SETTINGS_MODULE=config.settings.test
check "ruff: lint" "$python" -m ruff check .
check "ruff: format" "$python" -m ruff format --check .
check "mypy --strict" "$python" -m mypy .
check "import contracts" "$python" -c 'import sys; from importlinter.cli import lint_imports_command; sys.path.insert(0, "."); lint_imports_command()'
check "migrations" "$python" manage.py makemigrations --check --dry-run
check "schema of the API" "$python" manage.py spectacular --validate --fail-on-warn --file /dev/null
check "known holes, secrets" "$python" -m config.audit
[ -z "$failed" ] || exit 1
