"""Routes that tell others how to check our tokens."""

import hashlib

import orjson
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.responses import JSON
from crm_platform.http.route import public, service_router
from gateway.runtime import GatewayDep
from gateway.scopes import SCOPES
from gateway.signing_keys.schemas import JwkSet, OpenIdConfiguration

router = service_router("Sign-in", prefix="/.well-known")


@router.get("/jwks.json", response_model=JwkSet, **public())
async def get_key_set(request: Request, gateway: GatewayDep) -> Response:
    """Show the keys with which access tokens are signed; the next one is here long before it is used."""
    body = orjson.dumps(await gateway.keys.key_set())
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": f"public, max-age={int(gateway.settings.auth.jwks_max_age)}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


@router.get("/openid-configuration", response_model=OpenIdConfiguration, **public())
async def get_openid_configuration(gateway: GatewayDep) -> OpenIdConfiguration:
    """Show where a client library finds keys and tokens."""
    issuer = gateway.settings.auth.issuer.rstrip("/")
    return OpenIdConfiguration(
        issuer=gateway.settings.auth.issuer,
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        token_endpoint=f"{issuer}/api/v1/oauth/token",
        grant_types_supported=["client_credentials"],
        response_types_supported=["token"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["EdDSA"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        scopes_supported=list(SCOPES),
    )
