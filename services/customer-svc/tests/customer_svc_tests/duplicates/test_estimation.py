"""Weights that a base tells of itself."""

from random import Random

import pytest

from customer_svc.duplicates.matching.comparison import Finding
from customer_svc.duplicates.matching.estimation import Pattern, estimated
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
