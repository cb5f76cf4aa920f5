"""A purpose and its texts."""

from datetime import datetime
from typing import Any

from crm_contracts.privacy.v1 import ConsentText, ContactMeans, LawfulBasis
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("consent purpose", "同意用途")


class Purpose(AggregateState):
    """Something for which people are turned to, such as a newsletter."""

    code: str
    title_zh: str
    title_en: str
    basis: LawfulBasis = LawfulBasis.CONSENT
    channels: tuple[ContactMeans, ...] = ()
    double_opt_in: bool = False
    valid_days: int | None = None
    texts: tuple[ConsentText, ...] = ()
    active: bool = True

    def changed(self, changes: dict[str, Any], *, zh: str | None, en: str | None, at: datetime) -> "Purpose":
        """With other members; a text that differs from the present one becomes its next version."""
        after = self.with_(**changes)
        present = self.texts[-1] if self.texts else None
        if zh is None or en is None or (present is not None and (present.zh, present.en) == (zh, en)):
            return after
        return after.with_(texts=(*self.texts, ConsentText(version=len(self.texts) + 1, zh=zh, en=en, valid_from=at)))

    def has_text(self, version: int) -> bool:
        """Whether there is this version of the text."""
        return 1 <= version <= len(self.texts)
