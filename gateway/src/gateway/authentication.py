"""Who knocks: a bearer token, or an API key in either of two headers."""

from crm_platform.auth.verifier import TokenVerifier
from crm_platform.context import Caller
from crm_platform.errors import Unauthenticated
from crm_platform.http.headers import RequestHeaders
from crm_platform.http.middleware import NOT_BEARER
from crm_platform.words import Words
from gateway.credentials.api_keys import ApiKeys
from gateway.credentials.domain import PREFIX

API_KEY_HEADER = "x-api-key"

_NO_CREDENTIALS = Words(
    "there is neither an Authorization nor an X-API-Key header", "既没有 Authorization 请求头，也没有 X-API-Key 请求头"
)


class Doorkeeper:
    """The gateway's :data:`~crm_platform.http.middleware.Authenticate`."""

    def __init__(self, verifier: TokenVerifier, api_keys: ApiKeys) -> None:
        self._verifier = verifier
        self._api_keys = api_keys

    async def authenticate(self, headers: RequestHeaders) -> Caller:
        """The caller behind the request.

        Raises:
            Unauthenticated: There is no valid token or key.
        """
        value = headers.get("authorization")
        if value is None:
            return await self._api_keys.caller_of(_api_key(headers))
        kind, _, text = value.partition(" ")
        if kind.lower() != "bearer" or not text:
            raise Unauthenticated(why=NOT_BEARER)
        if text.startswith(PREFIX):
            return await self._api_keys.caller_of(text)
        return await self._verifier.verify(text)


def _api_key(headers: RequestHeaders) -> str:
    text = headers.get(API_KEY_HEADER)
    if text is None:
        raise Unauthenticated(why=_NO_CREDENTIALS)
    return text
