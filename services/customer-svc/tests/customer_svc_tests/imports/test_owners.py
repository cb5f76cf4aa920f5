"""Files say to whom customers belong, by what people and teams are called; and say it again when they are exported."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from crm_contracts.identity.v1 import TeamCreated, UserCreated, UserUpdated
from crm_contracts.imports.v1 import BadCells
from crm_platform.context import Caller, FieldRule
from crm_platform.ids import new_id
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.imports.rows.drafts import Draft, Named
from customer_svc.imports.rows.owners import Owners
from customer_svc.imports.rows.owners import given as given_to
from customer_svc.known_users.domain import Person
from customer_svc_tests.imports.support import Importer, as_csv
from customer_svc_tests.known_users.support import person, team

HEADER = ("编号", "公司名称", "负责人", "所属团队")
COLUMNS = dict(zip(HEADER, ("external_id", "name", "owner", "team"), strict=True))
NAMES = (
    "远帆科技有限公司",
    "明灯照明股份",
    "云海餐饮管理",
    "金穗粮油贸易",
    "北斗导航设备",
    "青竹文具商店",
    "赤壁船舶修造",
)


async def staff(service: RunningService, tenant_id: UUID) -> dict[str, Any]:
    """People and teams of a company: two are called the same, one has left."""
    east, west, twins = team("华东"), team("西部"), (team("直销"), team("直销"))
    found: dict[str, Any] = {
        "east": east,
        "west": west,
        "wang": person("王芳", "wang@example.com", team_id=east.id),
        "li": person("李强", "li@example.com", team_id=west.id),
        "left": person("周离", "zhou@example.com", team_id=east.id),
    }
    others = [person("张伟", "zhang1@example.com"), person("张伟", "zhang2@example.com")]
    for group in (east, west, *twins):
        await deliver(service, TeamCreated(state=group), tenant_id=tenant_id)
    for one in (*others, found["wang"], found["li"], found["left"]):
        await deliver(service, UserCreated(state=one), tenant_id=tenant_id)
    return found


async def leave(service: RunningService, tenant_id: UUID, who: Any) -> None:
    gone = who.model_copy(update={"active": False, "version": who.version + 1})
    await deliver(service, UserUpdated(state=gone, changed=("active",)), tenant_id=tenant_id)


def belonging(customers: list[dict[str, Any]]) -> dict[str, tuple[str | None, str | None]]:
    """To whom customers belong, by name."""
    return {one["name"]: (one["owner_id"], one["team_id"]) for one in customers}


async def test_customers_belong_to_whom_the_file_names(importer: Importer, at_work: RunningService) -> None:
    known = await staff(at_work, importer.who.tenant_id)
    wang, li, east, west = (str(known[name].id) for name in ("wang", "li", "east", "west"))
    said = [
        ("Wang@Example.com", ""),
        ("李 强", "华东"),
        (li, ""),
        ("", "西部"),
        ("", ""),
        ("张伟", ""),
        ("钱无", "直销"),
    ]
    rows = [[f"O-{place}", name, *who] for place, (name, who) in enumerate(zip(NAMES, said, strict=True))]
    path = await importer.mapped(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
    tried = await importer.done(path, "check")
    foreseen = await importer.report(path)
    done = await importer.done(path, "run")
    again = await importer.done(path, "run")

    assert tried["counters"] == done["counters"] == {"created": 5, "failed": 2}
    assert again["counters"] == {"unchanged": 5, "failed": 2}
    assert belonging(await importer.customers()) == {
        NAMES[0]: (wang, east),
        NAMES[1]: (li, east),
        NAMES[2]: (li, west),
        NAMES[3]: (None, west),
        NAMES[4]: (str(importer.who.id), None),
    }
    assert [line["reason"] for line in foreseen[5:]] == [
        "row 7, column 负责人: 2 people are called `张伟`; give the e-mail address.",
        (
            "row 8, column 负责人: nobody has the e-mail address, name or id `钱无`.; "
            "row 8, column 所属团队: 2 teams are called `直销`; give the id."
        ),
    ]
    codes = [
        [error["code"] for error in (one["problem"] or {}).get("errors", ())]
        for one in await importer.results(done["id"])
    ]
    assert codes[5:] == [["owner_ambiguous"], ["owner_unknown", "team_ambiguous"]]
    assert await importer.sql("SELECT id FROM customers WHERE owner_since IS NULL") == []


async def test_a_file_moves_customers_and_takes_them_back(importer: Importer, at_work: RunningService) -> None:
    known = await staff(at_work, importer.who.tenant_id)
    wang, li, left, east, west = (str(known[name].id) for name in ("wang", "li", "left", "east", "west"))
    rows = [[f"O-{place}", NAMES[place], "zhou@example.com", ""] for place in range(3)]
    await importer.imported(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
    was = belonging(await importer.customers())
    await leave(at_work, importer.who.tenant_id, known["left"])
    rows = [
        ["O-0", NAMES[0], "王芳", "西部"],
        ["O-1", NAMES[1], "周离", ""],
        ["O-2", NAMES[2], "周离", "西部"],
        ["O-3", NAMES[3], "周离", ""],
    ]
    path, counters = await importer.imported(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
    (run,) = (await importer.get(path))["run_ids"]
    last = (await importer.results(run))[3]["problem"]["errors"][0]
    moved = belonging(await importer.customers())
    (reported, *_) = await importer.report(path)
    (first, *_) = await importer.results(run)

    assert set(was.values()) == {(left, east)}
    assert counters == {"updated": 2, "unchanged": 1, "failed": 1}
    assert moved == {NAMES[0]: (wang, west), NAMES[1]: (left, east), NAMES[2]: (left, west)}
    assert (last["pointer"], last["code"]) == ("负责人", "owner_inactive")
    assert last["detail"] == "row 5, column 负责人: the account of `周离` is not active any more."

    # People read names, programs ids.
    told = dict(part.split(": ", 1) for part in reported["changes"].split("; "))
    assert (told["owner_id"], told["team_id"]) == ("周离 → 王芳", "华东 → 西部")
    assert (first["detail"]["diff"]["owner_id"], first["detail"]["diff"]["team_id"]) == ([left, wang], [east, west])

    assert (await importer.done(path, "undo"))["counters"] == {"restored": 2}
    assert belonging(await importer.customers()) == was
    assert li not in str(was)


async def test_a_report_names_whom_its_reader_may_see(importer: Importer, at_work: RunningService) -> None:
    await staff(at_work, importer.who.tenant_id)
    await importer.imported(as_csv([["O-1", NAMES[0], "", ""]], HEADER), columns=COLUMNS)
    rows = as_csv([["O-1", NAMES[0], "zhang1@example.com", ""]], HEADER)
    path = await importer.mapped(rows, columns=COLUMNS)
    await importer.done(path, "check")
    (seen,) = await importer.report(path)
    (given,) = await importer.results((await importer.get(path))["check_id"])
    scopes = {"customers:read", "customers:write", "imports:read", "imports:write"}
    blind = replace(importer.who, scopes=frozenset(scopes))
    async with at_work.as_(blind) as client:
        own = Importer(at_work, blind, client)
        await own.done(path, "check")
        (unseen,) = await own.report(path)

    me, zhang = given["detail"]["diff"]["owner_id"]
    assert seen["changes"].startswith(f"owner_id: {me} → zhang1@example.com; ")  # two are called 张伟
    assert unseen["changes"].startswith(f"owner_id: {me} → {zhang}; ")
    assert me == str(importer.who.id)


async def test_a_row_can_enter_without_an_owner_who_is_none(importer: Importer, at_work: RunningService) -> None:
    known = await staff(at_work, importer.who.tenant_id)
    rows = [["O-1", NAMES[0], "没有的人", "华东"], ["O-2", NAMES[1], "王芳", "没有的组"]]
    _, counters = await importer.imported(as_csv(rows, HEADER), columns=COLUMNS, bad_cells="leave_out", alike="ignore")

    assert counters == {"created": 2}
    assert belonging(await importer.customers()) == {
        NAMES[0]: (None, str(known["east"].id)),
        NAMES[1]: (str(known["wang"].id), str(known["east"].id)),
    }


async def test_who_may_not_give_customers_away_does_not_by_a_file(
    importer: Importer, at_work: RunningService, agent: Caller
) -> None:
    await staff(at_work, agent.tenant_id)
    bound = replace(colleague(agent), fields=(FieldRule("customers", "owner_id", "read"),))
    await deliver(
        at_work, UserCreated(state=person("我自己", "me@example.com", id=bound.id)), tenant_id=agent.tenant_id
    )
    rows = [["O-1", NAMES[0], "我自己", ""], ["O-2", NAMES[1], "王芳", ""], ["O-3", NAMES[2], "", ""]]
    async with at_work.as_(bound) as client:
        own = Importer(at_work, bound, client)
        path = await own.mapped(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
        tried, done = [await own.done(path, action) for action in ("check", "run")]
        refused = (await own.results(done["id"]))[1]["problem"]["errors"]

    assert tried["counters"] == done["counters"] == {"created": 2, "failed": 1}
    assert [(one["pointer"], one["code"]) for one in refused] == [("负责人", "member_not_editable")]
    assert set(belonging(await importer.customers()).values()) == {(str(bound.id), None)}


async def test_what_is_exported_comes_back_without_a_change(importer: Importer, at_work: RunningService) -> None:
    known = await staff(at_work, importer.who.tenant_id)
    said = [("王芳", ""), ("周离", "西部"), ("", "西部"), ("", "")]
    rows = [[f"O-{place}", name, *who] for place, (name, who) in enumerate(zip(NAMES, said, strict=False))]
    await importer.imported(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
    await leave(at_work, importer.who.tenant_id, known["left"])
    columns = "name,owner,team,owner_id,team_id"
    text = await importer.text(f"/v1/exports/customers?columns={columns}")
    found = await importer.give(text.encode())
    suggested = {one["name"]: one["field"] for one in found["columns"]}
    chosen = {name: field for name, field in suggested.items() if field}
    _, counters = await importer.imported(text.encode(), columns=chosen, alike="ignore")
    async with at_work.as_(replace(importer.who, scopes=frozenset({"customers:read", "exports:read"}))) as bare:
        ids = (await bare.get(f"/v1/exports/customers?columns={columns}")).text.splitlines()

    me, east, west = importer.who.id, known["east"].id, known["west"].id
    assert text.splitlines() == [
        "Name,Owner,Team,Owner's id,Team's id",
        f"{NAMES[0]},wang@example.com,华东,{known['wang'].id},{east}",
        f"{NAMES[1]},zhou@example.com,西部,{known['left'].id},{west}",
        f"{NAMES[2]},,西部,,{west}",
        f"{NAMES[3]},{me},,{me},",
    ]
    assert suggested["Owner"] == "owner"
    assert suggested["Team"] == "team"
    assert counters == {"unchanged": 3, "failed": 1}
    assert ids[1] == f"{NAMES[0]},{known['wang'].id},{east},{known['wang'].id},{east}"


PEOPLE = [Person(UUID(int=number), UUID(int=100 + number % 2), number % 3 > 0) for number in range(1, 7)]
CALLED = {f"p{place}": tuple(PEOPLE[place : place + 1 + place % 2]) for place in range(5)}
TEAMS = {"t0": (UUID(int=100),), "t1": (UUID(int=101),), "t2": (UUID(int=100), UUID(int=102))}
CELLS = some.none() | some.sampled_from([*CALLED, "nobody"])
KNOWN = some.none() | some.tuples(some.sampled_from([None, *PEOPLE]), some.sampled_from([None, *TEAMS["t2"]]))


def named(said: str | None, column: str) -> Named | None:
    return None if said is None else Named(said, column, Words("", ""))


@given(said=CELLS, group=some.none() | some.sampled_from([*TEAMS, "none"]), known=KNOWN)
def test_a_row_that_has_taken_effect_says_nothing_more(
    said: str | None, group: str | None, known: tuple[Person | None, UUID | None] | None
) -> None:
    at, new = datetime(2026, 3, 1, tzinfo=UTC), Customer(id=new_id(), name="甲")
    allowed: Callable[[Any], None] = lambda _: None  # noqa: E731
    owners = Owners(CALLED, TEAMS, allowed, BadCells.REFUSE, at)
    start = (
        new
        if known is None
        else new.owned_by(None if known[0] is None else known[0].id, known[1], at=datetime(2025, 1, 1, tzinfo=UTC))
    )

    def row() -> Draft:
        return Draft(2, customer=new, owner=named(said, "owner"), team=named(group, "team"))

    first, second = row(), row()
    owners.place(first, None if known is None else start)
    assert first.customer is not None
    after = given_to(start, first, first.customer)
    owners.place(second, after)

    if first.problems:
        return
    assert (second.fields, second.problems) == (frozenset(), [])
    meant = next((one for one in PEOPLE if one.id == after.owner_id), None)
    assert said is None or (meant is not None and meant in CALLED[said])
    assert group is None or after.team_id in TEAMS[group]
    if (after.owner_id, after.team_id) != (start.owner_id, start.team_id):
        assert after.owner_since == at
        assert said is None or group is not None or meant is None or after.team_id == meant.team_id
        assert meant is None or meant.active or after.owner_id == start.owner_id
    else:
        assert after == start
