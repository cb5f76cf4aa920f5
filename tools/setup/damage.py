"""Whether what was installed is still there: each wheel brings the list of its files and their sizes."""

import csv
from pathlib import Path


def damage(venv: Path) -> str | None:
    """A file of an installed package that is missing or not as long as it was; None if all are well."""
    for record in sorted(venv.glob("lib/python3*/site-packages/*.dist-info/RECORD")):
        place = record.parents[1]
        with record.open(encoding="utf-8", newline="") as lines:
            for name, _, size in csv.reader(lines):
                if ".dist-info/" not in name and not _is_there(place / name, size):
                    return name
    return None


def _is_there(path: Path, size: str) -> bool:
    try:
        return not size or path.stat().st_size == int(size)
    except OSError:
        return False
