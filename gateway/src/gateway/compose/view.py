"""What a composed view is made of: declarations only, see the package ``views``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any
from urllib.parse import quote

NEWEST = 20
"""Records that a list in a view shows; its ``next_cursor`` leads to the others."""

_SUBJECT = "{subject."


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One GET request to one service, whose answer becomes one member of the view.

    Path and query are templates: ``{customer_id}`` is a parameter of the view's own path, ``{caller_id}``
    the caller, ``{subject.customer_id}`` a member of the view's subject, for which the part then waits.
    """

    service: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    _template: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pairs = "&".join(f"{name}={_encoded(text)}" for name, text in self.query.items())
        object.__setattr__(self, "_template", f"{self.path}?{pairs}" if pairs else self.path)

    @property
    def waits(self) -> bool:
        """Whether the subject has to be known first."""
        return _SUBJECT in self._template

    def target(self, values: Mapping[str, Any]) -> str | None:
        """Path and query to ask for; None where a member of the subject is null, so that there is nothing to ask.

        Args:
            values: What the templates refer to; texts that can stand in a URL, such as ids.
        """
        try:
            return self._template.format_map(values)
        except Absent:
            return None


def _encoded(template: str) -> str:
    """``template`` as part of a query; what is in braces stays."""
    parts = Formatter().parse(template)
    return "".join(quote(text, safe="") + (f"{{{name}}}" if name else "") for text, name, _, _ in parts)


def record(service: str, path: str) -> Part:
    """A single record or report."""
    return Part(service=service, path=path)


def newest(service: str, path: str, where: str, **more: str) -> Part:
    """The newest records of a list for which the CEL expression ``where`` holds."""
    return Part(
        service=service, path=path, query={"filter": where, "sort": "-created_at", "limit": str(NEWEST), **more}
    )


class Absent(Exception):
    """A member of the subject is null."""


class Subject:
    """The subject's members, for templates."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    def __getattr__(self, name: str) -> str:
        value = self._members.get(name)
        if value is None:
            raise Absent(name)
        return quote(str(value), safe="")


Members = Mapping[str, Part | Mapping[str, Part]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One screen's worth of data.

    Attributes:
        name: Name of the model in the OpenAPI document.
        path: Below ``/api/v1``.
        scope: What the caller must hold; what the parts need beyond that is their services' business.
        members: Parts, some of them grouped, in the order of the answer.
        subject: The member that the view is about: where its service says that it does not exist or is not
            the caller's to see, this is the answer of the view.
    """

    name: str
    path: str
    scope: str
    members: Members
    subject: str | None = None

    def parts(self) -> Iterator[tuple[str, Part]]:
        """All parts with their names, such as ``sales.orders``."""
        for name, member in self.members.items():
            if isinstance(member, Part):
                yield name, member
            else:
                yield from ((f"{name}.{inner}", part) for inner, part in member.items())


def kept_paths(views: Iterable[View]) -> dict[str, tuple[str, ...]]:
    """Last segments by collection of those views whose path is inside a service's collection."""
    kept: dict[str, tuple[str, ...]] = {}
    for view in views:
        collection, *rest = view.path.strip("/").split("/")
        if rest:
            kept[collection] = (*kept.get(collection, ()), rest[-1])
    return kept
