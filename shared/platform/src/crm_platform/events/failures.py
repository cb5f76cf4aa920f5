"""Telling failures that pass by themselves from events that cannot be handled."""

from __future__ import annotations

import traceback
from typing import Final

import asyncpg

from crm_platform.events.subscriptions import HandlerError

_PASSING: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    ConnectionError,
    TimeoutError,
)
_TRACE_LINES: Final = 12
_REASON_LENGTH: Final = 4000


class RetryableError(Exception):
    """Raised by a handler that expects to succeed a little later.

    The batch is tried again a few times; then the event counts as failed, so do not wait for other events this way.
    """


class FencedError(Exception):
    """Somebody else has moved on from where this consumer believed to be; nothing was committed."""


def passes(error: BaseException) -> bool:
    """Whether trying again may help, with nothing else changed."""
    cause = error.error if isinstance(error, HandlerError) else error
    return isinstance(cause, (*_PASSING, RetryableError)) or getattr(cause, "retryable", False) is True


def reason_of(error: BaseException) -> str:
    """What a dead letter says: class, message and the end of the traceback."""
    cause = error.error if isinstance(error, HandlerError) else error
    frames = traceback.format_exception(cause)[1:-1]
    lines = "".join(frames).splitlines()[-_TRACE_LINES:]
    trace = "\n".join(lines)
    return f"{type(cause).__name__}: {cause}\n{trace}"[:_REASON_LENGTH]
