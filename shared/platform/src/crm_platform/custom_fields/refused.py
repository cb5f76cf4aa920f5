"""How a value of a custom field, or its definition, says that it is none."""

from crm_platform.errors import FieldProblem
from crm_platform.words import Words


class Refused(Exception):
    """A value breaks a rule of its field.

    Attributes:
        code: Stable name of the rule, such as ``too_long``.
        words: What is wrong, for people.
    """

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(words.en)
        self.code = code
        self.words = words

    def at(self, pointer: str, language: str) -> FieldProblem:
        """The problem document's line about it."""
        return FieldProblem(pointer, self.code, self.words.into(language))


def refuse(code: str, en: str, zh: str) -> Refused:
    """A refusal in both languages."""
    return Refused(code, Words(en, zh))
