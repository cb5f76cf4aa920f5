"""Argon2id off the event loop, a few at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.passwords.domain import normalised
from gateway.passwords.errors import TooManySignIns
from gateway.settings import IdentitySettings

T = TypeVar("T")


class PasswordHasher:
    """Makes and checks password hashes.

    One check takes some 64 MiB and 50 ms by design. So only a few run at a time, in threads of their own,
    a bounded number waits, and the event loop stays free.
    """

    def __init__(self, settings: IdentitySettings) -> None:
        self._argon2 = Argon2(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
        )
        self._threads = ThreadPoolExecutor(settings.password_checks, thread_name_prefix="argon2")
        self._limit = settings.password_checks + settings.password_queue
        self._running = 0
        self._nobody = self._argon2.hash("nobody has this password")

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        text = normalised(password)
        return await self._run(lambda: self._argon2.hash(text))

    async def verify(self, known: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind the hash ``known``.

        Where nothing is known it takes as long and is never right, so that nobody can tell from the time
        whether an account exists.
        """
        text = normalised(password)
        right = await self._run(lambda: self._matches(known or self._nobody, text))
        return right and known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(known)

    def _matches(self, known: str, text: str) -> bool:
        try:
            return self._argon2.verify(known, text)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._running >= self._limit:
            raise TooManySignIns(headers={"retry-after": "1"})
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._running -= 1
