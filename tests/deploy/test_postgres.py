"""PostgreSQL in production is what the preparation expects, and has room for all who may come."""

from crm_platform.db.preparation import DATABASE, EXTENSION_SCHEMA, EXTENSIONS, OLDEST_SERVER
from crm_runtime.deployment_secrets import POSTGRES_ADMIN, POSTGRES_ADMIN_USER
from crm_runtime.topology import TOPOLOGY
from tests.deploy.containers import compose_file, containers
from tests.deploy.manifests import named, pods

PRODUCTION = "production"
PROCESSES = [
    one for one in containers() if one.place == PRODUCTION and "Deployment" in one.name and "await" not in one.name
]
BELL = 1
"""The connection by which an API wakes the relay."""
DEDICATED = 7
"""Connections of one worker beside its pool: relay, leases, consumers, bell, redriving, retention, one to spare."""


def test_the_database_is_made_as_the_preparation_would_make_it() -> None:
    spec = named(PRODUCTION, "Database")["crm"]["spec"]
    assert (spec["name"], spec["owner"]) == (DATABASE, POSTGRES_ADMIN_USER)
    assert (spec["encoding"], spec["localeProvider"], spec["builtinLocale"]) == ("UTF8", "builtin", "C.UTF-8")
    assert spec["schemas"] == [{"name": EXTENSION_SCHEMA, "owner": POSTGRES_ADMIN_USER}]
    assert spec["extensions"] == [{"name": name, "schema": EXTENSION_SCHEMA} for name in EXTENSIONS]
    assert spec["databaseReclaimPolicy"] == "retain"


def test_the_admin_may_make_roles_and_is_no_superuser() -> None:
    cluster = named(PRODUCTION, "Cluster")["crm-db"]["spec"]
    (admin,) = cluster["managed"]["roles"]
    assert (admin["name"], admin["passwordSecret"]["name"]) == (POSTGRES_ADMIN_USER, POSTGRES_ADMIN)
    assert (admin["createrole"], admin["createdb"]) == (True, True)
    assert not admin.get("superuser", False)
    assert not cluster.get("enableSuperuserAccess", False)
    assert cluster["bootstrap"]["initdb"]["database"] == POSTGRES_ADMIN_USER  # where the preparation logs in


def test_it_is_of_the_same_major_version_everywhere() -> None:
    images = [one["image"] for pod in pods("dev") for one in pod.containers if one["name"] == "postgres"]
    images.append(compose_file()["services"]["postgres"]["image"])
    majors = {image.removeprefix("postgres:").partition(".")[0] for image in images}
    majors.add(str(named(PRODUCTION, "Cluster")["crm-db"]["spec"]["imageCatalogRef"]["major"]))
    assert majors == {str(OLDEST_SERVER // 10_000)}


def test_sessions_keep_their_tenant_through_the_pooler() -> None:
    pgbouncer = named(PRODUCTION, "Pooler")["crm-db-pooler"]["spec"]["pgbouncer"]
    assert pgbouncer["poolMode"] == "session"
    assert pgbouncer["parameters"]["server_reset_query"] == "DISCARD ALL"
    names = named(PRODUCTION, "Cluster")["crm-db"]["spec"]["certificates"]["serverAltDNSNames"]
    assert "crm-db-pooler" in names  # or verify-full would refuse it


def test_there_are_connections_for_the_most_processes_that_the_autoscalers_make() -> None:
    cluster = named(PRODUCTION, "Cluster")["crm-db"]["spec"]
    pooler = named(PRODUCTION, "Pooler")["crm-db-pooler"]["spec"]
    copies = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"]["maxReplicaCount"]
        for one in named(PRODUCTION, "ScaledObject").values()
    }
    copies |= {
        name: one["spec"]["replicas"]
        for name, one in named(PRODUCTION, "Deployment").items()
        if "replicas" in one["spec"]
    }
    pools = {one.name: int(one.environment["CRM_DB__POOL_MAX"]) for one in PROCESSES}
    workers = sum(
        copies[one.worker_name] * (pools[f"Deployment/{one.worker_name}/worker"] + DEDICATED)
        for one in TOPOLOGY.deployables
    )
    for_each_api = pooler["instances"] * int(pooler["pgbouncer"]["parameters"]["default_pool_size"])
    migrations = 2 * len(TOPOLOGY.deployables)
    most = int(cluster["postgresql"]["parameters"]["max_connections"])
    assert workers + for_each_api * len(TOPOLOGY.deployables) + migrations <= most
    for one in TOPOLOGY.deployables:
        apis = named(PRODUCTION, "HorizontalPodAutoscaler")[one.name]["spec"]["maxReplicas"]
        # In session mode who finds no free one waits until another process closes its own.
        assert apis * (pools[f"Deployment/{one.name}/api"] + BELL) <= for_each_api
