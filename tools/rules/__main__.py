"""``python -m tools.rules``: check the whole repository, one line per finding."""

import sys
from pathlib import Path

from tools.layout import ROOT
from tools.rules.catalogue import findings


def main() -> int:
    """Entry point."""
    found = sorted(findings(ROOT, [Path(name) for name in sys.argv[1:]]))
    for finding in found:
        print(finding)
    if found:
        print(
            f"{len(found)} findings. A line may break a rule for a reason: `# allow <rule>: <reason>`.", file=sys.stderr
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
