"""The words of an aggregate that its audit entries keep sealed."""

from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from crm_platform.sealing.declare import InTrail
from crm_platform.sealing.members import SealedPart

GONE: Final = "[已删除 / erased]"
"""Stands in the past of a record where a text was that has no default."""


class TrailPart:
    """What an aggregate says about its audit entries, bound to its state.

    Raises:
        TypeError: The declaration does not fit the state, or what else is sealed.
    """

    def __init__(self, declared: InTrail, *, state: type[BaseModel], sealed: SealedPart | None) -> None:
        fields = state.model_fields
        problems = [f"no member {name}" for name in (*declared.members, declared.subject) if name not in fields]
        if sealed is not None and sealed.subject != declared.subject:
            problems.append(f"one subject of what is sealed: {sealed.subject}")
        if problems:
            message = f"{state.__name__}: cannot seal its trail: {'; '.join(problems)}"
            raise TypeError(message)
        self.members = tuple(name for name in fields if name in declared.members)
        self.subject = declared.subject
        self.gone: dict[str, Any] = {name: _gone(state, name) for name in self.members}
        """What stands for them in a state of the past that cannot be read any more."""

    def subject_of(self, state: BaseModel) -> UUID:
        """About whom a state is."""
        subject: UUID = getattr(state, self.subject)
        return subject


def trail_of(declared: InTrail | None, *, state: type[BaseModel], sealed: SealedPart | None) -> TrailPart | None:
    """What an aggregate says about its audit entries, if it says anything.

    Raises:
        TypeError: It does not fit. Entries outlast what a record says: what it seals at times, they always do.
    """
    told = () if declared is None else declared.members
    missing = set(sealed.members) - set(told) if sealed is not None and sealed.when is not None else ()
    if missing:
        message = f"{state.__name__}: its trail has to seal {sorted(missing)}, which is sealed at times"
        raise TypeError(message)
    return None if declared is None else TrailPart(declared, state=state, sealed=sealed)


def _gone(state: type[BaseModel], name: str) -> Any:
    default = state.model_fields[name].get_default(call_default_factory=True)
    return GONE if default is PydanticUndefined else default
