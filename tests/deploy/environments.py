"""What is inside an image, made without Docker: the lock of one deployable, its own wheels, and nothing else."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.deploy.containers import clean_environment
from tests.deploy.manifests import ROOT, tool
from tools.layout import Distribution, distributions
from tools.locks import lock_of
from tools.setup.registry import uv_environment

SHARED = ("crm_contracts", "crm_platform")


@dataclass(frozen=True)
class Image:
    """A virtual environment as the Dockerfile of a deployable makes it."""

    python: Path

    def run(self, *arguments: str, place: Path, environment: Mapping[str, str] | None = None) -> str:
        """Run its Python elsewhere than in the repository; what it printed."""
        variables = {**clean_environment(), **(environment or {})}
        return _output([str(self.python), *arguments], place, variables)


def build_wheels(folder: Path) -> Path:
    """The wheels of all of our packages."""
    for one in distributions():
        _uv("build", "--wheel", "--offline", "--no-build-isolation", "--out-dir", folder, ROOT / one.folder)
    return folder


def make_environment(folder: Path) -> Path:
    """An empty environment of the Python that runs the tests; the path of its own."""
    _uv("venv", "--no-project", folder)
    return folder / "bin" / "python"


def fill(python: Path, wheels: Path, one: Distribution) -> Image:
    """Put into the environment what the deployable's image has, and take everything else out of it."""
    lock: list[str | Path] = ["pip", "sync", "--python", python, "--require-hashes", "--no-build", ROOT / lock_of(one)]
    try:
        _uv(*lock, "--offline")
    except AssertionError:  # this machine has not yet seen all of its packages
        _uv(*lock)
    ours = [wheel for wheel in wheels.iterdir() if wheel.name.split("-")[0] in {*SHARED, one.package}]
    assert len(ours) == len(SHARED) + 1
    _uv("pip", "install", "--python", python, "--offline", "--no-deps", *ours)
    return Image(python)


def installed(python: Path) -> set[str]:
    """Names of the packages in an environment."""
    listed = _uv("pip", "freeze", "--python", python)
    return {line.partition("==")[0].partition(" @ ")[0] for line in listed.splitlines()}


def _uv(*arguments: str | Path) -> str:
    chosen = {} if "--python" in arguments else {"UV_PYTHON": sys.executable}
    return _output([tool("uv"), *map(str, arguments)], ROOT, {**_registry(), **chosen})


@cache
def _registry() -> Mapping[str, str]:
    return uv_environment(Path(sys.executable))


def _output(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[:6])}: {done.stderr}"
    return done.stdout
