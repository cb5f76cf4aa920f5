"""From the settings to the options of every Kafka client: where the broker is, and how to log in there."""

import ssl
from collections.abc import Mapping
from typing import Any, Final

from crm_platform.events.kafka import KafkaOptions
from crm_platform.settings import KafkaSettings

SASL_MECHANISM: Final = "SCRAM-SHA-512"


def kafka_options(settings: KafkaSettings) -> KafkaOptions:
    """The options for this broker.

    Raises:
        OSError: The file of authorities cannot be read.
        ssl.SSLError: There is no certificate in it.
    """
    return KafkaOptions(
        bootstrap=settings.bootstrap,
        partitions=settings.partitions,
        topic_prefix=settings.topic_prefix,
        client=_security(settings),
    )


def _security(settings: KafkaSettings) -> Mapping[str, Any]:
    if settings.security == "PLAINTEXT":
        return {}
    chosen: dict[str, Any] = {
        "security_protocol": settings.security,
        "ssl_context": ssl.create_default_context(cafile=settings.ca_file),
    }
    if settings.security == "SASL_SSL" and settings.password is not None:
        chosen |= {
            "sasl_mechanism": SASL_MECHANISM,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password.get_secret_value(),
        }
    return chosen
