"""What clients get."""

from pydantic import BaseModel, Field


class Jwk(BaseModel):
    """A public key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str


class JwkSet(BaseModel):
    """The keys with which access tokens are signed: the present one, the next and those of tokens still out."""

    keys: list[Jwk]


class OpenIdConfiguration(BaseModel):
    """Where a client library finds what it needs (OpenID Connect Discovery, RFC 8414)."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str] = Field(description="Every scope; GET /api/v1/scopes describes them.")
