"""The OAuth2 token endpoint: client credentials only (RFC 6749 section 4.4)."""

import binascii
from base64 import b64decode
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote_plus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.context import Caller
from crm_platform.http.responses import JSON
from crm_platform.http.route import public, service_router
from gateway.credentials import service
from gateway.credentials.schemas import AccessTokenRead, TokenError
from gateway.runtime import GatewayDep, GatewayRuntime

FORM = "application/x-www-form-urlencoded"
_MAX_BODY = 16 * 1024
_MAX_FIELDS = 20

router = service_router("Sign-in", prefix="/api/v1")

_OPTIONS = public()
_OPTIONS["openapi_extra"]["requestBody"] = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "client_id": {"type": "string", "description": "Unless sent by HTTP Basic authentication."},
                    "client_secret": {"type": "string", "description": "Unless sent by HTTP Basic authentication."},
                    "scope": {"type": "string", "description": "Blank-separated; less than the client may."},
                },
            }
        }
    },
}
_OPTIONS["responses"] = {status: {"model": TokenError, "description": "Refused"} for status in (400, 401)}


class Refused(Exception):
    """The request is answered by an error of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, *, status: int = 400, challenge: bool = False) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.challenge = challenge

    def response(self) -> Response:
        """The answer."""
        body = {"error": self.error, "error_description": self.description}
        headers = {"cache-control": "no-store"}
        if self.challenge:
            headers["www-authenticate"] = 'Basic realm="crm", charset="UTF-8"'
        return Response(orjson.dumps(body), self.status, headers, JSON)


@dataclass(frozen=True, slots=True)
class _ClientProof:
    client_id: str
    secret: str
    by_header: bool


@router.post("/oauth/token", response_model=AccessTokenRead, **_OPTIONS)
async def issue_client_token(request: Request, gateway: GatewayDep) -> Response:
    """Exchange a client's id and secret for an access token of ten minutes."""
    try:
        caller = await _client(request, gateway)
    except Refused as refused:
        return refused.response()
    token = await gateway.issuer.issue(caller)
    answer = AccessTokenRead(
        access_token=token.text,
        token_type="Bearer",  # noqa: S106  (the name of a kind of token)
        expires_in=token.lifetime,
        scope=" ".join(sorted(caller.scopes)),
    )
    return Response(answer.model_dump_json(), headers={"cache-control": "no-store"}, media_type=JSON)


async def _client(request: Request, gateway: GatewayRuntime) -> Caller:
    form = await _form(request)
    if "grant_type" not in form:
        raise Refused("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise Refused("unsupported_grant_type", "only client_credentials is supported here")
    proof = _proof(request, form)
    caller = await service.check_client(gateway.database, proof.client_id, proof.secret)
    if caller is None:
        raise Refused("invalid_client", "unknown client or wrong secret", status=401, challenge=proof.by_header)
    return _narrowed(caller, form.get("scope"))


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Refused("invalid_request", f"send the parameters as {FORM}")
    body = await request.body()
    if len(body) > _MAX_BODY:
        raise Refused("invalid_request", "the body is too large")
    try:
        pairs = parse_qsl(body.decode(), strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise Refused("invalid_request", "the body is not form-encoded") from error
    form = dict(pairs)
    if len(form) < len(pairs):
        raise Refused("invalid_request", "a parameter appears more than once")
    return form


def _proof(request: Request, form: dict[str, str]) -> _ClientProof:
    header = request.headers.get("authorization")
    if header is None:
        if "client_id" not in form or "client_secret" not in form:
            raise Refused("invalid_client", "client_id and client_secret are missing", status=401)
        return _ClientProof(form["client_id"], form["client_secret"], by_header=False)
    if "client_secret" in form:
        raise Refused("invalid_request", "the client authenticates in two ways at once")
    return _basic(header)


def _basic(header: str) -> _ClientProof:
    kind, _, encoded = header.partition(" ")
    try:
        if kind.lower() != "basic":
            raise ValueError(kind)  # noqa: TRY301  (every way to be wrong ends in the one refusal below)
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
        if not colon:
            raise ValueError(encoded)  # noqa: TRY301
    except (ValueError, binascii.Error) as error:
        raise Refused("invalid_client", "not HTTP Basic authentication", status=401, challenge=True) from error
    return _ClientProof(unquote_plus(client_id), unquote_plus(secret), by_header=True)


def _narrowed(caller: Caller, scope: str | None) -> Caller:
    if scope is None:
        return caller
    wanted = frozenset(scope.split())
    if not wanted or wanted - caller.scopes:
        raise Refused("invalid_scope", "the client may not have all of these scopes")
    return replace(caller, scopes=wanted)
