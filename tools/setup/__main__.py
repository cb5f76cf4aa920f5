"""``python -m tools.setup``: make `.venv`, or bring it up to date; does nothing when it is."""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.layout import ROOT, distributions
from tools.setup.damage import damage
from tools.setup.registry import uv_environment
from tools.setup.stamp import Stamp, content_digest

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "requirements"


def main() -> int:
    """Entry point; ``--keep-python`` accepts a `.venv` that another Python made, ``--examine`` looks at every file."""
    keep_python = "--keep-python" in sys.argv[1:]
    if "--examine" in sys.argv[1:]:
        _examine()
    if _is_current(keep_python=keep_python):
        return 0
    with _one_at_a_time():
        if _is_current(keep_python=keep_python):
            return 0
        try:
            _bring_up_to_date(keep_python=keep_python)
        except subprocess.CalledProcessError as error:
            _say(
                f"`{' '.join(map(str, error.cmd[:6]))} ...` failed, see above. Run the same again once that is solved."
            )
            return 1
        except KeyboardInterrupt:
            _say("interrupted; the next run starts over.")
            return 130
    return 0


def _examine() -> None:
    lost = damage(VENV) if Stamp.read(VENV) is not None else None
    if lost is not None:
        _say(f"{lost} is damaged or missing in .venv.")
        Stamp.remove(VENV)


def _is_current(*, keep_python: bool) -> bool:
    found = Stamp.read(VENV)
    return found is not None and found == _wanted(found if keep_python else None)


def _wanted(found: Stamp | None) -> Stamp:
    version = platform.python_version() if found is None else found.python
    return Stamp(python=version, place=str(VENV), content=content_digest(ROOT))


def _bring_up_to_date(*, keep_python: bool) -> None:
    began = time.monotonic()
    found = Stamp.read(VENV)
    wanted = _wanted(found if keep_python else None)
    if found is None or not found.same_base(wanted):
        wanted = _wanted(None)
        _make_anew(found, wanted)
    Stamp.remove(VENV)
    _install()
    wanted.write(VENV)
    _say(f"done in {time.monotonic() - began:.0f} s.")


def _make_anew(found: Stamp | None, wanted: Stamp) -> None:
    if VENV.is_symlink():
        VENV.unlink()
    if VENV.exists():
        why = "was not finished" if found is None else f"is for Python {found.python} in {found.place}"
        _say(f".venv {why}; making it anew.")
        Stamp.remove(VENV)
        shutil.rmtree(VENV)
    _say(f"making .venv with Python {wanted.python}.")
    _run(sys.executable, "-m", "venv", VENV)
    _run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCKS / "bootstrap.lock")


def _install() -> None:
    _say("installing the locked packages.")
    environment = uv_environment(PYTHON)
    uv: list[str | Path] = [VENV / "bin" / "uv", "--quiet", "pip"]
    locks: list[str | Path] = ["-r", LOCKS / "bootstrap.lock", "-r", LOCKS / "all.lock"]
    _run(*uv, "install", "--python", PYTHON, "--require-hashes", *locks, environment=environment)
    ours: list[str | Path] = [argument for one in distributions(ROOT) for argument in ("--editable", ROOT / one.folder)]
    options = ["--offline", "--no-deps", "--no-build-isolation"]
    _run(*uv, "install", "--python", PYTHON, *options, *ours, environment=environment)


def _run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two `make` at once: the second waits and then finds the work done."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _say(sentence: str) -> None:
    print(f"setup: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
