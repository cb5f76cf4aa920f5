"""`crm events`: look at the events as they pass, and repair what went wrong with them."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from crm_runtime.cli.output import DEFAULT_DATA_DIR, DataDir, console
from crm_runtime.errors import RuntimeProblem
from crm_runtime.event_tail import TailedEvent, tail
from crm_runtime.operator_client import OperatorClient
from crm_runtime.run_state import RunState, running
from crm_runtime.secret_file import SecretFile

TOPIC_PREFIX = "crm."
_DATA_WIDTH = 400

app = typer.Typer(help="Look at events, and repair what went wrong with them.", no_args_is_help=True)

Service = Annotated[str | None, typer.Option("--service", help="Only this service, such as gateway.")]


@app.command("tail")
def tail_events(
    *,
    topics: Annotated[list[str] | None, typer.Argument(metavar="TOPIC...")] = None,
    every: Annotated[bool, typer.Option("--all", help="All topics of the system.")] = False,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest record.")] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=0, help="Stop after so many; 0 goes on until Ctrl-C.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document per line.")] = False,
    kafka: Annotated[str | None, typer.Option(help="host:port of the broker; else that of the running system.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show events as they are published."""
    if bool(topics) == every:
        raise RuntimeProblem("Name the topics to show, or give --all.")
    bootstrap = kafka or running(data_dir).kafka_bootstrap

    async def show() -> None:
        seen = 0
        async with aclosing(tail(bootstrap, topics or None, prefix=TOPIC_PREFIX, from_start=from_start)) as events:
            async for event in events:
                _print_event(event, as_json=as_json)
                seen += 1
                if seen == count:
                    return

    asyncio.run(show())


@app.command("dead-letters")
def dead_letters(
    service: Service = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many of each service.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document per line.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """List the events that could not be handled, with the reason."""
    found = [
        (client.name, letter) for client in _clients(data_dir, service) for letter in client.dead_letters(limit=limit)
    ]
    if as_json:
        for name, letter in found:
            typer.echo(json.dumps({"service": name, **letter}, ensure_ascii=False))
        return
    if not found:
        console.print("No dead letters.")
        return
    table = Table()
    columns = ("id", "type", "aggregate_id", "version", "status", "attempts", "reason")
    for column in ("service", *columns):
        table.add_column(column, overflow="fold")
    for name, letter in found:
        table.add_row(name, *(escape(str(letter.get(column, ""))) for column in columns))
    console.print(table)


@app.command("redrive")
def redrive(
    *,
    dead_letter: Annotated[str | None, typer.Argument(metavar="ID", help="Id from crm events dead-letters.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All pending ones.")] = False,
    service: Service = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Handle a dead letter, or all of them, again."""
    if every == (dead_letter is not None):
        raise RuntimeProblem("Give either the id of a dead letter or --all.")
    clients = _clients(data_dir, service)
    if dead_letter is None:
        for client in clients:
            console.print(f"{client.redrive_all()} dead letters of {client.name} are handled again.")
        return
    for client in clients:
        if client.redrive(dead_letter):
            console.print(f"Dead letter {escape(dead_letter)} of {client.name} is handled again.")
            return
    raise RuntimeProblem(f"There is no pending dead letter {dead_letter}; crm events dead-letters lists them.")


@app.command("discard")
def discard(
    dead_letter: Annotated[str, typer.Argument(metavar="ID", help="Id from crm events dead-letters.")],
    service: Annotated[str, typer.Option("--service", help="Service that could not handle it.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Give up on a dead letter: its aggregate goes on as if it had been handled."""
    for client in _clients(data_dir, service):
        if not client.discard(dead_letter):
            raise RuntimeProblem(f"There is no dead letter {dead_letter} at {service}.")
        console.print(f"Dead letter {escape(dead_letter)} of {client.name} is given up.")


@app.command("replay")
def replay(
    *,
    service: Annotated[str, typer.Option("--service", help="Service that published the events.")],
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    aggregate_type: Annotated[str | None, typer.Option(help="Only this kind of aggregate.")] = None,
    aggregate_id: Annotated[str | None, typer.Option(help="Only this aggregate.")] = None,
    tenant_id: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    since: Annotated[datetime | None, typer.Option("--from", help="Only from this moment on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Only before this moment (UTC).")] = None,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="Current states instead of past events.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Publish again what a service has published; consumers that had it already take no notice."""
    chosen: dict[str, str | bool | None] = {
        "topic": topic,
        "aggregate_type": aggregate_type,
        "aggregate_id": aggregate_id,
        "tenant_id": tenant_id,
        "from": f"{since.isoformat()}Z" if since else None,
        "to": f"{until.isoformat()}Z" if until else None,
        "snapshot": snapshot or None,
    }
    order = {name: value for name, value in chosen.items() if value is not None}
    if not order:
        raise RuntimeProblem("Say what to replay: --topic, --aggregate-type, --aggregate-id, --from or --to.")
    for client in _clients(data_dir, service):
        answer = client.replay(order)
        console.print(f"{client.name} publishes again: {escape(json.dumps(answer, ensure_ascii=False))}")


def _clients(data_dir: Path, service: str | None) -> Iterator[OperatorClient]:
    state = running(data_dir)
    token = SecretFile.open(data_dir).get("operator_token")
    for name, url in _chosen(state, service):
        yield OperatorClient(name, url, token)


def _chosen(state: RunState, service: str | None) -> list[tuple[str, str]]:
    if service is None:
        return list(state.worker_urls.items())
    if service not in state.worker_urls:
        raise RuntimeProblem(f"There is no service {service!r}; there are: {', '.join(state.worker_urls)}.")
    return [(service, state.worker_urls[service])]


def _print_event(event: TailedEvent, *, as_json: bool) -> None:
    if as_json:
        typer.echo(event.as_json())
        return
    attributes = event.attributes
    data = json.dumps(event.data, ensure_ascii=False)
    shown = data if len(data) <= _DATA_WIDTH else f"{data[:_DATA_WIDTH]}..."
    console.print(
        f"[dim]{event.time:%H:%M:%S.%f}[/dim] [bold cyan]{escape(attributes.get('type', '?'))}[/bold cyan] "
        f"{escape(attributes.get('subject', ''))} [dim]v{escape(attributes.get('sequence', '?'))} "
        f"{event.topic}/{event.partition}@{event.offset}[/dim]\n  {escape(shown)}",
        soft_wrap=True,
        highlight=False,
    )
