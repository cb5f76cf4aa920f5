"""State machines as tables: which action leads from which state to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from crm_platform.errors import InvalidTransition
from crm_platform.words import Words

Status = TypeVar("Status", bound=StrEnum)

_NONE = Words("none", "无")


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[Status]):
    """The only truth about a life cycle; rendered as a diagram into the reference docs.

    Attributes:
        what: The thing whose life it is, for messages.
        initial: State of a new one.
        transitions: ``(state, action) -> next state``.
    """

    what: Words
    initial: Status
    transitions: Mapping[tuple[Status, str], Status]

    def after(self, status: Status, action: str) -> Status:
        """The state that ``action`` leads to.

        Raises:
            InvalidTransition: There is no such move; the error names the possible ones.
        """
        following = self.transitions.get((status, action))
        if following is None:
            raise InvalidTransition(
                what=self.what, action=action, status=status.value, allowed=", ".join(self.actions(status)) or _NONE
            )
        return following

    def actions(self, status: Status) -> tuple[str, ...]:
        """What can be done in ``status``."""
        return tuple(action for state, action in self.transitions if state is status)
