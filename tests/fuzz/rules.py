"""What this API rightly does although the usual checks would object; everything else is a finding."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import (
    AllowHeaderMismatch,
    JsonSchemaError,
    RejectedPositiveData,
    UnsupportedMethodResponse,
)

from crm_platform.cel.messages import MESSAGES

SPOKEN_BY_THE_SERVER = {
    "accepted_from",
    "accepted_until",
    "at",
    "country",
    "cursor",
    "email",
    "filter",
    "member",
    "phone",
    "q",
    "sort",
    "time_zone",
    "to",
}
"""Parameters whose values JSON Schema cannot tell right from wrong: given out before, a language, no key twice, a
numbering plan, no moment to come, days within reason, zones that there are, no span too long,
words that can be searched for."""

BEYOND_JSON_SCHEMA = {
    "after_the_report",
    "before_the_start",
    "bounds_not_rising",
    "choice_removed",
    "control_character",
    "currency_unknown",
    "date_type",
    "decimal_max_digits",
    "decimal_max_places",
    "decimal_parsing",
    "decimal_whole_digits",
    "does_not_fit",
    "duplicate_entry",
    "either_ids_or_filter",
    "empty_assessment",
    "empty_response",
    "ends_before_it_begins",
    "estimate_not_rising",
    "finite_number",
    "formula_cycle",
    "formula_reads_time",
    "formula_type",
    "greater_than",
    "greater_than_equal",
    "half_residual",
    "in_the_future",
    "invalid_columns",
    "invalid_default",
    "invalid_email",
    "invalid_filter",
    "invalid_identity_document",
    "invalid_pattern",
    "invalid_phone",
    "invalid_registration",
    "invalid_sort",
    "less_than",
    "less_than_equal",
    "missing",
    "not_a_monday",
    "not_complete",
    "not_in_order",
    "not_later",
    "not_on_scale",
    "not_started",
    "not_the_primary",
    "not_worse_than_warning",
    "nothing_left",
    "number_type",
    "one_of",
    "only_for_everybody",
    "only_for_people",
    "reserved",
    "several_primary",
    "several_sources",
    "steps_not_rising",
    "string_too_short",
    "string_unicode",
    "thresholds_reversed",
    "too_large",
    "too_short",
    "too_small",
    "unknown_country",
    "unknown_day",
    "unknown_field",
    "unknown_ready_made_rule",
    "unknown_source",
    "unknown_target",
    "unknown_task",
    "unknown_time_zone",
    "value_error",
}
"""Rules that no schema says: digits of a decimal, sums above zero, days within reason, more than blanks or nulls, check
digits and numbering plans, currencies in use, fields that a company has defined, scales of its own, lists whose entries
were refused or that agree with the member for their primary entry."""


def is_finding(failure: Any, case: Any, response: Any) -> bool:
    """Whether ``failure`` says that something is wrong."""
    if isinstance(failure, JsonSchemaError):
        return not _shows_only_what_was_asked(response)
    if isinstance(failure, RejectedPositiveData):
        return not _is_refused_beyond_the_schema(response)
    if isinstance(failure, AcceptedNegativeData):
        return not (_is_a_batch_that_says_so(case, response) or _is_long_by_its_blanks(failure, case))
    if isinstance(failure, (UnsupportedMethodResponse, AllowHeaderMismatch)):
        return not _shares_its_place(case)
    return True


def _shows_only_what_was_asked(response: Any) -> bool:
    """With `fields`, the records of a list have exactly those members."""
    asked = parse_qs(urlsplit(str(response.request.url)).query).get("fields")
    if not asked or response.status_code != 200 or "items" not in response.json():
        return False
    members = set(asked[0].split(","))
    return all(set(item) == members for item in response.json()["items"])


def _is_refused_beyond_the_schema(response: Any) -> bool:
    problem = response.json()
    if response.status_code == 412:
        return True
    if "error" in problem:  # RFC 6749 has errors of its own
        return problem["error"] == "invalid_scope" or "more than once" in problem["error_description"]
    if problem["code"] in {
        "unreadable_file",
        "unknown_column",
        "document_type_not_taken",
        "empty_document",
        "file_not_gzip",
        "file_unreadable",
        "no_column_of_names",
        "system_missing",
    }:  # which columns there are, each company says
        return True
    if problem["code"] == "invalid_parameter":
        return any(f"`{name}`" in problem["detail"] for name in SPOKEN_BY_THE_SERVER)
    if problem["code"] == "bad_request":
        return "cannot be stored" in problem["detail"]  # U+0000, which JSON allows and PostgreSQL does not
    known = BEYOND_JSON_SCHEMA | MESSAGES.keys()  # the latter of expressions in CEL
    return problem["code"] == "invalid_payload" and {one["code"] for one in problem["errors"]} <= known


def _is_a_batch_that_says_so(case: Any, response: Any) -> bool:
    """A batch, or a file, answers 200 whatever becomes of its items, and says of each that it failed."""
    return bool(case.operation.path.endswith(("/batch", "/import")) and response.json().get("failed"))


def _is_long_by_its_blanks(failure: Any, case: Any) -> bool:
    """Blanks around a text are dropped before it is measured, which `maxLength` cannot say."""
    texts = case.body.values() if isinstance(case.body, dict) else ()
    padded = any(isinstance(text, str) and text != text.strip() for text in texts)
    return padded and "`maxLength`" in failure.message


def _shares_its_place(case: Any) -> bool:
    """`/things/batch` also fits `/things/{thing_id}`, which has methods of its own."""
    collection, _, last = case.operation.path.rpartition("/")
    others = (path for path in case.operation.schema.raw_schema["paths"] if path.startswith(f"{collection}/{{"))
    return "{" not in last and any("/" not in path.removeprefix(f"{collection}/") for path in others)
