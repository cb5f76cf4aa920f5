"""Files in a folder and in a store that speaks S3, through the public surface: both the same."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from crm_platform.errors import PayloadTooLarge, Unavailable, UnsupportedMediaType
from crm_platform.files.formats import Format
from crm_platform.files.problems import UnreadableFile
from crm_platform.objects.errors import EmptyPart, NoSuchFile, WrongParts
from crm_platform.objects.store import Objects, Stored
from crm_platform.objects.uploads import join_parts, kind_of, put_part
from crm_platform.settings import ObjectSettings
from platform_tests.objects.conftest import Place

TENANT, OTHER = uuid4(), uuid4()
BLOCK = os.urandom(1 << 20)


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def content_of(objects: Objects, tenant: UUID, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in objects.get(tenant, name, start=start, end=end)])


async def test_a_file_is_kept_in_parts_and_read_whole_or_in_ranges(objects: Objects) -> None:
    whole = BLOCK * 20
    stored = await objects.put(TENANT, "imports/1.csv", pieces(*[BLOCK] * 20))
    assert stored == Stored("imports/1.csv", len(whole), hashlib.sha256(whole).hexdigest())
    assert await objects.size(TENANT, "imports/1.csv") == len(whole)
    assert await content_of(objects, TENANT, "imports/1.csv") == whole
    assert await content_of(objects, TENANT, "imports/1.csv", 5) == whole[5:]
    assert await content_of(objects, TENANT, "imports/1.csv", 5, 9) == whole[5:9]
    async with objects.opened(TENANT, "imports/1.csv") as file:
        file.seek(3)
        assert file.read(4) == whole[3:7]


async def test_tenants_do_not_see_each_other(place: Place) -> None:
    await place.objects.put(TENANT, "a", pieces(b"x"))
    for attempt in (content_of(place.objects, OTHER, "a"), place.objects.size(OTHER, "a")):
        with pytest.raises(NoSuchFile):
            await attempt
    await place.objects.delete(OTHER, "a")
    assert await place.objects.names(OTHER, "a") == []
    assert await place.left() == [f"{TENANT}/a"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../b", "A", "", "a//b", "a\x00", "客", "a" * 300, ".hidden", "a/"])
async def test_names_that_lead_elsewhere_are_refused(place: Place, name: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        await place.objects.put(TENANT, name, pieces(b"x"))
    assert await place.left() == []


async def test_what_is_too_large_or_breaks_off_leaves_nothing(place: Place) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield BLOCK
        raise ConnectionError("the client went away")

    with pytest.raises(PayloadTooLarge, match="at most 25165824 bytes"):
        await place.objects.put(TENANT, "a", pieces(*[BLOCK] * 25))
    with pytest.raises(PayloadTooLarge, match="at most 10 bytes"):
        await place.objects.put(TENANT, "a", pieces(b"x" * 11), limit=10)
    with pytest.raises(ConnectionError):
        await place.objects.put(TENANT, "a", broken())
    assert await place.left() == []


async def test_a_file_is_replaced_as_a_whole(objects: Objects) -> None:
    await objects.put(TENANT, "a", pieces(b"long content"))
    await objects.put(TENANT, "a", pieces(b"short"))
    assert await content_of(objects, TENANT, "a") == b"short"


async def test_a_file_on_this_machine_is_that_which_was_put_last(objects: Objects) -> None:
    paths = []
    for content in (b"old", b"new"):
        await objects.put(TENANT, "a", pieces(content))
        paths.append(await objects.path(TENANT, "a"))
        assert paths[-1].read_bytes() == content
    assert await objects.path(TENANT, "a") == paths[-1]
    with pytest.raises(NoSuchFile):
        await objects.path(TENANT, "b")


async def test_only_who_has_the_address_reads_without_asking_the_service(place: Place) -> None:
    await place.objects.put(TENANT, "a", pieces(b"content"))
    link = await place.objects.link(TENANT, "a", seconds=60)
    if not place.has_addresses:
        assert link is None
        return
    assert link is not None
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(link)).content == b"content"


async def test_files_are_forgotten_by_name_and_by_age(place: Place) -> None:
    for name in ("exports/1", "exports/2", "imports/1"):
        await place.objects.put(TENANT, name, pieces(b"x"))
    now = datetime.now(UTC)
    assert await place.objects.delete_before(TENANT, "exports", now - timedelta(minutes=1)) == 0
    assert await place.objects.written_before(TENANT, "exports", now + timedelta(minutes=1)) == [
        "exports/1",
        "exports/2",
    ]
    await place.objects.delete(TENANT, "exports/1")
    assert await place.objects.names(TENANT, "exports") == ["exports/2"]
    await place.objects.delete(TENANT, "imports/1")
    await place.objects.delete(TENANT, "imports/1")
    assert await place.left() == [f"{TENANT}/exports/2"]
    assert await place.objects.delete_before(TENANT, "exports", now + timedelta(minutes=1)) == 1
    assert await place.left() == []
    with pytest.raises(NoSuchFile):
        async with place.objects.opened(TENANT, "imports/1"):
            pass


async def test_an_upload_in_parts_that_come_twice_and_in_any_order(place: Place) -> None:
    for number, content in ((3, b"c"), (1, b"wrong"), (1, b"a" * 10)):
        await put_part(place.objects, TENANT, "imports/7", number, pieces(content))
    with pytest.raises(WrongParts, match=r"2 of its 3 parts; missing: 2\."):
        await join_parts(place.objects, TENANT, "imports/7", count=3)
    await put_part(place.objects, TENANT, "imports/7", 2, pieces(b"b"))
    with pytest.raises(WrongParts, match=r"3 of its 2 parts"):
        await join_parts(place.objects, TENANT, "imports/7", count=2)
    stored = await join_parts(place.objects, TENANT, "imports/7", count=3)
    assert stored == Stored("imports/7", 12, hashlib.sha256(b"aaaaaaaaaabc").hexdigest())
    assert await content_of(place.objects, TENANT, "imports/7") == b"aaaaaaaaaabc"
    assert await place.left() == [f"{TENANT}/imports/7"]


async def test_a_part_without_content_is_refused_and_replaces_nothing(place: Place) -> None:
    await put_part(place.objects, TENANT, "a", 1, pieces(b"x"))
    for content in ([], [b"", b""]):
        with pytest.raises(EmptyPart, match="part 1 "):
            await put_part(place.objects, TENANT, "a", 1, pieces(*content))
    assert await content_of(place.objects, TENANT, "a.parts/00001") == b"x"
    assert await place.left() == [f"{TENANT}/a.parts/00001"]


async def test_parts_that_are_too_large_together_stay(place: Place) -> None:
    for number in (1, 2):
        await put_part(place.objects, TENANT, "a", number, pieces(*[BLOCK] * 13))
    with pytest.raises(PayloadTooLarge):
        await join_parts(place.objects, TENANT, "a", count=2)
    assert await place.left() == [f"{TENANT}/a.parts/00001", f"{TENANT}/a.parts/00002"]


@pytest.mark.parametrize(
    ("content", "declared", "kind"),
    [
        (b"a,b\n1,2\n", "text/csv; charset=utf-8", Format.CSV),
        (b"a,b\n1,2\n", "", Format.CSV),
        (b'{"a": 1}\n', "text/plain", Format.JSON_LINES),
        (b"BEGIN:VCARD\n", "application/octet-stream", Format.VCARD),
    ],
)
async def test_the_kind_is_that_of_the_content(objects: Objects, content: bytes, declared: str, kind: Format) -> None:
    await objects.put(TENANT, "a", pieces(content))
    assert await kind_of(objects, TENANT, "a", declared=declared) is kind


async def test_a_file_that_is_not_what_it_says_is_refused(objects: Objects) -> None:
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for content, declared, error in (
        (b"a,b\n", sheet, UnreadableFile),
        (b"PK\x03\x04", "text/csv", UnreadableFile),
        (b"%PDF-1.7", "text/csv", UnreadableFile),
        (b"", "text/csv", UnreadableFile),
        (b"a,b\n", "image/png", UnsupportedMediaType),
    ):
        await objects.put(TENANT, "a", pieces(content))
        with pytest.raises(error):
            await kind_of(objects, TENANT, "a", declared=declared)


async def test_a_store_that_does_not_answer_is_told(unused_tcp_port: int) -> None:
    away = Objects(
        ObjectSettings.model_validate(
            {
                "url": "s3://bucket/crm",
                "endpoint": f"http://127.0.0.1:{unused_tcp_port}",
                "region": "x",
                "access_key_id": "a",
                "secret_access_key": "b",
            }
        )
    )
    with pytest.raises(Unavailable):
        await away.size(TENANT, "a")
    link = await away.link(TENANT, "a", seconds=60)
    assert link is not None
    assert f"/bucket/crm/{TENANT}/a?" in link
    assert "X-Amz-Expires=60" in link


def test_other_places_are_refused() -> None:
    with pytest.raises(ValueError, match="ftp is neither file nor s3"):
        Objects(ObjectSettings(url="ftp://x"))
