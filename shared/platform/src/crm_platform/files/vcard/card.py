"""A card as an object of values, and back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from crm_platform.files.rows import Value
from crm_platform.files.vcard.content import Property, escaped, quoted

NAME_PARTS = ("family", "given", "additional", "prefix", "suffix")
ADDRESS_PARTS = ("po_box", "extended", "street", "locality", "region", "code", "country")
MANY = ("tel", "email", "adr", "url", "impp")
LISTS = ("org", "nickname", "categories")
TEXTS = ("fn", "title", "role", "note", "bday", "anniversary", "gender", "uid", "rev", "kind", "tz", "geo", "lang")
_DROPPED = frozenset({"begin", "end", "prodid", "version", "x-ablabel"})
_APPLE_LABEL = ("_$!<", ">!$_")


def values_of(properties: Iterable[Property]) -> dict[str, Value]:
    """The card of these properties. Where one that a card has once comes again, the first counts."""
    found: dict[str, Value] = {}
    properties = list(properties)
    labels = {one.group: _label(one.text()) for one in properties if one.name == "x-ablabel" and one.group}
    for one in properties:
        if one.name in MANY:
            cast("list[Value]", found.setdefault(one.name, [])).append(_entry(one, labels.get(one.group)))
        elif one.name == "n":
            if name := _named(NAME_PARTS, one.parts()):
                found.setdefault("n", name)
        elif one.name in LISTS:
            items = [part for part in one.parts() if part] if one.name == "org" else one.items()
            found.setdefault(one.name, cast("list[Value]", items))
        elif one.name in TEXTS:
            found.setdefault(one.name, one.text())
        elif one.name not in _DROPPED and not one.is_binary:
            cast("list[Value]", found.setdefault(one.name, [])).append(one.text())
    return found


def lines_of(values: Mapping[str, Value], version: str) -> Iterator[str]:
    """The card as unfolded lines.

    Args:
        values: As :func:`values_of` gives them; unknown names are written as they are, in upper case.
        version: ``3.0`` or ``4.0``.
    """
    yield "BEGIN:VCARD"
    yield f"VERSION:{version}"
    yield f"FN:{escaped(_full_name(values))}"
    yield f"N:{_structured(values.get('n'), NAME_PARTS)}"
    for name, value in values.items():
        if value is None or name in {"fn", "n", "version"}:
            continue
        if name in MANY:
            for number, entry in enumerate(_list(value), 1):
                yield from _entry_lines(name, cast("Mapping[str, Value]", entry), version, number)
        elif name in LISTS:
            separator = ";" if name == "org" else ","
            yield f"{name.upper()}:{separator.join(escaped(str(one)) for one in _list(value))}"
        else:
            for one in _list(value):
                yield f"{name.upper()}:{escaped(str(one))}"
    yield "END:VCARD"


def _entry(one: Property, label: str | None) -> dict[str, Value]:
    entry: dict[str, Value] = {}
    if one.name == "adr":
        entry |= _named(ADDRESS_PARTS, one.parts())
    elif one.name == "tel" and one.raw.lower().startswith("tel:"):
        number, _, extension = one.raw[len("tel:") :].partition(";ext=")
        entry["value"] = number
        if extension:
            entry["extension"] = extension
    else:
        entry["value"] = one.text().removeprefix("mailto:").strip()
    if types := one.types:
        entry["types"] = cast("list[Value]", types)
    if one.is_preferred:
        entry["pref"] = True
    label = label or (one.params["label"][0] if "label" in one.params else None)
    if label:
        entry["label"] = label
    return entry


def _entry_lines(name: str, entry: Mapping[str, Value], version: str, number: int) -> Iterator[str]:
    types = [str(one) for one in _list(entry.get("types"))]
    is_preferred = entry.get("pref") is True
    params = [f"TYPE={quoted([one])}" for one in types]
    if is_preferred:
        params.append("PREF=1" if version == "4.0" else "TYPE=pref")
    label, group = entry.get("label"), ""
    if label and version == "4.0" and name == "adr":
        params.append(f"LABEL={quoted([str(label)])}")
    elif label:
        group = f"{name}{number}."
    if name == "adr":
        value = _structured(entry, ADDRESS_PARTS)
    elif name == "tel" and entry.get("extension"):
        params.append("VALUE=uri")
        value = f"tel:{entry.get('value') or ''};ext={entry['extension']}"
    else:
        value = escaped(str(entry.get("value") or ""))
    yield f"{group}{';'.join([name.upper(), *params])}:{value}"
    if group:
        yield f"{group}X-ABLABEL:{escaped(str(label))}"


def _full_name(values: Mapping[str, Value]) -> str:
    if values.get("fn"):
        return str(values["fn"])
    name = values.get("n")
    if isinstance(name, dict):
        parts = [str(name[part]) for part in ("prefix", "given", "additional", "family", "suffix") if name.get(part)]
        if parts:
            return " ".join(parts)
    # A card must have a name (RFC 6350, 6.2.1).
    return " ".join(str(one) for one in _list(values.get("org")))


def _named(names: tuple[str, ...], parts: list[str]) -> dict[str, Value]:
    return {name: part.strip() for name, part in zip(names, parts, strict=False) if part.strip()}


def _structured(value: Value | Mapping[str, Value], names: tuple[str, ...]) -> str:
    parts = value if isinstance(value, Mapping) else {}
    return ";".join(escaped(str(parts.get(name) or "")) for name in names)


def _list(value: Value) -> list[Value]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _label(text: str) -> str:
    start, end = _APPLE_LABEL
    return text.removeprefix(start).removesuffix(end)
