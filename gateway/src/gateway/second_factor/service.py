"""Use cases of the second factor."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from crm_platform.clock import utc_now
from crm_platform.db import Connection
from gateway.sealing import BrokenSeal, Sealer
from gateway.second_factor import repository
from gateway.second_factor.domain import (
    matching_step,
    new_recovery_codes,
    new_secret,
    provisioning_uri,
    recovery_key,
)
from gateway.second_factor.errors import NoSecondFactor, SecondFactorInUse, WrongCode

ISSUER = "Guanxi"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a phone must be told, once."""

    secret: str
    uri: str


class SecondFactors:
    """Second factors of one process; it alone can read the secrets."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def begin(self, connection: Connection, user_id: UUID, email: str) -> Enrolment:
        """Make a secret for the user's phone; it counts once the phone has proved that it knows it.

        Raises:
            SecondFactorInUse: The user has a second factor.
        """
        secret = new_secret()
        if not await repository.begin(connection, user_id, self._sealer.seal(secret.encode(), str(user_id))):
            raise SecondFactorInUse
        return Enrolment(secret, provisioning_uri(secret, email=email, issuer=ISSUER))

    async def confirm(self, connection: Connection, user_id: UUID, code: str) -> list[str]:
        """Take the second factor into use; returns the recovery codes, which nobody can show again.

        Raises:
            NoSecondFactor: None was begun.
            SecondFactorInUse: It is in use already.
            WrongCode: The phone does not agree.
        """
        factor = await repository.find(connection, user_id)
        if factor is None:
            raise NoSecondFactor
        if factor.confirmed:
            raise SecondFactorInUse
        if not await self._check_code(connection, user_id, factor.sealed_secret, code):
            raise WrongCode
        await repository.confirm(connection, user_id, utc_now())
        return await self.renew_codes(connection, user_id)

    async def renew_codes(self, connection: Connection, user_id: UUID) -> list[str]:
        """Replace the user's recovery codes."""
        codes = new_recovery_codes()
        await repository.replace_codes(connection, user_id, [self._fingerprint(user_id, code) for code in codes])
        return codes

    async def check(
        self, connection: Connection, user_id: UUID, *, code: str | None, recovery_code: str | None
    ) -> bool:
        """Whether one of the two is right; it is used up then. The caller commits either way."""
        if code is not None:
            factor = await repository.find(connection, user_id)
            return factor is not None and await self._check_code(connection, user_id, factor.sealed_secret, code)
        if recovery_code is not None:
            fingerprint = self._fingerprint(user_id, recovery_code)
            return await repository.use_code(connection, user_id, fingerprint, utc_now())
        return False

    async def remove(self, connection: Connection, user_id: UUID) -> None:
        """Forget the user's second factor and recovery codes."""
        await repository.remove(connection, user_id)

    async def _check_code(self, connection: Connection, user_id: UUID, sealed: bytes, code: str) -> bool:
        try:
            secret = self._sealer.open(sealed, str(user_id)).decode()
        except BrokenSeal:
            _log.exception("second_factor_unreadable", user=str(user_id))
            return False
        step = matching_step(secret, code, utc_now())
        return step is not None and await repository.accept(connection, user_id, step)

    def _fingerprint(self, user_id: UUID, code: str) -> bytes:
        return self._sealer.fingerprint(recovery_key(code), str(user_id))


async def codes_left(connection: Connection, user_id: UUID) -> int:
    """Recovery codes that the user can still use."""
    return await repository.codes_left(connection, user_id)


__all__ = ["Enrolment", "NoSecondFactor", "SecondFactors", "codes_left"]
