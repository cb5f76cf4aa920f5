"""Duplicates in data whose truth is known: ours beside splink, in one run.

FEBRL's people (the truth is in ``rec_id``) and pairs of company names with a person's verdict. Both get the same
fields. splink is set up as its own guide for such data does it: blocking rules, u from random pairs, m by expectation
maximisation; and its threshold is the best one in hindsight. Ours has the weights and the threshold that it comes with,
and knows the number of records, nothing else.
"""

import csv
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import splink.comparison_library as cl
from cleanco import basename
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

from bench.measure import Row
from customer_svc.duplicates.matching.keys import probe_keys, stored_keys
from customer_svc.duplicates.matching.profile import Entry, Profile, profile
from customer_svc.duplicates.matching.scoring import compare
from customer_svc.duplicates.matching.weights import Model

DATA = Path(__file__).parents[2] / "shared" / "data"
_THRESHOLDS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
_ORGANISATIONS = DATA / "orgs_dedupe" / "company_name_pairs_emm.csv"

Pair = frozenset[str]
Records = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one of the two made of a data set."""

    candidates: frozenset[Pair]
    found: frozenset[Pair]
    microseconds: float
    """CPU per record, with normalising, blocking, and learning where that is done."""

    def shares(self, true: frozenset[Pair]) -> tuple[float, float, float]:
        """Precision, recall and F1."""
        hits = len(self.found & true)
        precision, recall = hits / max(len(self.found), 1), hits / len(true)
        return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)

    def text(self, true: frozenset[Pair], records: int) -> str:
        """The figures in words."""
        precision, recall, f1 = self.shares(true)
        blocked = len(self.candidates & true) / len(true)
        return (
            f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}; candidates have {blocked:.4f} of all, "
            f"{2 * len(self.candidates) / records:.1f} a record; CPU {self.microseconds:.0f} µs a record"
        )


@contextmanager
def _timed() -> Iterator[Callable[[int], float]]:
    before = time.process_time()
    yield lambda records: (time.process_time() - before) / records * 1e6


def _ours(entries: Mapping[str, Entry], only: Iterable[Pair] | None = None) -> Outcome:
    """Judge all pairs that meet; of these, ``only`` some count."""
    model = Model().sized(len(entries))
    with _timed() as spent:
        profiles = {id: profile(entry) for id, entry in entries.items()}
        candidates = _meeting(profiles)
        wanted = candidates if only is None else candidates & frozenset(only)
        found = {pair for pair in wanted if _score(profiles, pair, model) >= model.possible}
        return Outcome(candidates, frozenset(found), spent(len(entries)))


def _score(profiles: Mapping[str, Profile], pair: Pair, model: Model) -> float:
    one, other = pair
    return compare(profiles[one], profiles[other], model).score


def _meeting(profiles: Mapping[str, Profile]) -> frozenset[Pair]:
    filed = defaultdict(list)
    for id, one in profiles.items():
        for key in stored_keys(one):
            filed[key].append(id)
    pairs = (
        frozenset((id, other))
        for id, one in profiles.items()
        for key in probe_keys(one)
        for other in filed.get(key, ())
    )
    return frozenset(pair for pair in pairs if len(pair) > 1)


def _splinks(
    settings: SettingsCreator,
    records: Records,
    rules: list[Any],
    passes: Sequence[Any],
    *,
    true: frozenset[Pair],
    only: frozenset[Pair] | None = None,
) -> Outcome:
    """Let splink learn from the records and judge their pairs.

    Args:
        settings: Comparisons and blocking rules.
        records: The records by their id.
        rules: What is surely the same, for the estimate of the prior.
        passes: The blockings within which m is learnt.
        true: The truth, for the choice of the threshold.
        only: The pairs that count; None for all.
    """
    with _timed() as spent:
        api = DuckDBAPI()
        table = api.register([{"id": id, **{k: v or None for k, v in row.items()}} for id, row in records.items()])
        linker = Linker(table, settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(rules, recall=0.9)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for one in passes:
            linker.training.estimate_parameters_using_expectation_maximisation(one)
        judged = linker.inference.predict(threshold_match_probability=0.0).as_record_list()
        scores = {frozenset((row["id_l"], row["id_r"])): row["match_probability"] for row in judged}
        microseconds = spent(len(records))
    wanted = scores if only is None else {pair: score for pair, score in scores.items() if pair in only}
    outcomes = [
        Outcome(frozenset(scores), frozenset(pair for pair, score in wanted.items() if score >= least), microseconds)
        for least in _THRESHOLDS
    ]
    return max(outcomes, key=lambda outcome: outcome.shares(true)[2])


def _febrl(number: int) -> dict[str, dict[str, str]]:
    with (DATA / "febrl" / f"febrl_dataset{number}.csv").open(newline="", encoding="utf-8") as file:
        rows = [{name.strip(): value.strip() for name, value in row.items()} for row in csv.DictReader(file)]
    return {row.pop("rec_id"): row for row in rows}


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _person(row: Mapping[str, str]) -> Entry:
    return Entry(
        is_person=True,
        given_name=row["given_name"],
        family_name=row["surname"],
        street=f"{row['street_number']} {row['address_1']}",
        locality=row["suburb"],
        region=row["state"],
        postcode=row["postcode"],
        country="AU",
        birth_date=_date(row["date_of_birth"]),
        identifiers={"soc_sec_id": row["soc_sec_id"]},
    )


def _people_by_splink(records: Records, true: frozenset[Pair]) -> Outcome:
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.9]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.ExactMatch("state"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"),
            block_on("date_of_birth"),
            block_on("given_name", "surname"),
            block_on("given_name", "postcode"),
            block_on("surname", "postcode"),
            block_on("postcode", "street_number"),
            block_on("street_number", "address_1"),
        ],
    )
    sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    return _splinks(settings, records, sure, [block_on("date_of_birth"), block_on("postcode")], true=true)


def _same_number(ids: Iterable[str]) -> frozenset[Pair]:
    groups = defaultdict(list)
    for id in ids:
        groups[id.split("-", 2)[1]].append(id)
    return frozenset(frozenset(pair) for group in groups.values() for pair in combinations(group, 2))


def _organisations() -> tuple[dict[str, dict[str, str]], frozenset[Pair], frozenset[Pair]]:
    """The names by their id, the judged pairs, and those that are the same company."""
    with _ORGANISATIONS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {f"{side}{row[uid]}": row[name] for row in rows for side, uid, name in _SIDES}
    judged = {frozenset(f"{side}{row[uid]}" for side, uid, _ in _SIDES): row["correct"] == "True" for row in rows}
    records = {id: {"name": name, **_cleaned(basename(name).lower())} for id, name in names.items()}
    return records, frozenset(judged), frozenset(pair for pair, same in judged.items() if same)


def _cleaned(plain: str) -> dict[str, str]:
    """What splink gets of a name whose legal form cleanco has taken off."""
    return {"plain": plain, "first": plain.split(maxsplit=1)[0], "initial": plain[0]}


_SIDES = (("given ", "gt_uid", "gt_name"), ("found ", "uid", "name"))


def _organisations_by_splink(records: Records, judged: frozenset[Pair], same: frozenset[Pair]) -> Outcome:
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            cl.NameComparison("plain"),
            cl.ExactMatch("first").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[CustomRule("1=1")],
    )
    learnt = [block_on("first"), block_on("initial")]
    return _splinks(settings, records, [block_on("plain")], learnt, true=same, only=judged)


def rows() -> list[Row]:
    """Measure both on each data set."""
    found = []
    for number in (1, 2):
        people = _febrl(number)
        ours = _ours({id: _person(row) for id, row in people.items()})
        true = _same_number(people)
        theirs = _people_by_splink(people, true)
        found.append(_row(f"duplicates among people (FEBRL {number})", ours, theirs, true, len(people)))
    records, judged, same = _organisations()
    ours = _ours({id: Entry(name=row["name"], country="NL") for id, row in records.items()}, judged)
    theirs = _organisations_by_splink(records, judged, same)
    found.append(_row("duplicates among company names", ours, theirs, same, len(records)))
    return found


def _row(work: str, ours: Outcome, theirs: Outcome, true: frozenset[Pair], records: int) -> Row:
    return Row(
        work=f"{work}: F1",
        beside="splink's, at its best threshold",
        value=ours.shares(true)[2] / theirs.shares(true)[2],
        must=0.99,
        goal=1.0,
        at_least=True,
        figures=f"ours: {ours.text(true, records)}. splink: {theirs.text(true, records)}",
    )
