"""What is written must also be registered: slices in their service, events in the contracts."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from tools.layout import Distribution, deployables, distributions
from tools.rules.base import Finding, RepositoryRule
from tools.rules.source import SourceFile

_ENTRY_POINTS = ("endpoints", "consumers")


class SlicesRegistered(RepositoryRule):
    """An endpoint or consumer that the service's list does not name is dead code that looks alive."""

    id = "slices-registered"

    def check(self, root: Path) -> Iterator[Finding]:
        """Entry points of slices that `slices.py` does not import."""
        for one in deployables(root):
            yield from self._check_service(root, one)

    def _check_service(self, root: Path, one: Distribution) -> Iterator[Finding]:
        package = root / one.sources / one.package
        registry = package / "slices.py"
        if not registry.is_file():
            yield self.finding(one.folder, f"there is no {one.package}/slices.py")
            return
        path = registry.relative_to(root)
        imported = {found.target for found in SourceFile(path, registry.read_text(encoding="utf-8")).imports}
        for role in _ENTRY_POINTS:
            for module in sorted(package.glob(f"*/{role}.py")):
                name = f"{one.package}.{module.parent.name}.{role}"
                if not any(target == name or target.startswith(f"{name}.") for target in imported):
                    yield self.finding(path, f"{name} is not registered here")


class EventsRegistered(RepositoryRule):
    """Only what the registry lists is validated, documented and compared with the last release."""

    id = "events-registered"

    def check(self, root: Path) -> Iterator[Finding]:
        """Event and message classes that are in no list."""
        source = next(one.sources for one in distributions(root) if one.package == "crm_contracts")
        registry = import_module("crm_contracts.registry")
        listed = {*registry.EVENTS.values(), *registry.MESSAGES.values()}
        for kind in _contract_classes():
            if kind not in listed:
                path = source / f"{kind.__module__.replace('.', '/')}.py"
                yield self.finding(path, f"{kind.__name__} is not in the list of its module")


class EventsProduced(RepositoryRule):
    """An event that nobody publishes is a promise that nobody keeps."""

    id = "events-produced"

    def check(self, root: Path) -> Iterator[Finding]:
        """Events whose class the service that should publish them never uses."""
        producers: dict[str, Any] = import_module("crm_contracts.registry").PRODUCERS
        ours = {one.name: one for one in distributions(root)}
        for service, events in producers.items():
            used = _names_used(root, ours[service]) if service in ours else set()
            for event in events:
                if event.__name__ not in used:
                    folder = ours[service].folder if service in ours else "services"
                    yield self.finding(folder, f"{service} never publishes {event.type} ({event.__name__})")


def _contract_classes() -> Iterator[type]:
    """Classes of the contracts with a wire type of their own."""
    contracts = import_module("crm_contracts")
    base = import_module("crm_contracts.base")
    for info in walk_packages(contracts.__path__, "crm_contracts."):
        module = import_module(info.name)
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if own and issubclass(kind, base.DomainEvent | base.InboundMessage) and "type" in vars(kind):
                yield kind


def _names_used(root: Path, one: Distribution) -> set[str]:
    """Names that the distribution's code mentions outside of its imports and of what it consumes.

    Code of the platform counts where the list of slices imports a mechanism: such as saved views, it publishes.
    """
    package = root / one.sources / one.package
    used: set[str] = set()
    for path in [*package.rglob("*.py"), *_mechanisms(root, package / "slices.py")]:
        if path.name != "consumers.py":
            used |= _mentioned(ast.parse(path.read_text(encoding="utf-8")))
    return used


def _mechanisms(root: Path, registry: Path) -> Iterator[Path]:
    """Modules of the folders of the platform from which ``registry`` imports."""
    if not registry.is_file():
        return
    platform = next(found for found in distributions(root) if found.package == "crm_platform")
    source = SourceFile(registry.relative_to(root), registry.read_text(encoding="utf-8"))
    paths = {
        tuple(found.target.split(".")[1:-2]) for found in source.imports if found.target.startswith("crm_platform.")
    }
    for path in sorted(paths - {()}):
        yield from (root / platform.sources / platform.package).joinpath(*path).glob("*.py")


def _mentioned(node: ast.AST) -> set[str]:
    """Names in ``node``, but for what is registered as consumed."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Consumer":
        return set()
    own = {node.id} if isinstance(node, ast.Name) else {node.attr} if isinstance(node, ast.Attribute) else set()
    return own.union(*map(_mentioned, ast.iter_child_nodes(node)))
