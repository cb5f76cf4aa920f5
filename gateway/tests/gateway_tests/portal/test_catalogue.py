import re
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from crm_contracts.registry import EVENTS, MESSAGES, PRODUCERS, TOPICS
from gateway.portal.asyncapi import asyncapi
from gateway.portal.catalogue import Entry, catalogue, catalogue_document

CONTRACTS: dict[str, Any] = {**EVENTS, **MESSAGES}
ENTRIES = {entry.type: entry for section in catalogue() for entry in section.entries}


def test_every_event_and_message_is_there_once() -> None:
    assert sorted(ENTRIES) == sorted(CONTRACTS)
    assert sum(len(section.entries) for section in catalogue()) == len(CONTRACTS)
    assert {section.topic for section in catalogue()} == set(TOPICS)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.type)
def test_an_entry_says_what_the_contract_says(entry: Entry) -> None:
    contract = CONTRACTS[entry.type]

    assert entry.summary
    assert entry.topic == contract.topic
    if entry.type in EVENTS:
        assert contract in PRODUCERS[entry.producer]
        assert [row.name for row in entry.fields] == list(contract.model_fields["state"].annotation.model_fields)
    else:
        assert [row.name for row in entry.fields] == list(contract.model_fields)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.type)
def test_the_example_fits_the_contract_and_the_schema(entry: Entry) -> None:
    Draft202012Validator(entry.schema, format_checker=FormatChecker()).validate(entry.example)

    contract = CONTRACTS[entry.type]
    assert contract.model_validate_json(orjson.dumps(entry.example)) == contract.parse(orjson.dumps(entry.example))


def test_rows_are_readable() -> None:
    rows = {row.name: row for row in ENTRIES["order.paid"].fields}

    assert (rows["status"].type, rows["status"].nullable) == ("open | partly_paid | paid", False)
    assert (rows["paid_at"].type, rows["paid_at"].nullable) == ("date-time", True)
    assert rows["total"].type == "Money"
    assert {row.name: row for row in ENTRIES["delivery.planned"].fields}["acceptance_criteria"].type == "list of string"


def test_the_document_for_programs_is_json() -> None:
    document = orjson.loads(orjson.dumps(catalogue_document()))

    by_type = {entry["type"]: entry for entry in document}
    assert sorted(by_type) == sorted(CONTRACTS)
    assert by_type["opportunity.won"]["producer"] == "sales-svc"
    assert by_type["opportunity.won"]["direction"] == "outbound"
    assert by_type["erp.payment_received"]["direction"] == "inbound"
    assert by_type["erp.payment_received"]["aggregate_type"] is None


def test_asyncapi_has_every_topic_and_message() -> None:
    document = asyncapi(topic_prefix="test.")

    assert document["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in document["channels"].values()} == {f"test.{topic}" for topic in TOPICS}
    assert sorted(document["components"]["messages"]) == sorted(CONTRACTS)
    inbound = {name for name, operation in document["operations"].items() if operation["action"] == "receive"}
    assert inbound == {"receive_crm_inbound_erp_v1", "receive_crm_inbound_oa_v1"}


def test_asyncapi_holds_together() -> None:
    document = asyncapi()

    for target in re.findall(r'"\$ref":"#/([^"]+)"', orjson.dumps(document).decode()):
        place: Any = document
        for step in target.split("/"):
            place = place[step]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_asyncapi_is_the_same_every_time() -> None:
    assert orjson.dumps(asyncapi()) == orjson.dumps(asyncapi())
