"""Claims of an access token, in both directions."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from crm_platform.context import Caller, FieldLevel, FieldRule, Visibility

ALGORITHM = "Ed25519"
"""RFC 9864 name of EdDSA over Curve25519; the only algorithm that is made or accepted."""

ACCEPTED_ALGORITHMS = ("Ed25519", "EdDSA")


ABOUT_AUDIENCE = "/about"
"""Ends the audience of a token that lets nobody in: it only tells what somebody may do, see :class:`AboutClaims`."""


class Claims(BaseModel):
    """What a token says; unknown claims pass, missing ones refuse the token."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=False)

    sub: UUID
    tid: UUID
    typ: str
    scope: str
    vis: Visibility
    teams: tuple[UUID, ...] = ()
    loc: str = "en"
    name: str = ""
    sys: str = "crm"
    exp: float
    fld: dict[str, dict[str, FieldLevel]] = {}

    def to_caller(self) -> Caller:
        """The caller that the token stands for."""
        kinds: Any = self.typ
        return Caller(
            id=self.sub,
            tenant_id=self.tid,
            kind=kinds,
            scopes=frozenset(self.scope.split()),
            visibility=self.vis,
            team_ids=self.teams,
            language="zh" if self.loc.startswith("zh") else "en",
            name=self.name,
            system=self.sys,
            expires_at=self.exp,
            fields=tuple(
                FieldRule(resource, member, level)
                for resource, members in sorted(self.fld.items())
                for member, level in sorted(members.items())
            ),
        )


class AboutClaims(Claims):
    """What somebody may do, told to a service about which somebody else has asked."""

    active: bool = True


def claims_of(caller: Caller) -> dict[str, Any]:
    """The claims that describe ``caller``; the issuer adds iss, aud, iat, exp and jti."""
    claims = {
        "sub": str(caller.id),
        "tid": str(caller.tenant_id),
        "typ": caller.kind,
        "scope": " ".join(sorted(caller.scopes)),
        "vis": caller.visibility,
        "teams": [str(team) for team in caller.team_ids],
        "loc": caller.language,
        "name": caller.name,
        "sys": caller.system,
    }
    fields: dict[str, dict[str, FieldLevel]] = {}
    for rule in caller.fields:
        fields.setdefault(rule.resource, {})[rule.member] = rule.level
    return {**claims, "fld": fields} if fields else claims
