"""What can go wrong with duplicates."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_platform.errors import Conflict


class PossibleDuplicates(Conflict):
    """Somebody may be there already.

    The member `candidates` tells who: the likeliest first, each with its id, name, version, score (percent), verdict
    and the reasons.
    """

    code = "possible_duplicates"
    title, title_zh = "Possible duplicates", "疑似重复"
    en = "{count} customer(s) may be the same; use one of them, or send `allow_duplicates=true` to go on."
    zh = "有 {count} 个客户可能与之重复；请使用其中之一，或带上 `allow_duplicates=true` 继续。"

    def __init__(self, told: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Args: the candidates as they are told, by language."""
        self._told = told
        super().__init__(count=len(next(iter(told.values()))))

    def members(self, language: str) -> Mapping[str, Any]:
        """The candidates."""
        return {"candidates": self._told[language]}
