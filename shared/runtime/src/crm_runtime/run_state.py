"""What runs in a data directory: `run.json`, and the lock that lets only one supervisor work there."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from crm_runtime.announcement import write_whole
from crm_runtime.errors import RuntimeProblem
from crm_runtime.processes import ProcessIdentity

FILE_NAME = "run.json"
LOCK_NAME = "lock"


@dataclass(frozen=True, kw_only=True)
class ProcessRecord:
    """One process of the running system."""

    name: str
    identity: ProcessIdentity
    port: int
    stage: int
    """Processes are stopped from the lowest stage to the highest."""
    stop_signal: int
    health_path: str
    """Path that answers 200 when it is ready; empty for the infrastructure."""
    started: float
    """Seconds since the epoch."""
    restarts: int = 0


@dataclass(frozen=True, kw_only=True)
class RunState:
    """Everything that `crm status`, `crm down` and the other commands must know about a running system."""

    supervisor: ProcessIdentity
    started: float
    ready: bool
    port_offset: int
    kafka_bootstrap: str
    gateway_url: str
    worker_urls: Mapping[str, str]
    """Operator address of each worker, by deployable name."""
    processes: Sequence[ProcessRecord] = field(default_factory=tuple)
    summary: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """Lines for the person who started it, such as addresses."""

    def write(self, data_dir: Path) -> None:
        """Save it; readers see the old or the new one, never a part."""
        write_whole(data_dir / FILE_NAME, json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, data_dir: Path) -> Self | None:
        """The state that was saved last, of a running or of a crashed system; None after a clean stop."""
        try:
            values = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
            values["supervisor"] = ProcessIdentity(**values["supervisor"])
            values["processes"] = tuple(
                ProcessRecord(**{**record, "identity": ProcessIdentity(**record["identity"])})
                for record in values["processes"]
            )
            values["summary"] = tuple((name, text) for name, text in values["summary"])
            return cls(**values)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RuntimeProblem(
                f"{data_dir / FILE_NAME} cannot be read ({error}); if nothing of the system runs, remove it."
            ) from error

    @staticmethod
    def remove(data_dir: Path) -> None:
        """Forget it, after a clean stop."""
        (data_dir / FILE_NAME).unlink(missing_ok=True)


def running(data_dir: Path) -> RunState:
    """The state of the system that runs there now, or a sentence that none does."""
    state = RunState.read(data_dir)
    if state is None or not state.supervisor.lives():
        raise RuntimeProblem(f"Nothing runs in {data_dir}; start it with: crm up")
    return state


@contextlib.contextmanager
def only_supervisor(data_dir: Path) -> Iterator[None]:
    """Hold the directory's lock; a second supervisor gets one sentence instead."""
    with (data_dir / LOCK_NAME).open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            state = RunState.read(data_dir)
            who = f" (pid {state.supervisor.pid})" if state else ""
            raise RuntimeProblem(
                f"The system in {data_dir} is running already{who}; crm status shows it, crm down stops it."
            ) from error
        yield


def uptime_seconds(started: float) -> float:
    """Seconds since a moment given in seconds since the epoch."""
    return max(0.0, time.time() - started)


def prepare_data_dir(data_dir: Path) -> Path:
    """Make the directory, or say in one sentence why it cannot be used."""
    folder = data_dir.absolute()
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            # As root, PostgreSQL runs as another user, who must get to its own folder in here.
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise RuntimeProblem(
            f"The folder {folder} cannot be used ({error.strerror}); choose another --data-dir."
        ) from error
    return folder
