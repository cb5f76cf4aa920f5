"""``python -m crm_platform.serve <module>:<factory>``: run an API process."""

import argparse
from importlib import import_module
from typing import Any

from crm_platform.events.crashpoints import arm_from_environment
from crm_platform.http.server import Server
from crm_platform.observability.logs import configure_logs
from crm_platform.runtime import Runtime
from crm_platform.settling import compute_on_one_core, put_off_garbage, settle_in


def load_factory(path: str) -> Any:
    """Import ``module:attribute``."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def main() -> None:
    """Run one API process until SIGTERM; running requests get time to finish."""
    arm_from_environment()
    compute_on_one_core()
    put_off_garbage()
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("factory", help="such as customer_svc.main:create_app")
    app = load_factory(parser.parse_args().factory)()
    runtime: Runtime = app.state.runtime
    settings = runtime.settings
    configure_logs(settings.log, settings.service)
    settle_in()
    Server(app, settings.http, on_leaving=runtime.leave).run()


if __name__ == "__main__":
    main()
