"""The configuration files of the embedded PostgreSQL, written anew at every start."""

from dataclasses import dataclass

from crm_runtime.ports import LOOPBACK


@dataclass(frozen=True, kw_only=True)
class PostgresOptions:
    """How the embedded PostgreSQL runs. `durable=False` trades crash safety for speed (tests only)."""

    port: int
    max_connections: int = 200
    durable: bool = True


_COMMON = {
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "password_encryption": "'scram-sha-256'",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'8MB'",
    "maintenance_work_mem": "'128MB'",
    "random_page_cost": "1.1",
    # Compiling a plan costs more than the short statements of this system gain.
    "jit": "off",
    "wal_compression": "on",
    # After each checkpoint pages go whole into the log again, which is most of what a large import writes.
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "client_connection_check_interval": "'5s'",
    "log_destination": "'stderr'",
    "logging_collector": "off",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "log_min_duration_statement": "'1s'",
    "log_lock_waits": "on",
    "log_checkpoints": "off",
}

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}

_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "'128MB'",
    # Hundreds of short-lived databases would keep the launcher busy.
    "autovacuum": "off",
    "scram_iterations": "16",
    "log_min_duration_statement": "-1",
}

HOST_RULES = f"""\
# Written by crm_runtime at every start: passwords only, loopback only.
host  all  all  {LOOPBACK}/32  scram-sha-256
"""


def server_settings(options: PostgresOptions) -> str:
    """The text of postgresql.conf."""
    values = {
        "listen_addresses": f"'{LOOPBACK}'",
        "port": str(options.port),
        "unix_socket_directories": "''",
        "max_connections": str(options.max_connections),
        **_COMMON,
        **(_DURABLE if options.durable else _FAST),
    }
    lines = [f"{name} = {value}" for name, value in values.items()]
    head = "# Written by crm_runtime at every start. Own settings: ALTER SYSTEM (postgresql.auto.conf)."
    return "\n".join([head, *lines, ""])
