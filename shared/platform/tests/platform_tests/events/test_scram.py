"""Apache Kafka with TLS and passwords, as in production: who may come in."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from crm_platform.events.kafka import CLIENT_ERRORS, KafkaOptions, ensure_topics, new_admin, new_producer, stop_quietly
from crm_platform.events.security import SASL_MECHANISM, kafka_options
from crm_platform.settings import KafkaSettings
from crm_runtime.ports import LOOPBACK, free_ports
from crm_runtime.testing.kafka.apache import ApacheKafka
from crm_runtime.testing.kafka.archives import cache_folder, resolve
from platform_tests.events.certificates import self_signed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

USER, PASSWORD = "customer-svc", "its-own"
TOPIC = "crm.customer.v1"


class GuardedKafka(ApacheKafka):
    """With a second listener, as Strimzi makes it; the first stays open for making the user."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        port, controller_port, self.guarded_port = free_ports(3)
        super().__init__(
            folder / "data",
            port,
            folder / "kafka.log",
            controller_port=controller_port,
            archives=resolve(cache_folder()),
        )
        self._certificate = certificate

    def _settings(self) -> Mapping[str, object]:
        plain = super()._settings()
        guarded = f"GUARDED://{LOOPBACK}:{self.guarded_port}"
        login = f"listener.name.guarded.{SASL_MECHANISM.lower()}"
        return {
            **plain,
            "listeners": f"{plain['listeners']},{guarded}",
            "advertised.listeners": f"{plain['advertised.listeners']},{guarded}",
            "listener.security.protocol.map": f"{plain['listener.security.protocol.map']},GUARDED:SASL_SSL",
            "sasl.enabled.mechanisms": SASL_MECHANISM,
            f"{login}.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self._certificate,
        }

    async def add_user(self) -> None:
        """Make the user."""
        secret = f"{SASL_MECHANISM}=[password={PASSWORD}]"
        user = ("--entity-type", "users", "--entity-name", USER)
        tool = await self._run(
            "kafka.admin.ConfigCommand",
            *("--bootstrap-server", self.bootstrap, "--alter", "--add-config", secret),
            *user,
        )
        assert await tool.wait() == 0, self._log_file.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Place:
    """A running broker, and who vouches for it."""

    kafka: GuardedKafka
    authority: Path

    def options(self, password: str = PASSWORD) -> KafkaOptions:
        return kafka_options(
            KafkaSettings(
                bootstrap=f"{LOOPBACK}:{self.kafka.guarded_port}",
                security="SASL_SSL",
                ca_file=self.authority,
                username=USER,
                password=SecretStr(password),
            )
        )


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("guarded")
    certificate = self_signed(folder, "broker")
    kafka = GuardedKafka(folder, certificate)
    try:
        await kafka.start()
        await kafka.add_user()
        yield Place(kafka, certificate)
    finally:
        await kafka.stop()


async def test_with_the_right_password_one_makes_topics_and_publishes(place: Place) -> None:
    await ensure_topics(place.options(), [TOPIC])
    producer = await new_producer(place.options(), "test")
    try:
        sent = await producer.send_and_wait(TOPIC, b"{}", key=b"1")
    finally:
        await stop_quietly(producer)
    assert (sent.topic, sent.offset) == (TOPIC, 0)


async def test_with_a_wrong_password_one_does_not_come_in(place: Place) -> None:
    with pytest.raises(CLIENT_ERRORS):
        await new_admin(place.options("guessed"))
