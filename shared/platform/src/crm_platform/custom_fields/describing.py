"""The OpenAPI document as one company sees it: with its custom fields, by key and with their rules."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.context import Caller
from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.custom_fields.domain import MAX_DECIMALS, MAX_DIGITS, USUAL_TEXT, CustomField
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.custom_fields.model import Customised
from crm_platform.http.parameters import list_parameters
from crm_platform.reads.field_access import levels_of, rules_for
from crm_platform.reads.resource import Resource

Schema = dict[str, Any]

_LARGEST = 10**MAX_DIGITS - 1


def described(
    document: Mapping[str, Any], records: Customised, fields: FieldSet, view: Resource, caller: Caller
) -> dict[str, Any]:
    """``document`` with the fields of a company that ``caller`` may see; ``view`` is the resource with them."""
    whole: dict[str, Any] = deepcopy(dict(document))
    rules = rules_for(caller, view)
    shown = [one for one in fields.active if "hidden" not in levels_of(f"{CUSTOM}.{one.key}", rules).values()]
    noun = "".join(word.title() for word in records.aggregate.name.split("_"))
    for name, model in whole["components"]["schemas"].items():
        if name.startswith(noun) and CUSTOM in model.get("properties", {}):
            model["properties"][CUSTOM] = _object(shown, caller.language, given=not name.endswith("Read"))
    _describe_list(whole, view)
    return whole


def _describe_list(document: dict[str, Any], view: Resource) -> None:
    """Tell by what the list of the records is filtered and sorted, and what of them is chosen."""
    parameters = document["paths"][f"/v1/{view.name}"]["get"]["parameters"]
    known = {one["name"]: one for one in list_parameters(view)}
    for index, one in enumerate(parameters):
        if one["name"] in {"filter", "sort", "fields"}:
            parameters[index] = known[one["name"]]


def _object(fields: list[CustomField], language: str, *, given: bool) -> Schema:
    """The schema of all values together; where they are given, null empties one."""
    named = [one for one in fields if not (given and one.computed)]
    properties = {one.key: _of(one, language, given=given) for one in named}
    return {"type": "object", "properties": properties, "additionalProperties": False, "title": "Custom fields"}


def _of(field: CustomField, language: str, *, given: bool) -> Schema:
    label = field.label.zh if language == "zh" else field.label.en
    schema = {"title": label, **_SCHEMAS[field.holds](field)}
    if field.description is not None:
        schema["description"] = field.description.zh if language == "zh" else field.description.en
    if field.computed:
        schema["readOnly"] = True
    if field.default is not None:
        schema["default"] = field.default
    return schema if field.required or not given else {"anyOf": [schema, {"type": "null"}]}


def _text(field: CustomField) -> Schema:
    pattern = {} if field.pattern is None else {"pattern": f"^(?:{field.pattern})$"}
    return {"type": "string", "maxLength": field.max_length or USUAL_TEXT, **pattern}


def _number(field: CustomField) -> Schema:
    places = MAX_DECIMALS if field.decimals is None else field.decimals
    return {
        "type": "integer" if places == 0 else "number",
        "minimum": -_LARGEST if field.minimum is None else float(field.minimum),
        "maximum": _LARGEST if field.maximum is None else float(field.maximum),
    }


def _values(field: CustomField) -> list[str]:
    return [one.value for one in field.choices if not one.retired]


_SCHEMAS: Mapping[FieldType, Callable[[CustomField], Schema]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: lambda _: {"$ref": "#/components/schemas/Money"},
    FieldType.DATE: lambda _: {"type": "string", "format": "date"},
    FieldType.BOOLEAN: lambda _: {"type": "boolean"},
    FieldType.CHOICE: lambda field: {"type": "string", "enum": _values(field)},
    FieldType.MULTI_CHOICE: lambda field: {"type": "array", "items": {"type": "string", "enum": _values(field)}},
    FieldType.REFERENCE: lambda _: {"type": "string", "format": "uuid"},
}
