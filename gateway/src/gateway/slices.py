"""What the gateway is made of."""

from crm_platform.service import Service
from gateway.companies import endpoints as companies
from gateway.companies.models import COMPANIES
from gateway.credentials import endpoints as credentials
from gateway.credentials import oauth
from gateway.credentials.models import CREDENTIALS
from gateway.metadata import METADATA
from gateway.passwords import models as passwords
from gateway.portal import endpoints as portal
from gateway.roles import endpoints as roles
from gateway.roles.models import ROLES
from gateway.second_factor import models as second_factor
from gateway.sessions import endpoints as sessions
from gateway.settings import GatewaySettings
from gateway.sign_in import endpoints as sign_in
from gateway.signing_keys import endpoints as signing_keys
from gateway.teams import endpoints as teams
from gateway.teams.models import TEAMS
from gateway.tenants import models as tenants
from gateway.users import endpoints as users
from gateway.users.models import USERS
from gateway.views import endpoints as views

TABLES_WITHOUT_ROUTES = (passwords, second_factor, tenants)
"""Named here so that their tables are known to the migrations."""

SERVICE = Service(
    name="gateway",
    title="Guanxi",
    description="The public API: sign-in, people and rights here, everything else at the services behind.",
    metadata=METADATA,
    routers=(
        sign_in.router,
        sessions.router,
        oauth.router,
        signing_keys.router,
        companies.router,
        users.router,
        teams.router,
        roles.router,
        credentials.router,
        views.router,
        portal.router,
    ),
    aggregates=(COMPANIES, USERS, TEAMS, ROLES, CREDENTIALS),
    settings=GatewaySettings,
)
