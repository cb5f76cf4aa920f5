"""Rules of users."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from crm_platform.aggregate import AggregateState
from crm_platform.words import Words
from gateway.users.errors import AlreadyInState

NOUN = Words("user", "用户")

Language = Literal["zh", "en"]


class User(AggregateState):
    """A person who can sign in; passwords and second factors are kept elsewhere."""

    email: str
    name: str
    team_id: UUID | None = None
    roles: tuple[str, ...] = ()
    language: Language = "en"
    active: bool = True
    second_factor: bool = False
    password_changed_at: datetime | None = None

    def activated(self) -> "User":
        """The user, able to sign in again.

        Raises:
            AlreadyInState: That is so already.
        """
        if self.active:
            raise AlreadyInState(what=Words("active", "启用"))
        return self.with_(active=True)

    def deactivated(self) -> "User":
        """The user, unable to sign in from now on.

        Raises:
            AlreadyInState: That is so already.
        """
        if not self.active:
            raise AlreadyInState(what=Words("inactive", "停用"))
        return self.with_(active=False)
