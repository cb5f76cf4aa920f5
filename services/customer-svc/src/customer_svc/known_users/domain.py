"""What is asked of the people who can sign in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to whom records can belong.

    Attributes:
        id: Of the user.
        team_id: The team to which the person belongs.
        active: Whether the person can sign in.
    """

    id: UUID
    team_id: UUID | None
    active: bool


People = Mapping[str, Sequence[Person]]
"""Whom texts may mean."""


def meant(people: Sequence[Person]) -> Sequence[Person]:
    """Of people with the same name those who are meant: who has left counts where nobody else is called so."""
    return [person for person in people if person.active] or people
