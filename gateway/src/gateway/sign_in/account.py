"""Use cases of one's own account: who am I, change my password, set up my second factor."""

from crm_platform.context import Caller, Cause
from crm_platform.uow import UnitOfWork
from gateway.passwords.service import find_hash
from gateway.runtime import GatewayRuntime
from gateway.second_factor.service import Enrolment, NoSecondFactor, codes_left
from gateway.sign_in.errors import NotAPerson, WrongPassword
from gateway.sign_in.schemas import Me
from gateway.users import service as users
from gateway.users.service import User


async def show_me(gateway: GatewayRuntime, caller: Caller) -> Me:
    """What the caller's token says, and what is known of the person."""
    user, left = None, 0
    if caller.kind == "user":
        async with gateway.database.read(caller.tenant_id) as connection:
            user = await users.find_user(connection, caller.id)
            left = await codes_left(connection, caller.id)
    return Me(
        id=caller.id,
        kind=caller.kind,
        tenant_id=caller.tenant_id,
        name=user.name if user else caller.name,
        email=user.email if user else None,
        language=user.language if user else caller.language,
        roles=list(user.roles) if user else [],
        scopes=sorted(caller.scopes),
        visibility=caller.visibility,
        team_ids=list(caller.team_ids),
        system=caller.system,
        second_factor=user is not None and user.second_factor,
        recovery_codes_left=left,
    )


async def change_password(gateway: GatewayRuntime, caller: Caller, cause: Cause, current: str, new: str) -> None:
    """Take a new password; all sessions end, this one too.

    Raises:
        WrongPassword: The present one is another.
        WeakPassword: The new one is too easy to guess.
        AccountLocked: There were too many wrong ones.
    """
    await prove_password(gateway, caller, current)
    async with gateway.unit_of_work(caller, cause) as unit:
        user = await _own(unit)
        await users.change_password(unit, gateway.passwords, user, new)


async def prove_password(gateway: GatewayRuntime, caller: Caller, password: str) -> None:
    """Make sure that it is really the user who sits there.

    Raises:
        NotAPerson: The caller is a machine.
        WrongPassword: The password is another.
        AccountLocked: There were too many wrong ones.
    """
    tenant_id = caller.tenant_id
    async with gateway.database.read(tenant_id) as connection:
        user = await users.find_user(connection, caller.id) if caller.kind == "user" else None
        known = await find_hash(connection, caller.id) if user is not None and user.active else None
    if user is None:
        raise NotAPerson
    async with gateway.passwords.lane(tenant_id, user.email):
        await gateway.passwords.take_try(gateway.database, tenant_id, user.email)
        if not await gateway.passwords.verify(known, password):
            raise WrongPassword
        await gateway.passwords.give_back_try(gateway.database, tenant_id, user.email)


async def begin_second_factor(gateway: GatewayRuntime, unit: UnitOfWork) -> Enrolment:
    """Make a secret for the user's phone.

    Raises:
        SecondFactorInUse: There is one already.
    """
    user = await _own(unit)
    return await gateway.second_factors.begin(unit.connection, user.id, user.email)


async def confirm_second_factor(gateway: GatewayRuntime, unit: UnitOfWork, code: str) -> list[str]:
    """Take the phone into use; returns the recovery codes.

    Raises:
        NoSecondFactor: None was begun.
        WrongCode: The phone does not agree.
    """
    user = await _own(unit)
    codes = await gateway.second_factors.confirm(unit.connection, user.id, code)
    await users.mark_second_factor(unit, user.id, used=True)
    return codes


async def remove_second_factor(gateway: GatewayRuntime, unit: UnitOfWork) -> None:
    """Ask for no code any more.

    Raises:
        NoSecondFactor: There is none.
    """
    user = await _own_with_factor(unit)
    await gateway.second_factors.remove(unit.connection, user.id)
    await users.mark_second_factor(unit, user.id, used=False)


async def renew_recovery_codes(gateway: GatewayRuntime, unit: UnitOfWork) -> list[str]:
    """Replace the recovery codes.

    Raises:
        NoSecondFactor: There is no second factor to recover from.
    """
    user = await _own_with_factor(unit)
    return await gateway.second_factors.renew_codes(unit.connection, user.id)


async def _own_with_factor(unit: UnitOfWork) -> User:
    user = await _own(unit)
    if not user.second_factor:
        raise NoSecondFactor
    return user


async def _own(unit: UnitOfWork) -> User:
    """The caller's own account, locked.

    Raises:
        NotAPerson: The caller is a machine.
    """
    if unit.caller.kind != "user":
        raise NotAPerson
    return await users.load_own(unit)
