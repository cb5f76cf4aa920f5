"""Opens the personal data in events: it is sealed under a key per customer, which the CRM gives out over HTTP."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_contracts.sealing import event_place, from_text, unseal


class SubjectKeys:
    """Asks the CRM for the keys of subjects; keeps none, so that an erasure counts here too.

    Args:
        client: Speaks to the CRM, with the rights `subject_keys:read`.
        path: Where the keys are, such as ``/api/v1/subject-keys``.
    """

    def __init__(self, client: httpx.AsyncClient, path: str) -> None:
        self._client = client
        self._path = path

    async def state(self, headers: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
        """The state of an event with its personal data; without it where that has been erased.

        Raises:
            ConnectionError: The CRM does not answer, so that the event has to wait.
        """
        sealed, state = data.get("sealed"), dict(data["state"])
        if sealed is None:
            return state
        key = await self._key(sealed["subject_id"])
        if key is None:
            return state
        where = event_place(
            UUID(headers["ce_tenantid"]), headers["ce_aggregatetype"], UUID(state["id"]), state["version"]
        )
        opened: dict[str, Any] = json.loads(unseal(AESGCM(key), from_text(sealed["data"]), where))
        return state | opened

    async def _key(self, subject_id: str) -> bytes | None:
        try:
            answer = await self._client.get(f"{self._path}/{subject_id}")
        except httpx.HTTPError as error:
            raise ConnectionError(f"the CRM does not answer: {error}") from error
        if answer.status_code in {HTTPStatus.GONE, HTTPStatus.NOT_FOUND}:
            return None
        if answer.status_code != HTTPStatus.OK:
            raise ConnectionError(f"the CRM gives out no key: {answer.status_code}")
        return from_text(answer.json()["key"])
