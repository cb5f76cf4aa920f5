#!/bin/sh
# Deletes what running and developing left behind. Everything in .data is lost: databases, event log, audit checkpoints.
set -eu
cd "$(dirname "$0")/.."

if [ "${CONFIRM:-}" != yes ]; then
    if [ ! -t 0 ]; then
        echo "clean: nobody is there to ask; scripts say: make clean CONFIRM=yes" >&2
        exit 2
    fi
    printf 'Stop everything and delete .data (databases, event log, audit checkpoints), .venv and all caches? Type yes: '
    read -r answer || answer=""
    if [ "$answer" != yes ]; then
        echo "Nothing was deleted."
        exit 0
    fi
fi

if [ -d .data ]; then
    if [ -x .venv/bin/crm ]; then
        .venv/bin/crm down || { echo "clean: something still runs in .data; nothing was deleted." >&2; exit 1; }
    fi
    rm -rf .data
fi
rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
find shared services gateway tests tools bench examples -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
echo "Clean."
