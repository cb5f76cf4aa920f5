"""What Kafka's operator is told fits what the services write and read."""

from collections.abc import Iterator

from crm_platform.settings import KafkaSettings
from crm_runtime.testing.kafka.archives import kafka_version
from crm_runtime.topology import TOPOLOGY
from tests.deploy.containers import compose_file
from tests.deploy.manifests import Manifest, named, pods
from tools.gen.deployment import inbound_topics, topics, units

PRODUCTION = "production"
UNITS = {one.name: one for one in units()}


def _rights(user: Manifest, kind: str) -> dict[str, set[str]]:
    rules = user["spec"]["authorization"]["acls"]
    return {one["resource"]["name"]: set(one["operations"]) for one in rules if one["resource"]["type"] == kind}


def _kafka_images() -> Iterator[str]:
    yield compose_file()["services"]["kafka"]["image"]
    for pod in pods("dev"):
        yield from (one["image"] for one in pod.containers if one["name"] == "kafka")


def test_every_topic_is_there_and_as_the_processes_would_make_it() -> None:
    specs = {one["spec"]["topicName"]: one["spec"] for one in named(PRODUCTION, "KafkaTopic").values()}
    assert sorted(specs) == list(topics())
    assert {spec["partitions"] for spec in specs.values()} == {KafkaSettings().partitions}
    retained = {int(spec["config"]["retention.ms"]) / 86_400_000 for spec in specs.values()}
    # What Kafka has forgotten must still be in the outbox.
    assert max(retained) < KafkaSettings().retention_days


def test_everybody_may_write_what_he_publishes_and_read_what_he_consumes_and_no_more() -> None:
    users = named(PRODUCTION, "KafkaUser")
    for one in TOPOLOGY.deployables:
        unit = UNITS[one.name]
        wanted = {topic: {"Describe", "Read"} for topic in unit.consumes}
        wanted |= {topic: {"Describe", "Read", "Write"} for topic in unit.publishes}
        assert _rights(users[one.name], "topic") == wanted
        assert _rights(users[one.name], "group") == ({one.name: {"Describe", "Read"}} if unit.consumes else {})


def test_other_systems_may_write_only_what_comes_in() -> None:
    others = {name: one for name, one in named(PRODUCTION, "KafkaUser").items() if name not in UNITS}
    assert sorted(others) == ["erp-system", "oa-system"]
    written = [
        topic for user in others.values() for topic, rights in _rights(user, "topic").items() if "Write" in rights
    ]
    assert sorted(written) == list(inbound_topics())


def test_whatever_consumes_is_scaled_by_the_backlog_of_each_of_its_topics() -> None:
    objects = named(PRODUCTION, "ScaledObject")
    consuming = {f"{one.name}-worker": one for one in units() if one.consumes}
    assert objects.keys() == consuming.keys()
    partitions = KafkaSettings().partitions
    for name, one in consuming.items():
        spec = objects[name]["spec"]
        assert [trigger["metadata"]["topic"] for trigger in spec["triggers"]] == list(one.consumes)
        assert {trigger["metadata"]["consumerGroup"] for trigger in spec["triggers"]} == {one.name}
        assert 1 < spec["minReplicaCount"] <= spec["maxReplicaCount"] <= partitions
        login = named(PRODUCTION, "TriggerAuthentication")[spec["triggers"][0]["authenticationRef"]["name"]]["spec"]
        assert {"parameter": "password", "name": one.name, "key": "password"} in login["secretTargetRef"]


def test_it_is_the_version_that_the_tests_run_on() -> None:
    assert set(_kafka_images()) == {f"apache/kafka:{kafka_version()}"}
    kafka = named(PRODUCTION, "Kafka")["crm"]["spec"]["kafka"]
    assert kafka["version"] == kafka_version()
    assert kafka["metadataVersion"].startswith(kafka_version().rpartition(".")[0] + "-")
    assert kafka["config"]["auto.create.topics.enable"] == "false"
