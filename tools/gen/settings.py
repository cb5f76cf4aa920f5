"""`settings.md`: every environment variable that a process reads."""

import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from crm_platform.prepare import PrepareSettings
from crm_platform.settings import ServiceSettings
from tools.gen.artefact import Artefact
from tools.gen.markdown import code, page, table
from tools.gen.system import modules_of, service_of
from tools.layout import Distribution, deployables

_INTRODUCTION = (
    "Processes are configured by environment variables alone, read once when they start. `crm up` sets those that "
    "have no default; what you set yourself reaches every process."
)
_PREPARING = "Of the container that runs `python -m crm_platform.prepare`, once before the migrations."
_HEADS = ["Variable", "Type", "Default", "Meaning"]

Row = tuple[str, str, str, str]


def make() -> Iterator[Artefact]:
    """The page."""
    common = rows_of(ServiceSettings)
    parts = ["## Every process", table(_HEADS, common)]
    for one in deployables():
        for kind in settings_classes(one):
            own = [row for row in rows_of(kind) if row not in common]
            if own:
                parts += [f"## {one.name}", table(_HEADS, own)]
    parts += ["## Preparing the database", _PREPARING, table(_HEADS, rows_of(PrepareSettings))]
    yield Artefact(Path("docs/reference/settings.md"), page("Settings", _INTRODUCTION, *parts))


def settings_classes(one: Distribution) -> list[type[BaseSettings]]:
    """The settings that a deployable has beside, or instead of, the common ones."""
    service = service_of(one)
    found: list[type[BaseSettings]] = [service.settings] if service else []
    for module in modules_of(one.package, named=("settings",)):
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if own and issubclass(kind, BaseSettings) and kind not in found:
                found.append(kind)
    return [kind for kind in found if kind is not ServiceSettings]


def rows_of(kind: type[BaseSettings]) -> list[Row]:
    """One row per variable, groups in the order of the class."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    delimiter = str(kind.model_config.get("env_nested_delimiter") or "__")
    return list(_rows(kind, prefix, delimiter))


def _rows(kind: type[BaseModel], prefix: str, delimiter: str) -> Iterator[Row]:
    for name, field in kind.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            yield from _rows(group, f"{prefix}{name}{delimiter}", delimiter)
        else:
            variable = f"{prefix}{name}".upper()
            yield code(variable), type_name(group), _default(field), field.description or ""


def type_name(annotation: Any) -> str:
    """The type in words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if origin is typing.Literal:
        return "one of " + ", ".join(f"`{value}`" for value in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(type_name(argument) for argument in arguments if argument is not types.NoneType)
    if isinstance(annotation, type) and issubclass(annotation, SecretStr):
        return "secret text"
    if origin is not None:
        return f"{origin.__name__} (JSON)"
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    return words.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=False)
    if value is None or value is PydanticUndefined or isinstance(value, SecretStr):
        return ""
    return code(str(value).lower() if isinstance(value, bool) else value)
