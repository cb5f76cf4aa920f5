"""Texts for people, in the two languages of the product."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in both languages."""

    en: str
    zh: str

    def into(self, language: str) -> str:
        """The text in ``language``: ``zh``, or English for any other."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en
