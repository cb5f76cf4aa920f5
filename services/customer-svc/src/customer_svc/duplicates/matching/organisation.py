"""Names of organisations, taken apart."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from customer_svc.duplicates.matching.organisation_words import (
    FORM_WORDS,
    GENERIC,
    HAN_BRANCHES,
    HAN_FORMS,
    HAN_GENERIC,
    LATIN_BRANCHES,
    PARTICLES,
    legal_forms,
)
from customer_svc.duplicates.matching.regions import CITIES, PROVINCES, leading_division
from customer_svc.duplicates.matching.text import fold, is_han, words

_NUMERAL = re.compile(r"\d+|[ivx]{2,}|第?[一二三四五六七八九十百]+(?=期|号|店|厂)|第[一二三四五六七八九十百]+")
_BRANCH_ENDS = tuple(HAN_BRANCHES)
_BRANCH = re.compile(rf"^(?P<whole>.+?公司|.+?银行|.+?(?=分|支))(?P<part>.*(?:{'|'.join(HAN_BRANCHES)}))$")
_IN_BRACKETS = re.compile(r"[(（【\[](.*?)[)）】\]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationName:
    """What a company's name is made of.

    Attributes:
        core: The words that tell it from others, in order; for Chinese the trade name (字号).
        generic: Lines of business and fillers.
        form: The legal form as words; empty if there is none.
        region: The administrative division in the name; empty if there is none.
        branch: Which part of the legal entity is meant; empty for the entity itself.
        numerals: Numbers in the name, which tell siblings apart (``Fund II``, 第三分公司).
        whole: The core without spaces.
        joined: The same; of Chinese names with the line of business, as the trade name alone is short.
        has_han: Whether a word of the core is Chinese.
        has_other: Whether a word of the core is not.
    """

    core: tuple[str, ...]
    generic: tuple[str, ...] = ()
    form: str = ""
    region: str = ""
    branch: str = ""
    numerals: frozenset[str] = frozenset()
    whole: str = field(init=False, compare=False, repr=False)
    joined: str = field(init=False, compare=False, repr=False)
    has_han: bool = field(init=False, compare=False, repr=False)
    has_other: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Worked out once, as each name is compared with many.
        whole = "".join(self.core)
        has_han, work_out = is_han(whole), object.__setattr__
        work_out(self, "whole", whole)
        work_out(self, "joined", whole + "".join(self.generic) if has_han else whole)
        work_out(self, "has_han", has_han)
        work_out(self, "has_other", not all(map(is_han, self.core)))


@lru_cache(maxsize=4096)
def parse_organisation(name: str) -> OrganisationName:
    """Take a company's name apart; the core is never empty unless the name has no letter or digit."""
    return _parse_han(fold(name)) if is_han(name) else _parse_latin(words(name))


def _parse_latin(found: tuple[str, ...]) -> OrganisationName:
    stem, form = _without_form(found)
    branch = " ".join(word for word in stem if word in LATIN_BRANCHES)
    plain = [word for word in stem if word not in LATIN_BRANCHES]
    numerals = frozenset(word for word in plain if _NUMERAL.fullmatch(word))
    core = tuple(word for word in plain if word not in GENERIC and word not in PARTICLES)
    generic = tuple(word for word in plain if word in GENERIC)
    if not core:
        core, generic = tuple(plain) or found, ()
    return OrganisationName(core=core, generic=generic, form=form, branch=branch, numerals=numerals)


def _without_form(found: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The name without legal forms at its end and its start, and these; something always remains."""
    forms: list[str] = []
    rest = found
    while (size := _form_at(rest, end=True)) and len(rest) > size:
        forms.append(" ".join(rest[-size:]))
        rest = rest[:-size]
    while (size := _form_at(rest, end=False)) and len(rest) > size and not forms:
        forms.append(" ".join(rest[:size]))
        rest = rest[size:]
    return rest, " ".join(sorted(forms))


def _form_at(found: tuple[str, ...], *, end: bool) -> int:
    """How many words of the longest legal form at the end or the start; 0 if there is none."""
    for size in range(min(FORM_WORDS, len(found)), 0, -1):
        if (found[-size:] if end else found[:size]) in legal_forms():
            return size
    return 0


def _parse_han(folded: str) -> OrganisationName:
    whole, branch = _without_branch(_brackets_resolved(folded))
    parts = words(whole)
    region, rest = leading_division("".join(parts))
    stem, form = _without_han_form(rest)
    core, generic = _trade_name(stem)
    if core[0] in GENERIC:  # 上海银行: without its place the name would say nothing
        core, region = (region + core[0],), ""
    latin = [word for word in parts if not is_han(word)]
    numerals = frozenset(_NUMERAL.findall(whole)) - set(latin) | {word for word in latin if _NUMERAL.fullmatch(word)}
    return OrganisationName(
        core=core, generic=generic, form=form, region=region, branch=branch, numerals=frozenset(numerals)
    )


def _brackets_resolved(name: str) -> str:
    """The name with a division in brackets in front, as 腾讯科技(深圳)有限公司 is one from 深圳; others stay."""

    def place(found: re.Match[str]) -> str:
        inner = found[1].removesuffix("市").removesuffix("省")
        if inner in PROVINCES or inner in CITIES:
            places.append(inner)
            return ""
        return "" if inner in {"集团", "中国"} else found[1]

    if _IN_BRACKETS.search(name) is None:
        return name
    places: list[str] = []
    rest = _IN_BRACKETS.sub(place, name)
    return "".join(places) + rest


def _without_branch(name: str) -> tuple[str, str]:
    found = _BRANCH.match(name) if name.endswith(_BRANCH_ENDS) else None
    return (found["whole"], found["part"]) if found else (name, "")


def _without_han_form(name: str) -> tuple[str, str]:
    form = HAN_FORMS.longest(name)
    return name.removesuffix(form), form


def _trade_name(stem: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The trade name in front and the lines of business behind it; the name itself where nothing would be left."""
    rest, behind = stem, list[str]()
    while found := HAN_GENERIC.longest(rest):
        behind.insert(0, found)
        rest = rest.removesuffix(found)
    if len(rest) == 1 and behind:
        rest += behind.pop(0)
    return words(rest) or (rest,), tuple(behind)
