"""The one seam to where files are kept."""

import hashlib
import re
import shutil
import weakref
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp, mkstemp
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from uuid import UUID

import anyio.to_thread
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from crm_platform.errors import PayloadTooLarge, Unavailable
from crm_platform.objects.errors import NoSuchFile
from crm_platform.settings import ObjectSettings
from crm_platform.words import Words

_CHUNK = 1 << 18
_PART = 8 << 20
"""Bytes of a part of a multipart upload; S3 takes 10,000 parts of at least 5 MiB."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(?:/[a-z0-9][a-z0-9_.-]*)*")
_MAX_NAME = 200
_COPIES = 4
_TIMEOUT = timedelta(seconds=30)
_STORE = Words("The store of files", "文件存储")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it was taken in.

    Attributes:
        name: Under which it is kept.
        size: Bytes.
        sha256: Of its content, in hexadecimal.
    """

    name: str
    size: int
    sha256: str


class Objects:
    """Files by tenant and name.

    Names are made by the program, never by users: lower case, digits, ``_ . -``, with ``/`` between folders. A file is
    there as a whole or not at all, and never changes: putting it again replaces it as a whole.

    Args:
        settings: Where it is.
    """

    def __init__(self, settings: ObjectSettings) -> None:
        _check(settings)
        self._settings = settings
        self._limit = settings.max_bytes
        self._copies: OrderedDict[str, Path] = OrderedDict()

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        """Opened when it is first needed: most processes never have a file."""
        return _opened(self._settings)

    async def put(self, tenant: UUID, name: str, content: AsyncIterable[bytes], *, limit: int | None = None) -> Stored:
        """Keep a file, part by part, as it comes.

        Args:
            tenant: Whose it is.
            name: Under which it is kept.
            content: Its bytes. If this raises, nothing is kept.
            limit: Bytes at most, where that is less than the settings allow.

        Raises:
            PayloadTooLarge: It has more; nothing is kept.
            Unavailable: The store does not answer.
        """
        measured = _Measured(content, min(limit or self._limit, self._limit))
        async with _answering(name):
            await self._store.put_async(_path(tenant, name), measured.pieces(), use_multipart=True, chunk_size=_PART)
        return Stored(name, measured.size, measured.hash.hexdigest())

    async def get(
        self, tenant: UUID, name: str, *, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file from ``start`` up to, without, ``end``.

        Raises:
            NoSuchFile: There is none.
            Unavailable: The store does not answer.
        """
        options: Any = {"range": {"offset": start} if end is None else (start, end)}
        if start == 0 and end is None:
            options = None
        async with _answering(name):
            found = await self._store.get_async(_path(tenant, name), options=options)
            async for piece in found.stream(min_chunk_size=_CHUNK):
                yield bytes(piece)

    async def size(self, tenant: UUID, name: str) -> int:
        """How many bytes a file has.

        Raises:
            NoSuchFile: There is none.
        """
        async with _answering(name):
            found = await self._store.head_async(_path(tenant, name))
        return found["size"]

    async def delete(self, tenant: UUID, name: str) -> None:
        """Forget a file; harmless where there is none.

        Raises:
            Unavailable: The store does not answer.
        """
        try:
            async with _answering(name):
                await self._store.delete_async(_path(tenant, name))
        except NoSuchFile:
            return

    async def names(self, tenant: UUID, folder: str) -> list[str]:
        """The names of the files in a folder, sorted.

        Raises:
            Unavailable: The store does not answer.
        """
        return [name async for name, _ in self._listed(tenant, folder)]

    async def written_before(self, tenant: UUID, folder: str, moment: datetime) -> list[str]:
        """The names of the files of a folder that have not been written since ``moment``, sorted.

        Raises:
            Unavailable: The store does not answer.
        """
        return [name async for name, written in self._listed(tenant, folder) if written < moment]

    async def delete_before(self, tenant: UUID, folder: str, moment: datetime) -> int:
        """Forget the files of a folder that have not been written since ``moment``; returns how many.

        Raises:
            Unavailable: The store does not answer.
        """
        old = await self.written_before(tenant, folder, moment)
        for name in old:
            await self.delete(tenant, name)
        return len(old)

    async def link(self, tenant: UUID, name: str, *, seconds: float) -> str | None:
        """An address under which anybody can read the file for some time, straight from the store.

        None where files are in a folder, which has no addresses: the service then streams it itself (:meth:`get`).
        """
        if not isinstance(self._store, S3Store):
            return None
        return await obstore.sign_async(self._store, "GET", _path(tenant, name), timedelta(seconds=seconds))

    @asynccontextmanager
    async def opened(self, tenant: UUID, name: str) -> AsyncGenerator[BinaryIO, None]:
        """The file, open for reading and seeking: itself where it is in a folder, a temporary copy otherwise.

        Raises:
            NoSuchFile: There is none.
            Unavailable: The store does not answer.
        """
        with await self._local(tenant, name) as file:
            yield file

    async def path(self, tenant: UUID, name: str) -> Path:
        """Where the file is on this machine, for reading: in the folder, or in a copy that is kept for the next time.

        Copies are this object's alone, the last few of them, and gone with it. A file that was put again under its
        name in the meantime is copied again.

        Raises:
            NoSuchFile: There is none.
            Unavailable: The store does not answer.
        """
        if isinstance(self._store, LocalStore):
            await self.size(tenant, name)
            return Path(str(self._store.prefix)) / _path(tenant, name)
        async with _answering(name):
            found = await self._store.head_async(_path(tenant, name))
        key = f"{_path(tenant, name)}\n{found['e_tag']}"
        if key not in self._copies:
            self._copies[key] = await self._copied(tenant, name)
            while len(self._copies) > _COPIES:
                self._copies.popitem(last=False)[1].unlink(missing_ok=True)
        self._copies.move_to_end(key)
        return self._copies[key]

    async def _copied(self, tenant: UUID, name: str) -> Path:
        handle, path = await anyio.to_thread.run_sync(lambda: mkstemp(dir=self._folder))
        with open(handle, "wb") as file:  # noqa: ASYNC230, PTH123 - a descriptor; each write is in a thread
            async for piece in self.get(tenant, name):
                await anyio.to_thread.run_sync(file.write, piece)
        return Path(path)

    @cached_property
    def _folder(self) -> str:
        folder = mkdtemp(prefix="crm-objects-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    async def _local(self, tenant: UUID, name: str) -> BinaryIO:
        if isinstance(self._store, LocalStore):
            path = Path(str(self._store.prefix)) / _path(tenant, name)
            try:
                return await anyio.to_thread.run_sync(path.open, "rb")
            except FileNotFoundError:
                raise NoSuchFile(name=name) from None
        file = TemporaryFile()  # noqa: SIM115 - closed by the caller
        try:
            async for piece in self.get(tenant, name):
                await anyio.to_thread.run_sync(file.write, piece)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    async def _listed(self, tenant: UUID, folder: str) -> AsyncIterator[tuple[str, datetime]]:
        prefix, base = _path(tenant, folder), len(f"{tenant}/")
        async with _answering(folder):
            found = [one async for batch in self._store.list(prefix) for one in batch]
        for one in sorted(found, key=lambda meta: meta["path"]):
            yield one["path"][base:], one["last_modified"]


class _Measured:
    """Counts and hashes what passes, and stops it where it gets too much."""

    def __init__(self, content: AsyncIterable[bytes], limit: int) -> None:
        self._content, self._limit = content, limit
        self.size = 0
        self.hash = hashlib.sha256()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The content."""
        async for piece in self._content:
            self.size += len(piece)
            if self.size > self._limit:
                raise PayloadTooLarge(limit=self._limit)
            self.hash.update(piece)
            yield piece


@asynccontextmanager
async def _answering(name: str) -> AsyncGenerator[None, None]:
    """Errors of the store as ours."""
    try:
        yield
    except FileNotFoundError:
        raise NoSuchFile(name=name) from None
    except BaseError as error:
        raise Unavailable(what=_STORE) from error


def _path(tenant: UUID, name: str) -> str:
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        raise ValueError(name)
    return f"{tenant}/{name}"


def _check(settings: ObjectSettings) -> None:
    scheme = urlsplit(settings.url).scheme
    if scheme not in {"file", "s3"}:
        raise ValueError(f"CRM_OBJECTS__URL: {scheme} is neither file nor s3")


def _opened(settings: ObjectSettings) -> LocalStore | S3Store:
    url = urlsplit(settings.url)
    if url.scheme == "file":
        return LocalStore(Path(url.path).absolute(), mkdir=True, automatic_cleanup=True)
    given = {
        "endpoint": settings.endpoint,
        "region": settings.region,
        "access_key_id": settings.access_key_id,
        "secret_access_key": settings.secret_access_key.get_secret_value() if settings.secret_access_key else None,
    }
    config: Any = {key: value for key, value in given.items() if value is not None}
    is_plain = (settings.endpoint or "").startswith("http:")
    return S3Store(
        url.netloc,
        prefix=url.path.strip("/") or None,
        config=config,
        client_options={"allow_http": is_plain, "timeout": _TIMEOUT},
        retry_config={"max_retries": 3, "retry_timeout": _TIMEOUT},
    )
