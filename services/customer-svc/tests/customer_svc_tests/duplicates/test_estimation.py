"""Weights that a base tells of itself."""

from random import Random

import pytest

from customer_svc.duplicates.matching.comparison import Finding
from customer_svc.duplicates.matching.estimation import Pattern, estimated, pattern_of
from customer_svc.duplicates.matching.profile import Entry, profile
from customer_svc.duplicates.matching.scoring import compare
from customer_svc.duplicates.matching.weights import WEIGHTS, Level, Model

_M = {"email": 0.7, "phone": 0.9, "domain": 0.5}
_U = {"email": 0.02, "phone": 0.05, "domain": 0.1}
_SHARE = 0.3


def drawn(random: Random, *, same: bool) -> Pattern:
    chances = _M if same else _U
    levels = {name: Level.SAME if random.random() < chance else Level.DIFFERENT for name, chance in chances.items()}
    return frozenset(Finding(name, level) for name, level in levels.items())


def test_finds_the_weights_that_the_pairs_were_drawn_with() -> None:
    random = Random(7)  # noqa: S311 - a sample, no secret
    pairs = [drawn(random, same=random.random() < _SHARE) for _ in range(5_000)]
    strangers = [drawn(random, same=False) for _ in range(5_000)]

    model, share = estimated(Model(), pairs, strangers)

    assert share == pytest.approx(_SHARE, abs=0.03)
    for name, chance in _M.items():
        assert model.weights[name][Level.SAME].m == pytest.approx(chance, abs=0.04)
        assert model.weights[name][Level.SAME].u == pytest.approx(_U[name], abs=0.01)
    assert model.weights["birth_date"][Level.SAME].m == pytest.approx(WEIGHTS["birth_date"][Level.SAME].m)


def test_without_pairs_nothing_is_learnt() -> None:
    model, share = estimated(Model(), [])

    assert share == 0.0
    for name, levels in WEIGHTS.items():
        for level, chances in levels.items():
            assert model.weights[name][level].bits == pytest.approx(chances.bits)


def test_the_pattern_of_a_pair_is_what_its_reasons_say_but_for_the_words_of_names() -> None:
    left = Entry(name="上海关系信息技术有限公司", phones=("13800138000",), street="人民路1号", postcode="200000")
    right = Entry(name="北京关系信息技术有限公司", phones=("13900139000",), street="人民路1号", postcode="200001")
    pair = profile(left), profile(right)

    told = {Finding(reason.field, reason.level) for reason in compare(*pair).reasons}

    assert told - pattern_of(*pair) == {Finding("name", Level.SAME), Finding("business", Level.SAME)}
    assert pattern_of(*pair) < told
