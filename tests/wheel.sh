#!/usr/bin/env bash
# The wheel alone, in an environment and a directory of its own: installs, builds a shop, answers another client.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$root/.venv/bin/python" -m venv fresh
fresh/bin/python -m pip install --quiet "$root" "duckdb-cli>=1.5,<2"
fresh/bin/duckmark demo --quiet
fresh/bin/duckdb -readonly retail.duckdb "FROM recommend('15311', 3)"
fresh/bin/duckmark functions
