"""Generates a company's CSV files: accounts, products, sales teams and a pipeline, in Chinese and English.

The files have the shape of those that companies export from a simple sales tool, so that the partner's import
script loads them like any other. The same seed gives the same files.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from crm_runtime.demo import names

STAGES = (("Won", 0.48), ("Lost", 0.28), ("Engaging", 0.18), ("Prospecting", 0.06))
"""Shares of the stages, close to what real pipelines show."""

MAPPING_FILE = "mapping.toml"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How big the company is."""

    accounts: int = 60
    deals: int = 400


@dataclass(frozen=True)
class _Agent:
    name: str
    manager: str
    office: str


def write_company(folder: Path, mapping: Path, *, seed: int = 1, size: Size | None = None, today: date) -> None:
    """Write the files of an invented company into ``folder``.

    Args:
        folder: Where to; it is made where missing.
        mapping: The mapping file of the import script for files of this shape; it is adapted.
        seed: Chooses the company.
        size: How big it is.
        today: The day until which there are deals.
    """
    size = size or Size()
    pick = random.Random(seed)  # noqa: S311  (an invented company, not a secret)
    folder.mkdir(parents=True, exist_ok=True)
    agents = _agents(pick)
    accounts = _accounts(pick, size.accounts)
    _write(
        folder / "sales_teams.csv",
        ("sales_agent", "manager", "regional_office"),
        ((agent.name, agent.manager, agent.office) for agent in agents),
    )
    _write(folder / "products.csv", ("product", "series", "sales_price"), names.PRODUCTS)
    _write(folder / "accounts.csv", _ACCOUNT_COLUMNS, accounts)
    _write(folder / "sales_pipeline.csv", _DEAL_COLUMNS, _deals(pick, size.deals, agents, accounts, today))
    adapted = mapping.read_text(encoding="utf-8").replace('"maven"', '"seed"').replace('"USD"', '"CNY"')
    (folder / MAPPING_FILE).write_text(adapted.replace("maven.example", "guanxi.example"), encoding="utf-8")


_ACCOUNT_COLUMNS = (
    *("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"),
)
_DEAL_COLUMNS = (
    *("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"),
)


def _agents(pick: random.Random) -> list[_Agent]:
    people = [
        f"{surname}{given} {latin_given} {latin}"
        for (surname, latin), (given, latin_given) in zip(
            pick.sample(sorted(names.SURNAMES.items()), 8), pick.sample(sorted(names.GIVEN.items()), 8), strict=True
        )
    ]
    managers = {names.OFFICES[0]: people[0], names.OFFICES[1]: people[1], names.OFFICES[2]: names.FOREIGN_AGENTS[0]}
    local = [_Agent(name, managers[names.OFFICES[n % 2]], names.OFFICES[n % 2]) for n, name in enumerate(people[2:])]
    abroad = [_Agent(name, managers[names.OFFICES[2]], names.OFFICES[2]) for name in names.FOREIGN_AGENTS[1:]]
    return local + abroad


def _accounts(pick: random.Random, count: int) -> list[Sequence[str]]:
    taken: dict[str, Sequence[str]] = {}
    while len(taken) < count:
        chinese = pick.random() < 0.7  # noqa: PLR2004  (seven of ten customers are Chinese)
        name, sector = _chinese_company(pick) if chinese else _english_company(pick)
        parents = list(taken)
        parent = pick.choice(parents) if parents and pick.random() < 0.15 else ""  # noqa: PLR2004  (one in seven)
        country = "China" if chinese else pick.choice(names.COUNTRIES)
        revenue = f"{pick.lognormvariate(5, 1.2):.2f}"
        employees = str(int(pick.lognormvariate(6, 1.3)) + 1)
        taken.setdefault(name, (name, sector, str(pick.randint(1975, 2022)), revenue, employees, country, parent))
    return list(taken.values())


def _chinese_company(pick: random.Random) -> tuple[str, str]:
    trade = pick.choice(sorted(names.TRADES))
    name = f"{pick.choice(names.CITIES)}{pick.choice(names.BRANDS)}{trade}有限公司"
    return name, names.TRADES[trade]


def _english_company(pick: random.Random) -> tuple[str, str]:
    trade = pick.choice(sorted(names.ENGLISH_TRADES))
    return f"{pick.choice(names.ENGLISH)} {trade} {pick.choice(names.LEGAL_FORMS)}", names.ENGLISH_TRADES[trade]


def _deals(
    pick: random.Random, count: int, agents: Sequence[_Agent], accounts: Sequence[Sequence[str]], today: date
) -> Iterable[Sequence[str]]:
    stages, weights = [stage for stage, _ in STAGES], [share for _, share in STAGES]
    for number in range(count):
        stage = pick.choices(stages, weights)[0]
        product, _, price = pick.choice(names.PRODUCTS)
        closed = today - timedelta(days=pick.randint(1, 300))
        engaged = closed - timedelta(days=pick.randint(5, 120))
        over = stage in {"Won", "Lost"}
        # A deal that has just begun often has no account yet, as in any real pipeline.
        account = pick.choice(accounts)[0] if over or pick.random() < 0.4 else ""  # noqa: PLR2004
        yield (
            f"D{_letters(pick)}{number:04}",
            pick.choice(agents).name,
            product,
            account,
            stage,
            "" if stage == "Prospecting" else _american(engaged),
            _american(closed) if over else "",
            _value(pick, stage, price),
        )


def _value(pick: random.Random, stage: str, price: int) -> str:
    if stage == "Won":
        return str(round(price * pick.uniform(0.75, 1.15)))
    return "0" if stage == "Lost" else ""


def _letters(pick: random.Random) -> str:
    """Three letters, as order systems like them."""
    return "".join(pick.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=3))


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
