"""All rules."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.layout import Distribution, deployables, python_files
from tools.rules import conduct, imports, persistence, processes, registration, repository
from tools.rules.base import FileRule, Finding, RepositoryRule
from tools.rules.source import SourceFile

FILE_RULES: tuple[FileRule, ...] = (
    persistence.NoCommit(),
    persistence.StatementsInRepository(),
    persistence.ConnectInPlatform(),
    processes.ClockOnly(),
    processes.NoBlockingSleep(),
    processes.KeepTasks(),
    processes.NoBaseHttpMiddleware(),
    imports.NoDeferredImport(),
    imports.SiblingByService(),
    imports.ContractsAlone(),
    imports.AnnotationsAtRunTime(),
    conduct.NoHttpException(),
    conduct.NoMocks(),
    conduct.ShortFunction(),
    conduct.ShortFile(),
)

REPOSITORY_RULES: tuple[RepositoryRule, ...] = (
    registration.SlicesRegistered(),
    registration.EventsRegistered(),
    registration.EventsProduced(),
    repository.PortableFiles(),
    repository.UniquePackages(),
    repository.TestPackages(),
)


def findings(root: Path, only: Sequence[Path] = ()) -> Iterator[Finding]:
    """Everything that breaks a rule in the repository at ``root``.

    Args:
        root: The repository.
        only: Python files, relative to the root, to look at instead of everything.
    """
    slices = {one.package: slices_of(root, one) for one in deployables(root)}
    for path in only or python_files(root):
        package = path.parts[path.parts.index("src") + 1] if "src" in path.parts else ""
        file = SourceFile(path, (root / path).read_text(encoding="utf-8"), slices=slices.get(package, ()))
        for rule in FILE_RULES:
            yield from rule.check(file)
    if not only:
        for whole in REPOSITORY_RULES:
            yield from whole.check(root)


def slices_of(root: Path, one: Distribution) -> frozenset[str]:
    """The slices of a service: its folders with use cases of their own; other folders are mechanism."""
    return frozenset(path.parent.name for path in (root / one.sources / one.package).glob("*/service.py"))
