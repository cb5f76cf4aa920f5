"""How types of JSON Schema are written in tables."""

from typing import Any


def type_text(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """A short text such as ``string (uuid)``, ``list of Money`` or ``one of a, b``."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = definitions[name]
        return type_text(target, definitions) if "enum" in target else name
    if "anyOf" in schema:
        return " or ".join(type_text(option, definitions) for option in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {type_text(schema.get('items', {}), definitions)}"
    text = str(schema.get("type", "any"))
    return f"{text} ({schema['format']})" if "format" in schema else text
