"""What an aggregate says about its personal data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_platform.sealing.record_keys import RecordKeys


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A field of the filter language that asks for sealed values.

    Attributes:
        kind: One of the kinds of the record keys.
        normal: The form of a text in which those keys are made; None for what is no such value.
        many: Whether it is a list that is asked (``"x" in phones``), and not one value (``phone == "x"``). Either finds
            a record by any value of the kind.
    """

    kind: str
    normal: Callable[[str], str | None]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Sealed:
    """The members of an aggregate's state that are personal data.

    Attributes:
        members: Their names, in the order in which they are shown. Each has a default, which is what an erased record
            shows; in the snapshot of the events they may be empty too, since that is how events carry them.
        keys: By which of their values records are found; kept up to date in the statement that writes a record.
        subject: The member that says about whom they are, and thus with whose key they are sealed: the record itself
            (``id``), or another record such as the customer.
        filters: Fields of the filter language, by name, that ask for values of ``keys``.
        when: A member, true or false, that says of each record whether its members are sealed. They then have columns
            of their own too, which hold them in the clear where it is false. None where they always are.
        blank: What stands for members that have no default.
    """

    members: tuple[str, ...]
    subject: str = "id"
    keys: RecordKeys | None = None
    filters: Mapping[str, FoundBy] = field(default_factory=dict)
    when: str | None = None
    blank: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InTrail:
    """Words about people that rows and events tell in the clear, and that audit entries keep sealed.

    The audit trail keeps what rows and topics lose in time, and nothing in it can be blanked: its chain would break. So
    what may be personal is sealed there under the key of the person, and gone when that is destroyed.

    Attributes:
        members: Their names.
        subject: The member that says about whom they are; that of what else is sealed of the aggregate.
    """

    members: tuple[str, ...]
    subject: str = "id"
