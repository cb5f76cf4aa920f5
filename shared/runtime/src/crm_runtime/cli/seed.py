"""`crm seed`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crm_runtime.cli.output import report
from crm_runtime.demo.partners import examples_folder
from crm_runtime.demo.seed import Size, write_company


def seed(
    out: Annotated[Path, typer.Argument(help="Folder to write the CSV files to.")],
    *,
    number: Annotated[int, typer.Option("--seed", help="Chooses the company; the same number gives the same one.")] = 1,
    accounts: Annotated[int, typer.Option(min=1, max=600, help="Customers.")] = 60,
    deals: Annotated[int, typer.Option(min=1, max=100_000, help="Opportunities.")] = 400,
) -> None:
    """Write the CSV files of an invented company, in Chinese and English, and the mapping to load them."""
    mapping = examples_folder() / "partner_import" / "maven.toml"
    write_company(out, mapping, seed=number, size=Size(accounts=accounts, deals=deals), today=datetime.now(UTC).date())
    report(f"{accounts} accounts and {deals} deals are in {out}.")
