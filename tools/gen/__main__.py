"""``python -m tools.gen [--check]``: write everything that is derived, or say what is not up to date."""

import argparse
import sys

from tools.gen.artefact import differences, write
from tools.gen.catalogue import GENERATORS
from tools.gen.system import forget_settings
from tools.layout import ROOT


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tools.gen", description="Write what is derived from the code.")
    parser.add_argument("--check", action="store_true", help="only say what is not up to date")
    options = parser.parse_args()
    forget_settings()
    if options.check:
        stale = [difference for generator in GENERATORS for difference in differences(ROOT, generator)]
        for difference in stale:
            print(difference)
        if stale:
            print(f"gen: {len(stale)} files are not up to date; run `make gen` and commit the result.", file=sys.stderr)
        return 1 if stale else 0
    for generator in GENERATORS:
        for path in write(ROOT, generator):
            print(f"gen: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
