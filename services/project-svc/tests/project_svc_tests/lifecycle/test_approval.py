import httpx
import pytest

from crm_contracts.inbound.v1 import ApprovalDecision
from crm_platform.context import Caller
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import decision, done, reasons, told

APPROVED, REFUSED = ApprovalDecision.APPROVED, ApprovalDecision.REFUSED


async def test_an_approval_of_the_oa_system_starts_the_project(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)

    await deliver(service, decision(project["id"], APPROVED), tenant_id=agent.tenant_id, origin="oa")

    started = (await client.get(f"/v1/projects/{project['id']}")).json()
    assert (started["status"], started["approved_by"], started["version"]) == ("active", "王经理", 2)
    assert started["updated_by"] == "system:project-svc"
    assert await reasons(service, "project") == [("project.opened", None), ("project.started", "预算已确认")]
    ((origin,),) = await service.sql("SELECT headers->>'origin' FROM outbox WHERE type = 'project.started'")
    assert origin == "oa"


async def test_a_refusal_of_the_oa_system_cancels_the_project(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)

    await deliver(service, decision(project["id"], REFUSED, comment=None), tenant_id=agent.tenant_id, origin="oa")

    cancelled = (await client.get(f"/v1/projects/{project['id']}")).json()
    assert (cancelled["status"], cancelled["approved_by"]) == ("cancelled", None)
    assert await reasons(service, "project") == [("project.opened", None), ("project.cancelled", None)]


NO_LONGER_WAITING = (
    ("approve",),
    ("approve", "pause"),
    ("approve", "complete"),
    ("approve", "complete", "close"),
    ("cancel",),
)


async def test_a_late_decision_changes_nothing(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    for actions in NO_LONGER_WAITING:
        project = await open_project(approve=False)
        before = await done(client, f"projects/{project['id']}", *actions)
        events = len(await told(service, "project"))

        for verdict in ApprovalDecision:
            await deliver(service, decision(project["id"], verdict), tenant_id=agent.tenant_id, origin="oa")

        assert (await client.get(f"/v1/projects/{project['id']}")).json() == before, actions
        assert len(await told(service, "project")) == events


async def test_the_same_decision_twice_takes_effect_once(
    service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)

    for _ in range(2):
        await deliver(service, decision(project["id"], APPROVED), tenant_id=agent.tenant_id, origin="oa")

    assert await told(service, "project") == [("project.opened", 1), ("project.started", 2)]


async def test_a_decision_about_an_unknown_project_is_put_aside(
    service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)
    nobody = new_id()

    with pytest.raises(NotFound, match=f"no project with id {nobody}"):
        await deliver(service, decision(nobody, APPROVED), tenant_id=agent.tenant_id, origin="oa")
    with pytest.raises(NotFound):
        await deliver(service, decision(project["id"], APPROVED), tenant_id=new_id(), origin="oa")

    assert await told(service, "project") == [("project.opened", 1)]


async def test_approvals_of_other_things_are_not_ours(
    service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)

    message = decision(project["id"], APPROVED, subject_type="contract")
    await deliver(service, message, tenant_id=agent.tenant_id, origin="oa")

    assert await told(service, "project") == [("project.opened", 1)]
