"""About whom a question of access is: whoever asks, or somebody else, of whom only the gateway knows what he may do."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.requests import Request

from crm_platform.context import Caller
from crm_platform.errors import DomainError, Forbidden, InvalidParameter
from crm_platform.runtime import Runtime, runtime_of
from crm_platform.words import Words

ABOUT_HEADER: Final = "crm-about"
"""In it the gateway tells what the person in question may do, by a token for no other purpose."""

ABOUT_PARAMETER: Final = "user_id"

ABOUT_SCOPE: Final = "access:read"
"""What whoever asks about others must hold."""

_NOT_A_UUID = Words("the id of a user", "应为用户的 id")


class RightsOfOthersUnknown(DomainError):
    """What another user may do is known to the gateway only, which did not tell it with the question."""

    status, code = 403, "rights_of_others_unknown"
    title, title_zh = "Rights of others unknown", "他人权限未知"
    en = "Only the gateway can tell what others may do: ask there."
    zh = "他人的权限只能通过网关查询。"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks about whom."""

    by: Caller
    about: Caller
    active: bool = True
    """Whether the account is; whose is not may do nothing."""

    @property
    def oneself(self) -> bool:
        """Whether somebody asks about what he may do himself."""
        return self.by.id == self.about.id


async def asked(request: Request, caller: Caller) -> Asked:
    """Who asks about whom.

    Raises:
        InvalidParameter: The parameter is no id.
        Forbidden: The caller may not ask about others.
        RightsOfOthersUnknown: The user in question is not told of by the gateway.
    """
    text = request.query_params.get(ABOUT_PARAMETER)
    if text is None:
        return Asked(caller, caller)
    id = user_id_of(text)
    if id == caller.id:
        return Asked(caller, caller)
    if not caller.may(ABOUT_SCOPE):
        raise Forbidden(scope=ABOUT_SCOPE)
    token = request.headers.get(ABOUT_HEADER)
    if token is None:
        raise RightsOfOthersUnknown
    runtime: Runtime = runtime_of(request)
    claims = await runtime.verifier.verify_about(token)
    about = claims.to_caller()
    if (about.id, about.tenant_id) != (id, caller.tenant_id):
        raise RightsOfOthersUnknown
    return Asked(caller, about, claims.active)


def user_id_of(text: str) -> UUID:
    """The id in the parameter.

    Raises:
        InvalidParameter: It is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidParameter(parameter=ABOUT_PARAMETER, message=_NOT_A_UUID) from error
