"""What an aggregate says about its personal data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """The members of an aggregate's state that are personal data.

    Attributes:
        members: Their names, in the order in which they are shown. Each has a default, which is what an erased record
            shows; in the snapshot of the events they may be empty too, since that is how events carry them.
        subject: The member that says about whom they are, and thus with whose key they are sealed: the record itself
            (``id``), or another record such as the customer.
    """

    members: tuple[str, ...]
    subject: str = "id"
