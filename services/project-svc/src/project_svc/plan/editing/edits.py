"""What an edit of a plan says; a task is referred to by its id, or by a key of the same edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from crm_contracts.plan.v1 import LinkKind


class _Unsaid:
    """What an edit says nothing about."""


UNSAID: Final = _Unsaid()


class LinkEdit(NamedTuple):
    """What a task shall wait for; ``pointer`` is where it stands in the request."""

    task: str
    kind: LinkKind
    lag: int
    elapsed: bool
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEdit:
    """A new task, or changes of one that is there.

    Attributes:
        pointer: Where it stands in the request.
        id: The task that is changed; None for a new one.
        key: How other parts of the edit call a new one.
        given: Members of the state with their new values, but for its place and its links.
        parent: The summary that it goes into, as its last; None for the top.
        links: What it waits for; None leaves that as it is.
        base: In proportion to which task it earns its value, if the edit says that it earns so.
    """

    pointer: str
    id: UUID | None = None
    key: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    parent: str | _Unsaid | None = UNSAID
    links: Sequence[LinkEdit] | None = None
    base: str | None = None


class Place(NamedTuple):
    """A task goes under this parent, behind those of the same parent that are placed before it."""

    task: str
    parent: str | None
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """One edit of a plan: first what goes, then what comes or changes, then the order.

    Attributes:
        remove: Tasks that go, with all that is in them and all links to them; and where they stand in the request.
        put: Tasks that come or change.
        places: Where tasks go; those of the same parents that are not named come behind, in their order.
    """

    remove: Sequence[tuple[UUID, str]] = ()
    put: Sequence[TaskEdit] = ()
    places: Sequence[Place] = ()
