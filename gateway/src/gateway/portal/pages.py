"""Renders the pages; they depend on nothing but the code, so that each is rendered once."""

import re
from functools import cache
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from gateway.portal.catalogue import catalogue

_TICKS = re.compile(r"`([^`]*)`")


def _ticks(text: str) -> Markup:
    """Text in which backticks mark code."""
    return Markup(_TICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  (escaped first)


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


_TEMPLATES = Environment(
    loader=PackageLoader("gateway.portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"ticks": _ticks, "pretty": _pretty}


@cache
def page(name: str) -> bytes:
    """The page ``reference`` or ``events`` as HTML."""
    sections = catalogue()
    entries = sum(len(section.entries) for section in sections)
    return _TEMPLATES.get_template(f"{name}.html").render(active=name, sections=sections, entries=entries).encode()
