"""The note in `.venv` that says what it was made from; written last, so a half-made `.venv` has none."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.layout import distributions

_NAME = "crm-setup.json"


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What a finished `.venv` was made from."""

    python: str
    """Version of its interpreter, such as `3.11.7`."""
    place: str
    """Its absolute path: scripts in a moved `.venv` point to the old place."""
    content: str
    """Digest of the locks and of our packages' metadata."""

    def same_base(self, other: "Stamp") -> bool:
        """Whether one can become the other by installing packages, without starting anew."""
        return (self.python, self.place) == (other.python, other.place)

    def write(self, venv: Path) -> None:
        """Note it in ``venv``."""
        (venv / _NAME).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @staticmethod
    def read(venv: Path) -> "Stamp | None":
        """The note in ``venv``; None if it was never finished, or its interpreter is gone."""
        try:
            values = json.loads((venv / _NAME).read_text(encoding="utf-8"))
            stamp = Stamp(**values)
        except (OSError, ValueError, TypeError):
            return None
        return stamp if (venv / "bin" / "python").exists() else None

    @staticmethod
    def remove(venv: Path) -> None:
        """From now on ``venv`` counts as half-made."""
        (venv / _NAME).unlink(missing_ok=True)


def content_digest(root: Path) -> str:
    """Digest of everything that decides what is installed."""
    files = [root / "requirements" / "bootstrap.lock", root / "requirements" / "all.lock"]
    files += [root / one.folder / "pyproject.toml" for one in distributions(root)]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(root)}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
