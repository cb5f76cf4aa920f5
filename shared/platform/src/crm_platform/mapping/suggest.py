"""Suggestions: by what a column is called, and by what is in it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from crm_platform.cleaning.choices import name_key
from crm_platform.cleaning.text import narrow
from crm_platform.files.rows import Value
from crm_platform.mapping.evidence import share
from crm_platform.mapping.targets import Target, TargetKind
from crm_platform.words import Words

_REMARK = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|[*#:]")
"""What headers say beside the name: ``电话（必填）``, ``Amount [CNY]``, ``*Name``."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_SAME, _PART, _SIMILAR = 1.0, 0.85, 0.9
"""What a name is worth that is the same, that holds the field's name, that is spelt nearly the same."""
_ALIKE = 0.82
"""From which similarity two spellings count as one; below it are other words."""
_LEAST = 0.7
_SHORTEST, _SHORTEST_LATIN = 2, 4
_TELLING = frozenset({TargetKind.PHONE, TargetKind.EMAIL, TargetKind.URL})
"""Kinds that values alone give away."""
_BY_VALUES, _CLEAR_SHARE = 0.6, 0.8
_CONTRADICTED = 0.4
"""What is left of the confidence where no value fits."""
_ENOUGH = 0.5


class Reason(StrEnum):
    """Why a column was given to a field."""

    SAME_NAME = "same_name"
    PART_OF_NAME = "part_of_name"
    SIMILAR_NAME = "similar_name"
    VALUES = "values"
    NONE = "none"


REASONS: Mapping[Reason, Words] = {
    Reason.SAME_NAME: Words("the column is called “{name}”", "列名为“{name}”"),
    Reason.PART_OF_NAME: Words("the column's name holds “{name}”", "列名包含“{name}”"),
    Reason.SIMILAR_NAME: Words("the column's name is much like “{name}”", "列名与“{name}”相近"),
    Reason.VALUES: Words("the values look like it", "数据与该字段相符"),
    Reason.NONE: Words("no field fits", "没有合适的字段"),
}
_SHARE = Words("{percent} % of the values fit", "{percent}% 的数据相符")


@dataclass(frozen=True, slots=True)
class Source:
    """A column of a file.

    Attributes:
        name: Its header.
        values: Some of its values; a hundred are plenty.
    """

    name: str
    values: Sequence[Value] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column probably is.

    Attributes:
        column: Its header.
        target: Name of the field; None where none fits.
        confidence: From 0 to 1.
        reason: What speaks for it.
        because: The reason for people, with the share of values that fit.
    """

    column: str
    target: str | None
    confidence: float
    reason: Reason
    because: Words


@dataclass(frozen=True, slots=True)
class _Match:
    source: Source
    target: Target
    confidence: float
    reason: Reason
    name: str
    share: float | None


def suggestions(sources: Sequence[Source], targets: Sequence[Target]) -> list[Suggestion]:
    """A suggestion for every column, in their order; no field is suggested twice, but for those that take many.

    The best pair is settled first, then the best of the rest. Confidence is what the name is worth (1 for the same, up
    to 0.85 for one that holds the field's, 0.9 of the similarity of spellings), lowered as far as the values do not
    fit; values alone count where their form is telling.
    """
    matches = sorted(_matches(sources, targets), key=lambda match: -match.confidence)
    taken: set[str] = set()
    found: dict[str, Suggestion] = {}
    for match in matches:
        if match.source.name in found or match.target.name in taken:
            continue
        found[match.source.name] = _suggestion(match)
        if not match.target.many:
            taken.add(match.target.name)
    nothing = REASONS[Reason.NONE]
    return [found.get(one.name) or Suggestion(one.name, None, 0.0, Reason.NONE, nothing) for one in sources]


def _matches(sources: Iterable[Source], targets: Sequence[Target]) -> Iterable[_Match]:
    names = {target.name: [(one, name_key(one)) for one in _names(target)] for target in targets}
    for source in sources:
        key = name_key(_REMARK.sub("", narrow(source.name)))
        for target in targets:
            fitting = share(source.values, target)
            has_form = fitting is not None and fitting >= _CLEAR_SHARE
            tried = (_worth(key, *one, has_form=has_form) for one in names[target.name])
            worth, reason, name = max(tried, key=lambda one: one[0])
            confidence, reason = _confidence(worth, reason, fitting, target)
            if confidence >= _ENOUGH:
                yield _Match(source, target, confidence, reason, name, fitting)


def _names(target: Target) -> tuple[str, ...]:
    return (target.name, target.labels.en, target.labels.zh, *target.synonyms)


def _worth(header: str, name: str, key: str, *, has_form: bool) -> tuple[float, Reason, str]:
    if not header or not key:
        return 0.0, Reason.NONE, name
    if header == key:
        return _SAME, Reason.SAME_NAME, name
    if _holds(header, key, has_form=has_form):
        # The more of the header is explained, the better: 电话 explains more of 联系电话 than of 售后服务电话.
        return _PART * (_LEAST + (1 - _LEAST) * len(key) / len(header)), Reason.PART_OF_NAME, name
    alike = fuzz.ratio(header, key) / 100
    return (_SIMILAR * alike, Reason.SIMILAR_NAME, name) if alike >= _ALIKE else (0.0, Reason.NONE, name)


def _holds(header: str, key: str, *, has_form: bool) -> bool:
    if len(key) < (_SHORTEST if _HAN.search(key) else _SHORTEST_LATIN):
        return False
    # What a thing is stands last: 客户名称 is a name, 名称来源 is none. Where the values can tell, any place will do.
    return key in header if has_form else header.endswith(key)


def _confidence(worth: float, reason: Reason, fitting: float | None, target: Target) -> tuple[float, Reason]:
    if fitting is None:
        return worth, reason
    if worth > 0:
        return worth * (_CONTRADICTED + (1 - _CONTRADICTED) * fitting), reason
    is_telling = target.kind in _TELLING or target.matches is not None
    return (_BY_VALUES * fitting, Reason.VALUES) if is_telling and fitting >= _CLEAR_SHARE else (0.0, reason)


def _suggestion(match: _Match) -> Suggestion:
    texts = REASONS[match.reason]
    parts = [(texts.en.format(name=match.name), texts.zh.format(name=match.name))]
    if match.share is not None:
        percent = round(100 * match.share)
        parts.append((_SHARE.en.format(percent=percent), _SHARE.zh.format(percent=percent)))
    because = Words("; ".join(one for one, _ in parts), "；".join(two for _, two in parts))
    return Suggestion(match.source.name, match.target.name, round(match.confidence, 2), match.reason, because)
