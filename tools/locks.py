"""``python -m tools.locks [--check] [--upgrade]``: the lock files, compiled by uv, with hashes and without addresses.

One lock for the developer's `.venv` (`all.lock`), one for what makes it (`bootstrap.lock`), and one for each
deployable and the runtime, with the versions of `all.lock`.
"""

import argparse
import difflib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.layout import ROOT, Distribution, distributions
from tools.setup.registry import uv_environment

LOCKS = Path("requirements")
ALL = LOCKS / "all.lock"
PYTHON_VERSION = "3.11"

_UV = ROOT / ".venv" / "bin" / "uv"
_PYTHON = ROOT / ".venv" / "bin" / "python"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One lock file and what it is compiled from; paths are relative to the root."""

    output: Path
    inputs: tuple[Path, ...]
    constraints: tuple[Path, ...] = ()


class LockError(Exception):
    """uv could not compile a lock; the message is what it said."""


def plan(root: Path = ROOT) -> Iterator[Lock]:
    """Every lock there has to be, in the order in which they build on each other."""
    ours = distributions(root)
    projects = tuple(one.folder / "pyproject.toml" for one in ours)
    yield Lock(output=ALL, inputs=(*projects, LOCKS / "dev.in", LOCKS / "bootstrap.in"))
    yield Lock(output=LOCKS / "bootstrap.lock", inputs=(LOCKS / "bootstrap.in",), constraints=(ALL,))
    for one in ours:
        if one.is_deployable or one.package == "crm_runtime":
            yield Lock(output=lock_of(one), inputs=(one.folder / "pyproject.toml",), constraints=(ALL,))


def lock_of(one: Distribution) -> Path:
    """The lock of a deployable or of the runtime."""
    return LOCKS / f"{one.name.removeprefix('crm-')}.lock"


def compile_lock(lock: Lock, target: Path, *, offline: bool = False, upgrade: bool = False) -> None:
    """Compile ``lock`` into ``target``; pins that ``target`` already has stay where they still fit.

    Raises:
        LockError: uv failed.
    """
    command: list[str | Path] = [_UV, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--python", _PYTHON, "--python-version", PYTHON_VERSION, "--custom-compile-command", "make lock"]
    for one in distributions():
        command += ["--no-emit-package", one.name]
    for constraint in lock.constraints:
        command += ["--constraints", constraint]
    command += [flag for flag, wanted in (("--offline", offline), ("--upgrade", upgrade)) if wanted]
    command += [*lock.inputs, "--output-file", target]
    environment = uv_environment(_PYTHON)
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LockError(done.stderr.strip())


def write(*, upgrade: bool) -> None:
    """Compile every lock in place, and remove those of deployables that are gone."""
    wanted = list(plan())
    for lock in wanted:
        compile_lock(lock, ROOT / lock.output, upgrade=upgrade and lock.output == ALL)
    for path in sorted((ROOT / LOCKS).glob("*.lock")):
        if path.relative_to(ROOT) not in {lock.output for lock in wanted}:
            path.unlink()


def stale() -> Iterator[str]:
    """The difference between each lock and what compiling it again gives; nothing if all are up to date."""
    wanted = list(plan())
    with tempfile.TemporaryDirectory(prefix="crm-locks-") as folder:
        for lock in wanted:
            yield from _difference(lock, Path(folder) / lock.output.name)
    for path in sorted((ROOT / LOCKS).glob("*.lock")):
        if path.relative_to(ROOT) not in {lock.output for lock in wanted}:
            yield f"{path.relative_to(ROOT)} belongs to nothing any more"


def _difference(lock: Lock, target: Path) -> Iterator[str]:
    committed = ROOT / lock.output
    if not committed.is_file():
        yield f"{lock.output} is missing"
        return
    shutil.copyfile(committed, target)
    try:
        compile_lock(lock, target, offline=True)
    except LockError:
        shutil.copyfile(committed, target)
        compile_lock(lock, target)
    before, after = committed.read_text(encoding="utf-8"), target.read_text(encoding="utf-8")
    if before != after:
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), str(lock.output), "compiled anew", n=1, lineterm=""
        )
        yield "\n".join(list(lines)[:40])


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tools.locks", description="Compile the lock files.")
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    options = parser.parse_args()
    try:
        if not options.check:
            write(upgrade=options.upgrade)
            return 0
        differences = list(stale())
    except LockError as error:
        print(f"locks: uv could not compile:\n{error}", file=sys.stderr)
        return 1
    for difference in differences:
        print(difference, file=sys.stderr)
    if differences:
        print("locks: not up to date; run `make lock` and commit the result.", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
