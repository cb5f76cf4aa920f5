"""Use cases of passwords: set one, check one, lock an account that somebody tries to guess his way into."""

import asyncio
from datetime import timedelta
from math import ceil
from uuid import UUID

from crm_platform.clock import utc_now
from crm_platform.db import Connection, Database
from gateway.passwords import repository
from gateway.passwords.domain import check_password
from gateway.passwords.errors import AccountLocked
from gateway.passwords.hashing import PasswordHasher
from gateway.settings import IdentitySettings
from gateway.text import email_key

_LANES = 64


class Passwords:
    """Password checks of one process."""

    def __init__(self, settings: IdentitySettings, hasher: PasswordHasher) -> None:
        self._limit = settings.lock_tries
        self._window = timedelta(minutes=settings.lock_minutes)
        self._hasher = hasher
        # Tries on one account wait for each other here: each is counted before it is made, and a person who
        # signs in with five programs at once has not failed five times.
        self._lanes = [asyncio.Lock() for _ in range(_LANES)]

    def lane(self, tenant_id: UUID, email: str) -> asyncio.Lock:
        """What whoever tries a password of this account holds meanwhile."""
        return self._lanes[hash((tenant_id, email_key(email))) % _LANES]

    async def take_try(self, database: Database, tenant_id: UUID, email: str) -> None:
        """Count a try before it is made, so that any number of parallel ones has no more chances.

        Raises:
            AccountLocked: There were too many.
        """
        now = utc_now()
        async with database.transaction(tenant_id) as connection:
            failures, tried_at = await repository.take_try(
                connection, _account(email), now, limit=self._limit, window=self._window
            )
        if failures > self._limit:
            seconds = max(1, ceil((tried_at + self._window - now).total_seconds()))
            raise AccountLocked(retry_after=seconds, headers={"retry-after": str(seconds)})

    async def give_back_try(self, database: Database, tenant_id: UUID, email: str) -> None:
        """The try was right, but does not yet let anybody in (a second factor is missing)."""
        async with database.transaction(tenant_id) as connection:
            await repository.give_back_try(connection, _account(email), limit=self._limit)

    async def clear_tries(self, connection: Connection, email: str) -> None:
        """The account's owner has come in, or an administrator has unlocked it."""
        await repository.clear_tries(connection, _account(email))

    async def verify(self, known: str | None, password: str) -> bool:
        """See :meth:`PasswordHasher.verify`."""
        return await self._hasher.verify(known, password)

    async def store(self, connection: Connection, user_id: UUID, email: str, password: str) -> None:
        """Make ``password`` the user's.

        Raises:
            WeakPassword: It is too easy to guess.
        """
        check_password(password, email)
        await repository.store_hash(connection, user_id, await self._hasher.hash(password))

    async def refresh(self, connection: Connection, user_id: UUID, known: str, password: str) -> None:
        """Hash a password anew that has just been checked, if today's parameters are stronger."""
        if self._hasher.is_outdated(known):
            await repository.store_hash(connection, user_id, await self._hasher.hash(password))


async def find_hash(connection: Connection, user_id: UUID) -> str | None:
    """The hash of the user's password; None for a user who has none."""
    return await repository.find_hash(connection, user_id)


async def purge_tries(connection: Connection, settings: IdentitySettings) -> None:
    """Forget tries that no longer count; in a system transaction."""
    await repository.purge_tries(connection, utc_now() - timedelta(minutes=settings.lock_minutes))


def _account(email: str) -> bytes:
    return repository.account_of(email_key(email))


__all__ = ["PasswordHasher", "Passwords", "find_hash", "purge_tries"]
