"""The stores that files are kept in: a folder, and a server that speaks S3."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from lxml import etree
from moto.server import ThreadedMotoServer

from crm_platform.objects.store import Objects
from crm_platform.settings import ObjectSettings

MOST = 24 << 20


@dataclass(frozen=True)
class Place:
    """A store of its own for one test.

    Attributes:
        objects: What is tested.
        left: Everything that the store holds, parts of unfinished uploads too.
        has_addresses: Whether files can be read straight from the store.
    """

    objects: Objects
    left: Callable[[], Awaitable[list[str]]]
    has_addresses: bool


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of a server that speaks S3, in this process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(params=["folder", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "folder":
        yield _folder(tmp_path / "objects")
        return
    url = f"{request.getfixturevalue('s3_server')}/{uuid4()}"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.put(url)).is_success
        yield _bucket(client, url)


@pytest.fixture
def objects(place: Place) -> Objects:
    return place.objects


def _folder(folder: Path) -> Place:
    async def left() -> list[str]:
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    return Place(Objects(ObjectSettings(url=f"file:{folder}", max_bytes=MOST)), left, has_addresses=False)


def _bucket(client: httpx.AsyncClient, url: str) -> Place:
    endpoint, bucket = url.rsplit("/", 1)

    async def keys(question: str) -> list[str]:
        answer = await client.get(f"{url}?{question}")
        found = etree.fromstring(answer.content).iterfind(".//{*}Key")
        return [(key.text or "").removeprefix("crm/") for key in found]

    async def left() -> list[str]:
        return sorted([*await keys("list-type=2"), *await keys("uploads")])

    settings = {
        "url": f"s3://{bucket}/crm",
        "endpoint": endpoint,
        "region": "us-east-1",
        "access_key_id": "somebody",
        "secret_access_key": "secret",
        "max_bytes": MOST,
    }
    return Place(Objects(ObjectSettings.model_validate(settings)), left, has_addresses=True)
