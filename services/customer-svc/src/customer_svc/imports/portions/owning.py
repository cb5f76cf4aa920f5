"""To whom the rows of a portion give customers: people and teams are looked up at once."""

from collections.abc import Sequence

from crm_contracts.imports.v1 import ImportMapping
from crm_platform.uow import UnitOfWork
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.owners import Owners, named
from customer_svc.intake import customers
from customer_svc.known_teams import service as known_teams
from customer_svc.known_users import service as known_users


async def owners_of(unit: UnitOfWork, mapping: ImportMapping, drafts: Sequence[Draft]) -> Owners:
    """What gives the customers of rows to whom these name."""
    people, teams = named(drafts)
    return Owners(
        await known_users.people_named(unit, people),
        await known_teams.teams_named(unit, teams),
        customers.owning_refusal(unit),
        mapping.bad_cells,
        unit.now,
    )
