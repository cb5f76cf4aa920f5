"""Numbers, shares and money as people type them."""

import re
from dataclasses import dataclass
from decimal import Decimal

from crm_platform.cleaning.outcome import Change, Cleaned, NotUnderstood
from crm_platform.cleaning.text import cleaned_text, narrow
from crm_platform.currencies import MINOR_UNITS

_UNITS: dict[str, Decimal] = {
    name: Decimal(size)
    for size, names in {
        "1": ("",),
        "0.01": ("%",),
        "0.001": ("‰",),
        "1e2": ("百",),
        "1e3": ("千", "k", "thousand"),
        "1e4": ("万", "萬"),
        "1e5": ("十万",),
        "1e6": ("百万", "m", "million"),
        "1e7": ("千万",),
        "1e8": ("亿", "億"),
        "1e9": ("bn", "billion"),
        "1e12": ("万亿",),
    }.items()
    for name in names
}
_NUMBER = re.compile(
    r"(?P<sign>[-+\u2212]?)\s*(?P<digits>\d[\d,.'\s_]*|[.,]\d+)(?:e(?P<exponent>[-+]?\d{1,3}))?"
    rf"\s*(?P<unit>{'|'.join(sorted(map(re.escape, filter(None, _UNITS)), key=len, reverse=True))})?",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\((.+)\)")
_MAX_DIGITS = 38

_SIGNS: dict[str, tuple[str, ...]] = {
    "¥": ("CNY", "JPY"),
    "$": ("USD", "AUD", "CAD", "HKD", "SGD", "TWD", "NZD", "MXN"),
    "£": ("GBP",),
    "€": ("EUR",),
    "₩": ("KRW",),
    "₹": ("INR",),
    "₽": ("RUB",),
    "฿": ("THB",),
    "₫": ("VND",),
    "US$": ("USD",),
    "HK$": ("HKD",),
    "NT$": ("TWD",),
    "S$": ("SGD",),
    "A$": ("AUD",),
    "C$": ("CAD",),
    "RMB": ("CNY",),
    "人民币": ("CNY",),
    "人民幣": ("CNY",),
    "元人民币": ("CNY",),
    "元": ("CNY", "HKD", "TWD"),
    "圆": ("CNY",),
    "块": ("CNY",),
    "美元": ("USD",),
    "美金": ("USD",),
    "欧元": ("EUR",),
    "英镑": ("GBP",),
    "日元": ("JPY",),
    "円": ("JPY",),
    "港元": ("HKD",),
    "港币": ("HKD",),
    "新台币": ("TWD",),
    "台币": ("TWD",),
    "韩元": ("KRW",),
    "新加坡元": ("SGD",),
    "澳元": ("AUD",),
    "加元": ("CAD",),
}
_SIGN = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
_BEFORE = re.compile(rf"([-+\u2212]?)\s*({_SIGN}|[A-Z]{{3}}(?![A-Z]))[\s:]*", re.IGNORECASE)
_AFTER = re.compile(rf"\s*({_SIGN}|(?<![A-Z])[A-Z]{{3}})\s*[整正]?(?:\.?-)?$", re.IGNORECASE)
_ROUND = re.compile(r"(?:[.,]-+|[整正])$")


@dataclass(frozen=True, slots=True)
class Amount:
    """Money.

    Attributes:
        amount: How much.
        currency: ISO 4217 code.
    """

    amount: Decimal
    currency: str


def cleaned_number(value: object, *, decimal_mark: str = ".") -> Cleaned[Decimal]:
    """The number that a cell means: with thousands separators, in brackets for minus, with 万, 亿, k, million, or %.

    Args:
        value: The cell.
        decimal_mark: What separates the fraction: ``.`` as in Chinese and English, or ``,``; the other groups digits.

    Raises:
        NotUnderstood: It is no number.
    """
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite():
            return Cleaned(number)
    if not isinstance(value, str):
        raise NotUnderstood("not_a_number", value)
    number, unit = _read(narrow(cleaned_text(value).value), value, decimal_mark)
    changes = () if str(number) == value else (Change.NUMBER_READ,)
    return Cleaned(number, (*changes, Change.UNIT_APPLIED) if unit else changes)


def cleaned_integer(value: object, *, decimal_mark: str = ".") -> Cleaned[int]:
    """The same for whole numbers; ``12.0`` is one.

    Raises:
        NotUnderstood: It is no number, or not a whole one.
    """
    found = cleaned_number(value, decimal_mark=decimal_mark)
    if found.value != found.value.to_integral_value():
        raise NotUnderstood("not_whole", value)
    return Cleaned(int(found.value), found.changes)


def cleaned_money(value: object, *, currency: str | None = None, decimal_mark: str = ".") -> Cleaned[Amount]:
    """The money that a cell means: ``¥1,200.50``, ``US$ 3k``, ``1.2万元``, ``人民币 100 元整``, ``EUR 5``.

    Args:
        value: The cell.
        currency: The currency of cells without a sign, and of signs that several currencies share.
        decimal_mark: See :func:`cleaned_number`.

    Raises:
        NotUnderstood: It is no amount, has no currency, or a sign of several.
    """
    if not isinstance(value, str):
        if currency is None:
            raise NotUnderstood("not_money", value)
        return Cleaned(Amount(cleaned_number(value).value, currency))
    text = narrow(cleaned_text(value).value)
    rest, signs = _unsigned(text)
    rest = _ROUND.sub("", rest)
    try:
        number, unit = _read(rest, value, decimal_mark)
    except NotUnderstood:
        raise NotUnderstood("not_money", value) from None
    found = _currency(signs, currency, value)
    changes = [Change.NUMBER_READ] if str(number) != value else []
    changes += [Change.UNIT_APPLIED] if unit else []
    changes += [Change.CURRENCY_READ] if signs else []
    return Cleaned(Amount(number, found), tuple(changes))


def _unsigned(text: str) -> tuple[str, list[str]]:
    """The text without the signs of a currency, and the signs."""
    signs: list[str] = []
    if found := _BEFORE.match(text):
        signs.append(found[2].upper())
        text = found[1] + text[found.end() :]
    if found := _AFTER.search(text):
        signs.append(found[1].upper())
        text = text[: found.start()]
    return text, signs


def _currency(signs: list[str], wanted: str | None, value: object) -> str:
    """The one currency that all signs can stand for."""
    possible: list[str] | None = None
    for sign in signs:
        named = _SIGNS.get(sign) or tuple({sign} & MINOR_UNITS.keys())
        if not named:
            raise NotUnderstood("currency_unknown", value, sign=sign)
        possible = [one for one in named if possible is None or one in possible]
    if possible is None:
        if wanted is None:
            raise NotUnderstood("not_money", value)
        return wanted
    if wanted in possible:
        return wanted
    if len(possible) == 1:
        return possible[0]
    if not possible:
        raise NotUnderstood("not_money", value)
    raise NotUnderstood("ambiguous_currency", value, known=", ".join(possible))


def _read(text: str, value: object, decimal_mark: str) -> tuple[Decimal, str]:
    bracketed = _BRACKETS.fullmatch(text)
    found = _NUMBER.fullmatch(bracketed[1] if bracketed else text)
    if found is None:
        raise NotUnderstood("not_a_number", value)
    digits = _plain_digits(found["digits"].strip(), decimal_mark)
    if digits is None or len(digits) > _MAX_DIGITS:
        raise NotUnderstood("not_a_number", value)
    number = Decimal(f"{digits}E{found['exponent'] or 0}")
    if found["sign"] in {"-", "\N{MINUS SIGN}"} or bracketed:
        number = -number
    unit = (found["unit"] or "").lower()
    number *= _UNITS[unit]
    return Decimal(f"{number.normalize():f}"), unit


def _plain_digits(text: str, decimal_mark: str) -> str | None:
    """The digits with a point before the fraction; None where they are grouped wrongly."""
    whole, mark, fraction = text.partition(decimal_mark)
    group = "," if decimal_mark == "." else "."
    if mark and not fraction.isdigit() and fraction:
        return None
    separators = set(re.findall(r"[^\d]", whole))
    if len(separators) > 1 or not separators <= {group, "'", " ", "_"}:
        return None
    pieces = re.split(r"[^\d]", whole)
    if len(pieces) > 1 and not (1 <= len(pieces[0]) <= 3 and all(len(piece) == 3 for piece in pieces[1:])):  # noqa: PLR2004 - thousands
        return None
    return f"{''.join(pieces) or '0'}.{fraction or '0'}"
