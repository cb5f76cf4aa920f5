"""`asyncapi.json`: the event topics, for partners and their generators."""

from collections.abc import Iterator
from pathlib import Path

from gateway.portal.asyncapi import asyncapi
from tools.gen.artefact import Artefact
from tools.gen.json_text import json_text


def make() -> Iterator[Artefact]:
    """The document, with an example address for the broker."""
    yield Artefact(Path("docs/reference/asyncapi.json"), json_text(asyncapi()))
