#!/bin/sh
# Make the Python environment of the project: .venv, from the pins of requirements-dev.txt. Called by `make setup`.
#
#   PYTHON=python3.12   the interpreter (any of 3.11 to 3.13 is found by itself)
#   VENV=.venv          where
#
# Nothing is done, and no network needed, when the environment is that of the present pins.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV 2>/dev/null || true

say() { printf '%s\n' "$*" >&2; }
fail() { say "Error: $*"; exit 1; }

# The place is part of it: a moved or copied environment does not work.
wanted="$(cat requirements-uv.txt requirements-dev.txt | cksum) $(pwd -P)/$venv"
stamp="$venv/requirements.stamp"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    exit 0
fi

good_python() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' 2>/dev/null; }
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        good_python "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11 or later."
        printf '%s' "$PYTHON"
        return
    fi
    # 3.13 and before first: every pin has a ready-made package for them.
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 && good_python "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    found=$(python3 --version 2>&1 || true)
    fail "Python 3.11 or later is needed (found: ${found:-none}). Install it, or name it: make setup PYTHON=/path/to/python3.12"
}

if ! { [ -f "$venv/pyvenv.cfg" ] && good_python "$venv/bin/python"; }; then
    python=$(find_python)
    say "== Python environment: $venv ($("$python" --version 2>&1))"
    "$python" -c 'import venv' 2>/dev/null || fail "this Python has no venv module (Debian, Ubuntu: apt-get install python3-venv)."
    rm -rf "$venv"
    # Debian ships venv without ensurepip: pip then comes from PyPI by its pinned hash.
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv "$venv"
    else
        "$python" -m venv --without-pip "$venv"
    fi
fi
python="$venv/bin/python"
"$python" -m pip --version >/dev/null 2>&1 || "$python" config/get_pip.py ||
    fail "pip cannot be fetched (Debian, Ubuntu: apt-get install python3-venv, then remove $venv and start again)."

count=$(grep -c '^[a-zA-Z0-9]' requirements-dev.txt)
say "== Installing $count pinned packages (some 500 MB the first time; every one checked against its hash)"
start=$(date +%s)
pip() { "$python" -m pip --disable-pip-version-check "$@"; }
pip_setting() { pip config get "$1" 2>/dev/null || true; }

pip install --quiet --require-hashes --no-deps -r requirements-uv.txt ||
    fail "no package can be downloaded: is there a network, and does pip reach its index?"

# uv reads none of pip's settings: hand over certificate and index.
certificate=${SSL_CERT_FILE:-${PIP_CERT:-$(pip_setting global.cert)}}
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(pip_setting global.index-url)}}
[ -z "$certificate" ] || export SSL_CERT_FILE="$certificate"
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
if ! "$python" -m uv --no-config pip install --python "$python" --require-hashes -r requirements-dev.txt; then
    say "== uv did not succeed; the same with pip, slower"
    pip install --require-hashes --no-deps -r requirements-dev.txt ||
        fail "the packages cannot be installed; the lines above say why."
fi
printf '%s' "$wanted" > "$stamp"
say "== Done in $(($(date +%s) - start)) s"
