"""`crm secrets`: new passwords and keys for a deployment elsewhere."""

from typing import Annotated

import typer

from crm_runtime.cli.installation import installation_of
from crm_runtime.deployment_secrets import env_file, kubernetes_list

app = typer.Typer(help="Make the passwords and keys of a deployment with Compose or Kubernetes.", no_args_is_help=True)


@app.callback()
def secrets() -> None:
    """Make the passwords and keys of a deployment with Compose or Kubernetes."""


@app.command()
def compose(context: typer.Context) -> None:
    """Print new ones as an env file, to be saved as `.env`."""
    typer.echo(env_file(installation_of(context).topology), nl=False)


@app.command()
def kubernetes(
    context: typer.Context,
    namespace: Annotated[str, typer.Option(help="Where the system will run.")] = "crm",
) -> None:
    """Print new ones as Secrets, for `kubectl create -f -`."""
    typer.echo(kubernetes_list(installation_of(context).topology, namespace), nl=False)
