"""Use cases of signing keys: keep them rotated, replace one at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import structlog
from joserfc.jwk import OKPKey

from crm_platform.clock import utc_now
from crm_platform.db import Connection, Database
from crm_platform.ids import new_id
from gateway.sealing import BrokenSeal, Sealer
from gateway.settings import GatewaySettings
from gateway.signing_keys import repository
from gateway.signing_keys.domain import Schedule, SigningKey, current, following, plan, state_of

PURPOSE = "signing-keys"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A signing key as operators see it."""

    kid: str
    state: str
    published_at: datetime
    use_from: datetime


def sealer_of(settings: GatewaySettings) -> Sealer:
    """What encrypts the private halves."""
    return Sealer(settings.key_encryption_key, PURPOSE)


def schedule_of(settings: GatewaySettings) -> Schedule:
    """The times of rotation."""
    life = timedelta(seconds=settings.identity.access_seconds + settings.auth.leeway)
    return Schedule(
        interval=timedelta(days=settings.identity.key_rotation_days),
        lead=settings.key_lead,
        keep=life + settings.key_lead,
    )


async def rotate_when_due(database: Database, settings: GatewaySettings) -> list[SigningKey]:
    """Make the keys that are missing, forget those that are over, return all; any process may do it at any time."""
    async with database.system() as connection:
        await repository.lock(connection)
        await _follow_plan(connection, settings, utc_now())
        return await repository.all_keys(connection)


async def rotate_now(database: Database, settings: GatewaySettings, *, compromised: bool = False) -> list[KeyInfo]:
    """Let the next key sign as soon as all verifiers can know it.

    Args:
        database: The gateway's.
        settings: The gateway's.
        compromised: The present key is in wrong hands. It is withdrawn with every token it has signed: verifiers
            notice within their cache time. The next one signs from now on.
    """
    now = utc_now()
    async with database.system() as connection:
        await repository.lock(connection)
        keys = await repository.all_keys(connection)
        present, after = current(keys, now), following(keys, now)
        if after is not None:
            known_at = now if compromised else max(now, after.published_at + settings.key_lead)
            await repository.bring_forward(connection, after.kid, min(known_at, after.use_from))
        if compromised:
            await repository.remove(connection, [key.kid for key in keys if key.use_from <= now])
        await _follow_plan(connection, settings, now)
        keys = await repository.all_keys(connection)
    _log.warning("signing_keys_rotated", by="operator", compromised=compromised, present=present and present.kid)
    return [describe(key, keys, now) for key in keys]


async def list_keys(database: Database) -> list[SigningKey]:
    """All keys, in the order of their use."""
    async with database.system() as connection:
        return await repository.all_keys(connection)


def describe(key: SigningKey, keys: list[SigningKey], now: datetime) -> KeyInfo:
    """``key`` as operators see it."""
    return KeyInfo(key.kid, state_of(key, keys, now).value, key.published_at, key.use_from)


def open_private(sealer: Sealer, key: SigningKey) -> OKPKey | None:
    """The key, ready to sign; None where it was encrypted with another key-encryption key."""
    try:
        return OKPKey.import_key(orjson.loads(sealer.open(key.sealed, key.kid)))
    except BrokenSeal:
        return None


async def _follow_plan(connection: Connection, settings: GatewaySettings, now: datetime) -> None:
    sealer = sealer_of(settings)
    keys = await repository.all_keys(connection)
    # Keys that nobody can open any more do not count: a new one must take their place at once.
    readable = [key for key in keys if open_private(sealer, key) is not None]
    if len(readable) < len(keys):
        _log.error("signing_keys_unreadable", keys=[key.kid for key in keys if key not in readable])
    schedule = schedule_of(settings)
    for use_from in plan(readable, now, schedule).make:
        key = _new_key(sealer, now, use_from)
        await repository.add(connection, key)
        _log.info("signing_key_made", kid=key.kid, use_from=use_from.isoformat())
    over = plan(keys, now, schedule).forget
    if over:
        await repository.remove(connection, over)
        _log.info("signing_keys_forgotten", keys=over)


def _new_key(sealer: Sealer, now: datetime, use_from: datetime) -> SigningKey:
    kid = str(new_id())
    key = OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})
    sealed = sealer.seal(orjson.dumps(key.as_dict(private=True)), kid)
    return SigningKey(kid, dict(key.as_dict(private=False)), now, use_from, sealed)
