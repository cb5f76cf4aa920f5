"""Runs the whole system on one machine: embedded PostgreSQL and broker, supervisor, command line."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - a person with an older Python shall read a sentence, not a traceback
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
