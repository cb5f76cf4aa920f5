"""Example values for JSON Schemas, the same ones every time."""

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "uuid": "0199b7a0-4c00-7000-8000-000000000001",
    "date-time": "2026-01-15T08:30:00Z",
    "date": "2026-01-15",
}
_BY_NAME = {
    "name": "上海贸易有限公司",
    "currency": "CNY",
    "amount": "12500.00",
    "average": "82.5",
    "low": "1000",
    "likely": "2500",
    "high": "6000",
    "value": "50",
    "baseline": "95",
    "target": "35",
    "actual": "50",
    "attainment": "75",
    "benefit_cost_ratio": "3.25",
    "begins": "09:00",
    "ends": "17:30",
    "degraded_below": "80",
    "recovered_at": "85",
    "email": "li.wei@example.com",
    "phone": "+8613800138000",
    "language": "zh",
    "version": 3,
    "number": "2026-000123",
    "reason": None,
    "created_by": "user:0199b7a0-4c00-7000-8000-0000000000aa",
    "updated_by": "user:0199b7a0-4c00-7000-8000-0000000000aa",
    "country": "CN",
    "time_zone": "Asia/Shanghai",
    "decimal_mark": ".",
    "answer_key": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
    "kind": "company",
    "changed": ["status"],
    "warning": "0.9",
    "critical": "0.8",
    "margin": "0.02",
}
_DECIMAL = "12.5"
"""For texts whose pattern counts digits: decimals."""

_BY_TYPE: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def example(schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits ``schema``; ``definitions`` holds what its references name, by the last part."""
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rpartition("/")[2]], definitions, name)
    if "anyOf" in schema:
        return example(schema["anyOf"][0], definitions, name)
    fixed = [schema["const"]] if "const" in schema else schema.get("enum", ())
    if fixed:
        return fixed[0]
    if schema.get("type") == "object":
        members = schema.get("properties", {})
        return {member: example(inner, definitions, member) for member, inner in members.items()}
    return _plain(schema, definitions, name)


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str) -> Any:
    if name in _BY_NAME and not (schema.get("type") == "integer" and isinstance(_BY_NAME[name], str)):
        return _BY_NAME[name]
    if schema.get("type") == "array":
        items: Mapping[str, Any] = schema.get("items", {})
        return [example(items, definitions, name)] if items else []
    if "\\d" in schema.get("pattern", ""):
        return _DECIMAL
    value = _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", "string"), "text"))
    return max(value, schema["minimum"]) if "minimum" in schema else value
