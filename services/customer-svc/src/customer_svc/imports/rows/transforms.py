"""What a mapping does to the cells of a row before they are read as values of a field."""

from collections.abc import Callable, Mapping
from typing import Final

from crm_contracts.imports.v1 import MappedColumn, TextCase
from crm_platform.files.rows import Value
from crm_platform.files.writing import as_text

_CASES: Final[Mapping[TextCase, Callable[[str], str]]] = {
    TextCase.UPPER: str.upper,
    TextCase.LOWER: str.lower,
    TextCase.TITLE: str.title,
}


def shaped(cells: Mapping[str, Value], mapped: MappedColumn) -> Value:
    """The value of a column, joined with others, of which a part is taken, in other letters; None where it is empty."""
    value = cells.get(mapped.column)
    if mapped.join_with:
        value = _joined([value, *map(cells.get, mapped.join_with)], mapped.joiner)
    if isinstance(value, list):
        return [_of_text(one, mapped) for one in value]
    return _of_text(value, mapped)


def _of_text(value: Value, mapped: MappedColumn) -> Value:
    if isinstance(value, str) and mapped.split_by is not None:
        value = _part(value, mapped.split_by, mapped.take)
    if isinstance(value, str) and mapped.case is not None:
        value = _CASES[mapped.case](value)
    return None if isinstance(value, str) and not value.strip() else value


def _joined(values: list[Value], joiner: str) -> str:
    texts = [whole(value).strip() for value in values if value is not None]
    return joiner.join(filter(None, texts))


def _part(text: str, split_by: str, take: int) -> str:
    """One part of a text; blanks around parts are nothing, and what is not there is empty."""
    parts = [part.strip() for part in text.split(split_by)]
    place = take - 1 if take > 0 else len(parts) + take
    return parts[place] if 0 <= place < len(parts) else ""


def whole(value: Value) -> str:
    """A cell as text; what a spreadsheet holds as the number 13800138000.0 is the text 13800138000."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return as_text(value)
