"""A contact as a card, which :class:`crm_platform.files.text_writers.VcardWriter` writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from customer_svc.cards.messengers import address_of

Contact = Mapping[str, Any]
"""A contact as the API shows it."""

SYSTEM = "vcard"
"""The system of the external id by which a card was known to whoever made it."""

MEDIA_TYPE = "text/vcard"

_TYPES = frozenset({"home", "work", "cell", "fax", "pager", "main", "school", "other", "dom", "intl"})
_NO_YEAR = "--"
_YEAR_UNKNOWN = "1604"


def card_of(contact: Contact, version: str) -> dict[str, Any]:
    """The card of a contact in version ``3.0`` or ``4.0``; what is empty is left out."""
    card = {
        "fn": contact["name"],
        "n": _name(contact),
        "nickname": [contact["nickname"]] if contact["nickname"] else None,
        "x-name-latin": contact["name_latin"],
        "org": [contact["company"], *filter(None, [contact["department"]])] if contact["company"] else None,
        "title": contact["title"],
        "tel": [_phone(one) for one in contact["phones"]],
        "email": [_entry(one, value=one["address"]) for one in contact["emails"]],
        "adr": [_address(one) for one in contact["addresses"]],
        "impp": [_messenger(one) for one in contact["messengers"]],
        "url": [{"value": one} for one in contact["websites"]],
        "photo": contact["photo_url"],
        "bday": _birthday(contact["birthday"], version),
        "note": contact["notes"],
        "categories": contact["tags"],
        "lang": contact["language"],
        "uid": uid_of(contact),
        "rev": datetime.fromisoformat(contact["updated_at"]).strftime("%Y%m%dT%H%M%SZ"),
    }
    return {name: value for name, value in card.items() if value}


def wanted_version(accept: str | None) -> Literal["3.0", "4.0"] | None:
    """The version of the card that an Accept header asks for; None where it asks for no card.

    Without the parameter ``version`` (RFC 6350, 10.1) it is 4.0.
    """
    for one in (accept or "").split(","):
        kind, *parameters = (part.strip().lower() for part in one.split(";"))
        if kind == MEDIA_TYPE:
            return "3.0" if "version=3.0" in (part.replace('"', "") for part in parameters) else "4.0"
    return None


def uid_of(contact: Contact) -> str:
    """By what the card is known: as whoever made it knows it, else by our own id."""
    known = (ref["external_id"] for ref in contact["external_refs"] if ref["system"] == SYSTEM)
    return next(known, f"urn:uuid:{contact['id']}")


def _name(contact: Contact) -> dict[str, str]:
    parts = {
        "family": contact["family_name"],
        "given": contact["given_name"],
        "additional": contact["additional_names"],
        "prefix": contact["honorific_prefix"],
        "suffix": contact["honorific_suffix"],
    }
    return {name: part for name, part in parts.items() if part}


def _phone(one: Contact) -> dict[str, Any]:
    entry = _entry(one, value=one["number"] or one["entered"])
    if one["kind"] == "mobile" and not {"cell", "pager"} & set(entry.get("types", ())):
        entry["types"] = [*entry.get("types", ()), "cell"]
    return entry | ({"extension": one["extension"]} if one["extension"] else {})


def _address(one: Contact) -> dict[str, Any]:
    parts = {
        "extended": one["district"],
        "street": one["street"],
        "locality": one["city"],
        "region": one["province"],
        "code": one["postal_code"],
        "country": one["country"],
    }
    return _entry(one) | {name: part for name, part in parts.items() if part}


def _messenger(one: Contact) -> dict[str, Any]:
    return {"value": address_of(one["kind"], one["account"], one["label"])} | _named(one["label"])


def _entry(one: Contact, **members: Any) -> dict[str, Any]:
    return members | ({"pref": True} if one["primary"] else {}) | _named(one["label"])


def _named(label: str | None) -> dict[str, Any]:
    """A label whose words are all types, as reading makes it of types, as types; any other as it is."""
    words = (label or "").split()
    if not words:
        return {}
    return {"types": words} if set(words) <= _TYPES else {"label": label}


def _birthday(day: str | None, version: str) -> str | None:
    if day is None or not day.startswith(_NO_YEAR):
        return day
    rest = day.removeprefix(_NO_YEAR)
    return f"{_YEAR_UNKNOWN}-{rest}" if version == "3.0" else _NO_YEAR + rest.replace("-", "")
