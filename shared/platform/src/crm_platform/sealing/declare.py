"""What an aggregate says about its personal data."""

from dataclasses import dataclass

from crm_platform.sealing.record_keys import RecordKeys


@dataclass(frozen=True, slots=True)
class Sealed:
    """The members of an aggregate's state that are personal data.

    Attributes:
        members: Their names, in the order in which they are shown. Each has a default, which is what an erased record
            shows; in the snapshot of the events they may be empty too, since that is how events carry them.
        keys: By which of their values records are found; kept up to date in the statement that writes a record.
        subject: The member that says about whom they are, and thus with whose key they are sealed: the record itself
            (``id``), or another record such as the customer.
    """

    members: tuple[str, ...]
    subject: str = "id"
    keys: RecordKeys | None = None
