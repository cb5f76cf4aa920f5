"""Files that come in by HTTP: small ones in one request, others in parts that can be repeated.

A request may have no more than ``CRM_LIMITS__BODY_BYTES`` and must end within its deadline, at the gateway too. So a
large file comes in numbered parts, each a request of its own: a connection that breaks costs one part, parts may come
in any order and twice, and no process holds more than one of them.
"""

from collections.abc import AsyncGenerator, AsyncIterable
from uuid import UUID

from crm_platform.errors import UnsupportedMediaType
from crm_platform.files.encoding import SAMPLE_BYTES
from crm_platform.files.formats import MEDIA_TYPES, Format, format_of
from crm_platform.files.problems import UnreadableFile
from crm_platform.objects.errors import EmptyPart, WrongParts
from crm_platform.objects.store import Objects, Stored

_SHOWN = 5
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Media types that say nothing."""


async def put_part(objects: Objects, tenant: UUID, name: str, number: int, content: AsyncIterable[bytes]) -> Stored:
    """Keep part ``number``, counted from 1, of the file that will have that name; again, where it came before.

    Raises:
        EmptyPart: It has no content; what came before stays.
        PayloadTooLarge: It is larger than any file may be.
        Unavailable: The store does not answer.
    """
    return await objects.put(tenant, _part(name, number), _never_empty(content, number))


async def join_parts(objects: Objects, tenant: UUID, name: str, *, count: int) -> Stored:
    """Make one file of parts 1 to ``count``, and forget them. Harmless when repeated before they are forgotten.

    Raises:
        WrongParts: Some are missing, or there are more.
        PayloadTooLarge: Together they are larger than a file may be; nothing is made, the parts stay.
        Unavailable: The store does not answer.
    """
    expected = [_part(name, number) for number in range(1, count + 1)]
    found = await objects.names(tenant, f"{name}.parts")
    if found != expected:
        missing = [str(number) for number, part in enumerate(expected, 1) if part not in set(found)]
        shown = ", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        raise WrongParts(actual=len(found), expected=count, missing=shown or "–")
    stored = await objects.put(tenant, name, _joined(objects, tenant, expected))
    for part in expected:
        await objects.delete(tenant, part)
    return stored


async def kind_of(objects: Objects, tenant: UUID, name: str, *, declared: str = "") -> Format:
    """The kind of a file by its content, which has to be what the upload said that it is.

    Args:
        objects: Where it is kept.
        tenant: Whose it is.
        name: Under which it is kept.
        declared: The ``Content-Type`` it came with; one that says nothing is passed over.

    Raises:
        UnsupportedMediaType: Files of the declared type are not taken.
        UnreadableFile: It is of no kind that is read, or of another than was declared.
        NoSuchFile: There is none.
    """
    media_type = declared.partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES and media_type not in _UNKNOWN:
        raise UnsupportedMediaType(expected=", ".join(sorted(set(MEDIA_TYPES))))
    sample = b""
    if await objects.size(tenant, name):
        sample = b"".join([piece async for piece in objects.get(tenant, name, end=SAMPLE_BYTES)])
    found = format_of(sample)
    wanted = MEDIA_TYPES.get(media_type)
    # Programs call every text text/plain or text/csv; only a workbook must be one.
    if wanted is not None and (wanted is Format.XLSX) != (found is Format.XLSX):
        raise UnreadableFile("other_format", found=found.value, declared=wanted.value)
    return found


async def _never_empty(content: AsyncIterable[bytes], number: int) -> AsyncGenerator[bytes, None]:
    empty = True
    async for piece in content:
        empty = empty and not piece
        yield piece
    if empty:
        raise EmptyPart(number=number)


async def _joined(objects: Objects, tenant: UUID, parts: list[str]) -> AsyncGenerator[bytes, None]:
    for part in parts:
        async for piece in objects.get(tenant, part):
            yield piece


def _part(name: str, number: int) -> str:
    return f"{name}.parts/{number:05}"
