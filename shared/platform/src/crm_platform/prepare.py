"""``python -m crm_platform.prepare``: make the database, and a role with its schema for each deployable.

Run again it sets the passwords that it is given, and changes nothing else: that is also how one is rotated.
"""

import asyncio
import sys

import asyncpg
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm_platform.db.preparation import DATABASE, Owner, Unusable, prepare


class PrepareSettings(BaseSettings):
    """Who may make them, and for whom."""

    model_config = SettingsConfigDict(env_prefix="CRM_PREPARE__", env_nested_delimiter="__", frozen=True)

    admin_url: SecretStr = Field(
        description="postgresql://admin:password@host:port/postgres; the admin may create databases and roles."
    )
    database: str = Field(default=DATABASE, description="Name of the database.")
    passwords: dict[str, SecretStr] = Field(
        min_length=1, description="Password of each role, as CRM_PREPARE__PASSWORDS__<ROLE> or all as JSON."
    )

    @property
    def owners(self) -> tuple[Owner, ...]:
        """The roles that are wanted."""
        return tuple(Owner(role, password.get_secret_value()) for role, password in sorted(self.passwords.items()))


def main() -> int:
    """Entry point; settings come from the environment."""
    try:
        settings = PrepareSettings()
        asyncio.run(prepare(settings.admin_url.get_secret_value(), settings.owners, database=settings.database))
    except (Unusable, asyncpg.PostgresError, ValueError) as error:
        print(f"prepare: {error}", file=sys.stderr)  # noqa: T201 - for whoever reads the container's log
        return 1
    print(f"prepare: {settings.database} has {', '.join(sorted(settings.passwords))}")  # noqa: T201 - as above
    return 0


if __name__ == "__main__":
    sys.exit(main())
