"""What a card says about a person, as members of a contact."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm_contracts.customer.v1 import Phone, PhoneKind
from crm_platform.words import Words
from customer_svc.cards.countries import country_of
from customer_svc.cards.messengers import PROPERTIES, messenger_of
from customer_svc.values.emails import email_key, parse_address
from customer_svc.values.phones import parse_number, phone_key
from customer_svc.values.refused import Refused

Card = Mapping[str, Any]
"""A card as :mod:`crm_platform.files.vcard` reads it."""

_SILENT = frozenset(
    {"fn", "n", "uid", "rev", "kind", "version", "prodid", "x-phonetic-first-name", "x-phonetic-last-name"}
)
_NOISE = frozenset({"voice", "internet", "postal", "parcel", "msg", "text", "video", "x-internet"})
_ADDRESS_TEXT = ("po_box", "extended", "street")
_DISTRICT = re.compile(r"\S*[区區县縣旗镇鎮市]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_DAY = re.compile(r"(?P<year>\d{4}|-)-?(?P<month>\d\d)-?(?P<day>\d\d)(?:T.*)?")
_YEAR_UNKNOWN = "1604"
"""What programs of Apple write where nobody has said the year."""

_MOST = 20
_NO_NAME = Words("the card has no name", "名片没有姓名")
_NO_PERSON = Words("the card is not a person's, but that of `{kind}`", "名片不是个人名片，而是“{kind}”")
_NO_DAY = Words("`{text}` is no day that is understood", "“{text}”不是可识别的日期")
_NO_NUMBER = Words(
    "`{text}` is no phone number of {country}; it is kept as it stands",
    "“{text}”不是 {country} 的有效电话号码，已原样保留",
)
_NO_URL = Words("`{text}` is no web address", "“{text}”不是网址")
_TOO_MANY = Words("more than {limit}; the rest was left out", "超过 {limit} 个，其余已略去")


@dataclass
class Content:
    """What a card says.

    Attributes:
        members: Of a contact, as clients send them.
        unread: Phones whose numbers belong to no numbering plan.
        uid: By which the card is known to whoever made it.
        remarks: What could not be taken over, or not as it is, by its property.
        ignored: Properties for which a contact has no place.
    """

    members: dict[str, Any]
    unread: list[Phone] = field(default_factory=list)
    uid: str | None = None
    remarks: list[tuple[str, str, Words]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def remark(self, name: str, code: str, words: Words, **values: object) -> None:
        """Note that something of a property is lost or doubtful."""
        self.remarks.append((name, code, Words(words.en.format(**values), words.zh.format(**values))))


def content_of(card: Card, country: str) -> Content:
    """What a card says.

    Args:
        card: The card.
        country: Where numbers and addresses are from that do not say so.

    Raises:
        Refused: It has no name, or is not about a person.
    """
    kind = str(card.get("kind") or "individual").lower()
    if kind not in {"individual", "x-individual"}:
        raise Refused(
            "not_a_person", Words(_NO_PERSON.en.format(kind=kind), _NO_PERSON.zh.format(kind=kind)), ("kind",)
        )
    content = Content(_names(card), uid=card.get("uid"))
    addresses = _addresses(card, country)
    here = next((one["country"] for one in addresses), country)
    _take(content, "addresses", "adr", addresses)
    _take(content, "phones", "tel", list(_phones(card, content, here)))
    _take(content, "emails", "email", list(_emails(card, content)))
    _take(content, "messengers", "impp", list(_messengers(card)))
    _take(content, "websites", "url", list(_websites(card, content)))
    _plain(card, content)
    known = {"adr", "tel", "email", "impp", "url", "org", "title", "note", "nickname", "categories", "lang", "bday"}
    known |= {"photo", "x-name-latin", *PROPERTIES, *_SILENT}
    content.ignored = sorted(name for name in card if name not in known)
    return content


def _take(content: Content, member: str, name: str, entries: list[Any]) -> None:
    if len(entries) > _MOST:
        content.remark(name, "too_many", _TOO_MANY, limit=_MOST)
    if entries:
        content.members[member] = entries[:_MOST]


def _names(card: Card) -> dict[str, Any]:
    parts = card.get("n") or {}
    whole = card.get("fn") or " ".join(parts[name] for name in ("given", "additional", "family") if name in parts)
    if not str(whole).strip():
        raise Refused("no_name", _NO_NAME, ("fn",))
    names = {
        "name": str(whole),
        "family_name": parts.get("family"),
        "given_name": parts.get("given"),
        "additional_names": parts.get("additional"),
        "honorific_prefix": parts.get("prefix"),
        "honorific_suffix": parts.get("suffix"),
        "name_latin": _first(card.get("x-name-latin")) or _spoken(card, str(whole)),
    }
    return {name: value for name, value in names.items() if value}


def _spoken(card: Card, whole: str) -> str | None:
    """How a Chinese name is spelled in Latin letters, which programs keep as its sound."""
    parts = [_first(card.get(f"x-phonetic-{part}-name")) for part in ("last", "first")]
    spelled = " ".join(part for part in parts if part)
    return spelled if spelled and _HAN.search(whole) and not _HAN.search(spelled) else None


def _plain(card: Card, content: Content) -> None:
    company, *departments = card.get("org") or [None]
    values = {
        "company": company,
        "department": " / ".join(departments),
        "title": card.get("title"),
        "nickname": ", ".join(card.get("nickname") or ()),
        "notes": card.get("note"),
        "tags": list(dict.fromkeys(card.get("categories") or ())),
        "language": _first(card.get("lang")),
        "photo_url": next((one for one in card.get("photo") or () if _is_web(one)), None),
        "birthday": _birthday(card, content),
    }
    content.members |= {name: value for name, value in values.items() if value}


def _birthday(card: Card, content: Content) -> str | None:
    text = card.get("bday")
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if found is not None:
        year = "-" if found["year"] in {"-", _YEAR_UNKNOWN} else found["year"]
        try:
            date.fromisoformat(f"{'2000' if year == '-' else year}-{found['month']}-{found['day']}")
        except ValueError:
            found = None
        else:
            return f"{year}-{found['month']}-{found['day']}"
    content.remark("bday", "unknown_day", _NO_DAY, text=text)
    return None


def _addresses(card: Card, country: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for one in card.get("adr") or ():
        entry = _address(one, country)
        if entry is not None and entry not in entries:
            entries.append(entry)
    return _with_one_primary(entries)


def _address(one: Card, country: str) -> dict[str, Any] | None:
    parts = {name: one[name] for name in (*_ADDRESS_TEXT, "locality", "region", "code") if one.get(name)}
    if not parts:
        return None
    extended = parts.get("extended", "")
    district = extended if _DISTRICT.fullmatch(extended) else None
    lines = [parts[name] for name in _ADDRESS_TEXT if name in parts and not (district and name == "extended")]
    entry = {
        "country": country_of(one.get("country") or "") or country,
        "province": parts.get("region"),
        "city": parts.get("locality"),
        "district": district,
        "street": ", ".join(" ".join(line.split()) for line in lines),
        "postal_code": parts.get("code"),
        "label": _label(one),
        "primary": one.get("pref") is True,
    }
    return {name: value for name, value in entry.items() if value}


def _phones(card: Card, content: Content, country: str) -> Iterator[dict[str, Any]]:
    entries, seen = [], set[str]()
    for one in card.get("tel") or ():
        text = str(one.get("value") or "").strip()
        if not text:
            continue
        types = one.get("types") or ()
        kind = PhoneKind.MOBILE if {"cell", "pager"} & set(types) else PhoneKind.UNKNOWN
        common = {"entered": text, "kind": kind, "label": _label(one, {"cell"}), "extension": one.get("extension")}
        try:
            number = parse_number(text, country)
        except Refused:
            unread = Phone(**common)
            if phone_key(unread) not in seen:
                seen.add(phone_key(unread))
                content.unread.append(unread)
                content.remark("tel", "invalid_phone", _NO_NUMBER, text=text, country=country)
            continue
        key = f"{number.e164};{one.get('extension') or number.extension or ''}"
        if key not in seen:
            seen.add(key)
            entries.append(common | {"number": number.e164, "primary": one.get("pref") is True})
            entries[-1]["extension"] = entries[-1]["extension"] or number.extension
    yield from _with_one_primary(entries)


def _emails(card: Card, content: Content) -> Iterator[dict[str, Any]]:
    entries, seen = [], set[str | None]()
    for one in card.get("email") or ():
        text = str(one.get("value") or "").strip()
        if not text:
            continue
        try:
            address = parse_address(text)
        except Refused as refused:
            content.remark("email", refused.code, refused.words)
            continue
        if (key := email_key(address)) not in seen:
            seen.add(key)
            entries.append({"address": address, "label": _label(one), "primary": one.get("pref") is True})
    yield from _with_one_primary(entries)


def _messengers(card: Card) -> Iterator[dict[str, Any]]:
    found = [(*messenger_of(str(one["value"])), _label(one)) for one in card.get("impp") or () if one.get("value")]
    for name, kind in PROPERTIES.items():
        service = name.removeprefix("x-") if kind == "other" else None
        found += [(kind, text.strip(), service, None) for text in card.get(name) or () if text.strip()]
    seen = set()
    for kind, account, service, label in found:
        if (key := (kind, account.casefold())) not in seen:
            seen.add(key)
            yield {"kind": kind, "account": account, "label": label or service}


def _websites(card: Card, content: Content) -> Iterator[str]:
    for text in dict.fromkeys(str(one.get("value") or "").strip() for one in card.get("url") or ()):
        if _is_web(text):
            yield text
        elif text:
            content.remark("url", "no_web_address", _NO_URL, text=text)


def _with_one_primary(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some programs prefer several entries: the first of them counts."""
    main = next((entry for entry in entries if entry.get("primary")), None)
    return [entry | {"primary": entry is main} for entry in entries]


def _label(one: Card, said: Collection[str] = ()) -> str | None:
    """What an entry is called: its own name, or what it is for (``work fax``) without what is ``said`` elsewhere."""
    types: Sequence[str] = one.get("types") or ()
    text = one.get("label") or " ".join(kind for kind in types if kind not in _NOISE and kind not in said)
    return " ".join(str(text).split())[:50].strip() or None


def _is_web(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"https?://\S+", text, re.IGNORECASE) is not None


def _first(value: Any) -> str | None:
    """The first text of a property that some versions have once and others several times."""
    found = next(iter(value), None) if isinstance(value, list) else value
    return str(found).strip() or None if found is not None else None
