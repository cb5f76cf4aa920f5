"""Settings of a process: read once from the environment, prefix ``CRM_``, groups joined by ``__``."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Group(BaseModel):
    """A named group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Group):
    """PostgreSQL, as the role of this service."""

    url: str = Field(description="postgresql://role:password@host:port/database")
    pool_min: int = Field(default=1, ge=0, description="Connections kept open.")
    pool_max: int = Field(default=10, ge=1, description="Connections at most.")
    connect_timeout: float = Field(default=5.0, gt=0, description="Seconds to open a connection.")
    pool_timeout: float = Field(
        default=5.0, gt=0, description="Seconds to wait for a free connection, or for one to roll back."
    )
    statement_timeout: float = Field(default=30.0, gt=0, description="Seconds one statement may take.")
    lock_timeout: float = Field(default=5.0, gt=0, description="Seconds to wait for a row lock.")


class KafkaSettings(Group):
    """The broker."""

    bootstrap: str = Field(default="127.0.0.1:29092", description="host:port, several by comma.")
    security: Literal["PLAINTEXT", "SSL", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="As `security.protocol` of Kafka's own clients."
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of who signs the brokers' certificates; the system's own without."
    )
    username: str = Field(default="", description="For SASL_SSL, by SCRAM-SHA-512.")
    password: SecretStr | None = Field(default=None, description="For SASL_SSL.")
    topic_prefix: str = Field(default="", description="Put before every topic name; lets test runs share a broker.")
    partitions: int = Field(default=6, ge=1, description="Partitions of each topic; fixed for its life.")
    heal_log_loss: bool = Field(default=True, description="Republish what the broker lost. Off only in control tests.")
    fence: bool = Field(default=True, description="Move offsets by compare-and-set. Off only in control tests.")
    retention_days: float = Field(default=30, gt=0, description="How long published events stay for replay.")

    @model_validator(mode="after")
    def _need_a_login(self) -> Self:
        if self.security == "SASL_SSL" and (not self.username or self.password is None):
            raise ValueError("SASL_SSL needs a username and a password")
        return self


class AuthSettings(Group):
    """Who issues the tokens that this service trusts."""

    issuer: str = Field(default="http://127.0.0.1:8080", description="Required `iss` claim.")
    audience: str = Field(default="crm", description="Required `aud` claim.")
    jwks_url: str = Field(
        default="http://127.0.0.1:8080/.well-known/jwks.json", description="The issuer's public keys; http(s) or file."
    )
    jwks_max_age: float = Field(default=300.0, gt=0, description="Seconds a key set is used before it is read anew.")
    leeway: float = Field(default=5.0, ge=0, description="Seconds of clock difference that are forgiven.")


class HttpSettings(Group):
    """The listening socket."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    leave_seconds: float = Field(
        default=0.0, ge=0, description="Time from being asked to stop, when ready turns 503, to letting nobody in."
    )
    drain_seconds: float = Field(default=20.0, ge=0, description="Time that running requests get on shutdown.")


class LimitSettings(Group):
    """What a single request may ask for."""

    body_bytes: int = Field(default=4 * 1024 * 1024, gt=0, description="Size of a request body.")
    deadline_seconds: float = Field(default=15.0, gt=0, description="Longest a request may run.")
    page_size: int = Field(default=200, gt=0, description="Largest `limit` of a list.")
    batch_items: int = Field(default=1000, gt=0, description="Items in one batch call.")
    requests_per_minute: int = Field(default=6000, gt=0, description="Per caller, at each process.")


class LogSettings(Group):
    """Log lines."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    requests: bool = Field(default=True, description="One line per request.")


class TraceSettings(Group):
    """OpenTelemetry traces."""

    sample_ratio: float = Field(default=0.0, ge=0, le=1, description="Share of new traces that are recorded.")
    otlp_endpoint: str | None = Field(default=None, description="OTLP/HTTP collector; nothing is exported without.")


class AuditSettings(Group):
    """The tamper-evident record of changes."""

    seal_interval: float = Field(default=0.5, gt=0, description="Seconds between two seals.")
    checkpoint_dir: Path = Field(default=Path(".data/audit"), description="Where signed checkpoints are kept.")
    signing_key: SecretStr | None = Field(default=None, description="Ed25519 private key (PEM) for checkpoints.")


class SealingSettings(Group):
    """Keys of the personal data that a service keeps sealed."""

    keys: SecretStr | None = Field(
        default=None,
        description="Keys of 32 bytes in base64url, several by comma: the first wraps, all of them unwrap.",
    )
    index_secret: SecretStr | None = Field(
        default=None, description="32 bytes in base64url, by which sealed values are found; it stays as it is."
    )


class ObjectSettings(Group):
    """Where files are kept: imports, exports, attachments. All processes of a service see the same place."""

    url: str = Field(
        default="file:.data/objects",
        description="`file:folder`, or `s3://bucket/prefix` for S3 and what speaks like it.",
    )
    endpoint: str | None = Field(default=None, description="URL of the S3 service, where it is not that of AWS.")
    region: str | None = Field(default=None, description="Region of the bucket.")
    access_key_id: str | None = Field(default=None, description="For S3; without, the machine's own identity is used.")
    secret_access_key: SecretStr | None = Field(default=None, description="For S3.")
    max_bytes: int = Field(default=2 * 1024 * 1024 * 1024, gt=0, description="Size of one file.")


class ServiceSettings(BaseSettings):
    """Everything a process needs to know; a service subclasses it to add its own."""

    model_config = SettingsConfigDict(
        env_prefix="CRM_",
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    service: str = Field(description="Name of the service, such as `customer-svc`.")
    db: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    auth: AuthSettings = AuthSettings()
    http: HttpSettings = HttpSettings()
    limits: LimitSettings = LimitSettings()
    log: LogSettings = LogSettings()
    trace: TraceSettings = TraceSettings()
    audit: AuditSettings = AuditSettings()
    objects: ObjectSettings = ObjectSettings()
    sealing: SealingSettings = SealingSettings()
    operator_token: SecretStr | None = Field(default=None, description="Bearer token of the operator endpoints.")
