"""Settings of the gateway: those of every service, and how identities are kept."""

from datetime import timedelta
from typing import Self

from pydantic import Field, SecretStr, model_validator

from crm_platform.settings import Group, ServiceSettings
from gateway.proxy.settings import ProxySettings


class IdentitySettings(Group):
    """Sign-in, tokens, keys."""

    kek: SecretStr | None = Field(
        default=None,
        description="Key-encryption key: encrypts signing keys and second-factor secrets at rest; else CRM_SECRET_KEY.",
    )
    access_seconds: int = Field(default=600, ge=60, le=900, description="Life of an access token.")
    refresh_days: float = Field(default=14, gt=0, description="Days after which an unused session ends.")
    session_days: float = Field(default=90, gt=0, description="Days after which any session ends.")
    lock_tries: int = Field(default=5, ge=1, description="Failed sign-ins in a row that lock an account.")
    lock_minutes: float = Field(default=15, gt=0, description="Minutes an account stays locked.")
    api_key_cache_seconds: float = Field(
        default=30, ge=0, description="Seconds for which a checked API key is trusted; bounds a revocation."
    )
    key_rotation_days: float = Field(default=30, gt=0, description="Days for which one signing key is used.")
    key_refresh_seconds: float = Field(default=30, ge=0, description="Seconds between two looks at the stored keys.")
    maintenance_seconds: float = Field(
        default=60, gt=0, description="Seconds between two rounds of key rotation and clean-up in the worker."
    )
    argon2_memory_kib: int = Field(default=65536, ge=8, description="Memory of one password check.")
    argon2_time_cost: int = Field(default=3, ge=1, description="Passes of one password check.")
    argon2_lanes: int = Field(default=4, ge=1, description="Threads of one password check.")
    password_checks: int = Field(default=2, ge=1, description="Password checks at a time; others wait.")
    password_queue: int = Field(default=64, ge=1, description="Password checks that may wait; others get a 503.")


class GatewaySettings(ServiceSettings):
    """Everything a gateway process needs to know."""

    secret_key: SecretStr | None = Field(default=None, description="What this deployable encrypts with.")
    services: dict[str, str] = Field(default_factory=dict, description="Base address of each service, as JSON.")
    identity: IdentitySettings = IdentitySettings()
    proxy: ProxySettings = ProxySettings()

    @model_validator(mode="after")
    def _need_a_key(self) -> Self:
        if self.identity.kek is None and self.secret_key is None:
            raise ValueError("set CRM_IDENTITY__KEK or CRM_SECRET_KEY")
        return self

    @property
    def key_encryption_key(self) -> str:
        """The text from which the keys that encrypt at rest are derived."""
        chosen = self.identity.kek or self.secret_key
        assert chosen is not None  # noqa: S101  (checked when the settings were read)
        return chosen.get_secret_value()

    @property
    def key_lead(self) -> timedelta:
        """How long a signing key is published before it is used: twice the verifiers' cache time."""
        return timedelta(seconds=2 * self.auth.jwks_max_age)
