"""Yes and no, and values out of a list, by the words that people use for them."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from crm_platform.cleaning.outcome import Change, Cleaned, NotUnderstood
from crm_platform.cleaning.text import narrow
from crm_platform.words import Words

_YES = frozenset(
    word
    for line in (
        "yes y true t 1 on ok x √ ✓ ✔ ☑",
        "是 是的 有 对 真 正确 启用 开",
    )
    for word in line.split()
)
_NO = frozenset(
    word
    for line in (
        "no n false f 0 off × ✗ ✘ ☐",
        "否 不 不是 无 没有 错 假 错误 停用 禁用 关",
    )
    for word in line.split()
)
_IGNORED = re.compile(r"[\W_]+")
_SHOWN = 12


def cleaned_boolean(value: object) -> Cleaned[bool]:
    """Yes or no: 是/否, 有/无, √/×, yes/no, true/false, 1/0 and the like.

    Raises:
        NotUnderstood: It is neither.
    """
    if isinstance(value, bool):
        return Cleaned(value)
    if isinstance(value, int | Decimal | float) and value in {0, 1}:
        return Cleaned(bool(value), (Change.BOOLEAN_READ,))
    word = narrow(value).strip().casefold() if isinstance(value, str) else ""
    if word in _YES:
        return Cleaned(True, (Change.BOOLEAN_READ,))
    if word in _NO:
        return Cleaned(False, (Change.BOOLEAN_READ,))
    raise NotUnderstood("not_a_boolean", value)


def cleaned_choice(
    value: object, choices: Mapping[str, Words], synonyms: Mapping[str, Sequence[str]] | None = None
) -> Cleaned[str]:
    """The choice that a cell names: by its key, a label in either language, or a synonym.

    Upper case, widths, blanks and punctuation do not count.

    Args:
        value: The cell.
        choices: The labels of every choice, by its key.
        synonyms: Other names of some.

    Raises:
        NotUnderstood: It names none, or several.
    """
    if isinstance(value, str) and value in choices:
        return Cleaned(value)
    wanted = name_key(str(value)) if value is not None else ""
    found = [key for key, labels in choices.items() if wanted and wanted in _names(key, labels, synonyms or {})]
    if len(found) == 1:
        return Cleaned(found[0], (Change.CHOICE_READ,))
    if found:
        raise NotUnderstood("ambiguous_choice", value, known=", ".join(found))
    shown = ", ".join(list(choices)[:_SHOWN])
    raise NotUnderstood("not_a_choice", value, known=f"{shown} …" if len(choices) > _SHOWN else shown)


def name_key(text: str) -> str:
    """A name as it is compared: half-width, lower case, without blanks and punctuation."""
    return _IGNORED.sub("", narrow(text).casefold())


def _names(key: str, labels: Words, synonyms: Mapping[str, Sequence[str]]) -> set[str]:
    return {name_key(one) for one in (key, labels.en, labels.zh, *synonyms.get(key, ()))}
