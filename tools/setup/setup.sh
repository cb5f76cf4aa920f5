#!/bin/sh
# Makes .venv with the first Python that can: PYTHON if it is set, else python3 and then the numbered ones.
set -u
cd "$(dirname "$0")/../.." || exit 1

usable='import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))'
version='import sys; print("%d.%d.%d" % sys.version_info[:3])'
found=""

for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$python" -c "$usable" >/dev/null 2>&1; then
        if [ -n "${PYTHON:-}" ]; then
            exec "$python" -m tools.setup "$@"
        fi
        exec "$python" -m tools.setup --keep-python "$@"
    fi
    if number=$("$python" -c "$version" 2>/dev/null); then
        case $number in
        3.1[1-9].* | 3.[2-9][0-9].*) number="$number, but without venv (Debian: apt install python3-venv)" ;;
        esac
        found="$found${found:+; }$python is $number"
    fi
done

if [ -n "${PYTHON:-}" ] && [ -z "$found" ]; then
    echo "setup: PYTHON=$PYTHON does not run; name a Python 3.11 or newer." >&2
else
    echo "setup: Python 3.11 or newer is needed (${found:-there is no python3}); install one or name it: make setup PYTHON=/path/to/python3" >&2
fi
exit 1
