"""Clearing away of topics: the embedded broker writes all that it has to its file again after every change."""

from crm_platform.events.kafka import KafkaOptions, new_admin, stop_quietly

_SECONDS = 30.0


async def remove_topics(bootstrap: str, prefix: str) -> list[str]:
    """Delete the topics whose names begin with ``prefix``; returns their names.

    Raises:
        KafkaError, TimeoutError, OSError: The broker is away.
    """
    admin = await new_admin(KafkaOptions(bootstrap=bootstrap, request_timeout=_SECONDS))
    try:
        topics = sorted(name for name in await admin.list_topics() if name.startswith(prefix))
        if topics:
            await admin.delete_topics(topics)
        return topics
    finally:
        await stop_quietly(admin)
