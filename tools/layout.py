"""Where things are in this repository; every tool asks here, so that a new service is found by all of them."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """One installable package of ours: a folder with a ``pyproject.toml`` and ``src/<package>``."""

    name: str
    """As in its pyproject.toml, such as `customer-svc`."""
    folder: Path
    """Relative to the root, such as `services/customer-svc`."""

    @property
    def package(self) -> str:
        """Import name."""
        return self.name.replace("-", "_")

    @property
    def sources(self) -> Path:
        """The folder that makes the package importable."""
        return self.folder / "src"

    @property
    def tests(self) -> Path:
        """The folder that makes the package's tests importable; it may not exist."""
        return self.folder / "tests"

    @property
    def is_service(self) -> bool:
        """Whether it is one of the services behind the gateway."""
        return self.folder.parts[0] == "services"

    @property
    def is_deployable(self) -> bool:
        """Whether it runs as processes of its own: a service or the gateway."""
        return self.is_service or self.name == "gateway"


def distributions(root: Path = ROOT) -> tuple[Distribution, ...]:
    """All packages of ours, in the order in which they build on each other, services sorted by name."""
    folders = [Path("shared/contracts"), Path("shared/platform"), Path("shared/runtime")]
    folders += sorted(path.parent.relative_to(root) for path in root.glob("services/*/pyproject.toml"))
    folders.append(Path("gateway"))
    return tuple(_read(root, folder) for folder in folders if (root / folder / "pyproject.toml").is_file())


def deployables(root: Path = ROOT) -> tuple[Distribution, ...]:
    """The services and the gateway."""
    return tuple(one for one in distributions(root) if one.is_deployable)


def python_folders(root: Path = ROOT) -> tuple[Path, ...]:
    """Folders with Python code of ours, relative to the root."""
    folders = [place for one in distributions(root) for place in (one.sources, one.tests)]
    folders += [Path("tests"), Path("tools"), Path("bench"), Path("examples")]
    return tuple(folder for folder in folders if next((root / folder).rglob("*.py"), None))


def python_files(root: Path = ROOT) -> Iterator[Path]:
    """Every Python file of ours, relative to the root, sorted within its folder."""
    if (root / "conftest.py").is_file():
        yield Path("conftest.py")
    for folder in python_folders(root):
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root)


def _read(root: Path, folder: Path) -> Distribution:
    project = tomllib.loads((root / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Distribution(name=project["name"], folder=folder)
