"""Texts that many request schemas take: in both languages, and expressions."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from crm_contracts.base import Bilingual
from crm_platform.cel import DEFAULT_LIMITS
from crm_platform.http.fields import LongText, ShortText

Expression = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=DEFAULT_LIMITS.max_length)
]
"""One in CEL."""


class Label(BaseModel):
    """A short text in both languages."""

    model_config = ConfigDict(extra="forbid")

    en: ShortText
    zh: ShortText

    def told(self) -> Bilingual:
        """As it is kept."""
        return Bilingual(en=self.en, zh=self.zh)


class BilingualText(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid")

    en: LongText
    zh: LongText

    def told(self) -> Bilingual:
        """As it is kept."""
        return Bilingual(en=self.en, zh=self.zh)
