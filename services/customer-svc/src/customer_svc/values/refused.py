"""How a value says that it is none."""

from collections.abc import Sequence

from crm_platform.words import Words

Place = tuple[str | int, ...]
"""Steps from the body to the value, such as ``("phones", 1, "number")``."""


class Refused(Exception):
    """A value breaks a rule.

    Attributes:
        code: Stable name of the rule, such as ``invalid_phone``.
        words: What is wrong, for people.
        place: Where the value stands, as far as is known here; callers put their own steps in front.
    """

    def __init__(self, code: str, words: Words, place: Place = ()) -> None:
        super().__init__(words.en)
        self.code = code
        self.words = words
        self.place = place

    def at(self, *steps: str | int) -> "Refused":
        """The same refusal, seen from ``steps`` further out."""
        return Refused(self.code, self.words, (*steps, *self.place))


class AllRefused(Exception):
    """Several values break rules; whoever asked is told of all of them at once."""

    def __init__(self, refusals: Sequence[Refused]) -> None:
        super().__init__("; ".join(str(one) for one in refusals))
        self.refusals = tuple(refusals)
