"""`openapi.json` of every deployable."""

from collections.abc import Iterator

from tools.gen.artefact import Artefact, Generator
from tools.gen.json_text import json_text
from tools.gen.system import app_of
from tools.layout import deployables


def make() -> Iterator[Artefact]:
    """One document per API."""
    for one in deployables():
        app = app_of(one)
        if app is not None:
            yield Artefact(one.folder / "openapi.json", json_text(app.openapi()))


OPENAPI = Generator(name="OpenAPI", make=make, owns=("services/*/openapi.json", "gateway/openapi.json"))
