"""What the process that holds the test servers tells the test processes, by a file in the run's folder."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from crm_runtime.processes import ProcessIdentity

_FILE_NAME = "host.json"


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What the host tells the tests; `problem` instead of addresses when it could not start."""

    host: ProcessIdentity
    pg_admin_url: str = ""
    kafka_bootstrap: str = ""
    problem: str = ""

    def write(self, folder: Path) -> None:
        """Announce it: readers see nothing or the whole."""
        write_whole(folder / _FILE_NAME, json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> "Announcement | None":
        """What was announced, or None as long as nothing was."""
        try:
            values = json.loads((folder / _FILE_NAME).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(**{**values, "host": ProcessIdentity(**values["host"])})


def write_whole(path: Path, text: str) -> None:
    """Replace a file's content at once."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
