"""Independent samples put into an order in which they have given rank correlations.

Iman and Conover, *A distribution-free approach to inducing rank correlation among input variables*, Communications in
Statistics B 11 (1982): each sample keeps its values, so that no distribution changes. Normal scores whose correlation
is 2·sin(π·r/6) have the rank correlation r (Pearson 1907), so what is asked for is what comes out.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from project_svc.simulation.case import CaseError, Correlation
from project_svc.simulation.spreads import Numbers

_LEAST_PIVOT = 1e-9


def matrix_of(names: Sequence[str], correlations: Sequence[Correlation]) -> Numbers:
    """The matrix of rank correlations between ``names``."""
    index = {name: position for position, name in enumerate(names)}
    matrix = np.eye(len(names))
    for one in correlations:
        rows = np.array([index[name] for name in dict.fromkeys(one.between)])
        matrix[np.ix_(rows, rows)] = one.coefficient
    np.fill_diagonal(matrix, 1)
    return matrix


def correlate(names: Sequence[str], samples: Numbers, matrix: Numbers) -> None:
    """Put each row of ``samples`` into another order, so that ranks correlate as ``matrix`` says.

    Args:
        names: Of the rows, for the message.
        samples: [variable, iteration], independent of each other.
        matrix: [variable, variable].

    Raises:
        CaseError: No variables can correlate like that.
    """
    count, size = samples.shape
    wanted = _root(names, 2 * np.sin(np.pi / 6 * matrix))
    ordered = np.empty_like(samples)
    scores = np.empty_like(samples)
    normal = _scores(size)
    for row in range(count):
        order = np.argsort(samples[row])
        ordered[row] = samples[row, order]
        scores[row, order] = normal
    if size > 2 * count:  # what the scores happen to correlate by chance is taken out
        wanted = wanted @ np.linalg.inv(_root(names, scores @ scores.T / size))
    mixed = wanted @ scores
    for row in range(count):
        samples[row, np.argsort(mixed[row])] = ordered[row]


def _scores(size: int) -> Numbers:
    """The normal scores of van der Waerden, rising, scaled to the variance 1."""
    normal = NormalDist()
    half = np.array([normal.inv_cdf((rank + 1) / (size + 1)) for rank in range(size // 2)])
    scores = np.concatenate([half, np.zeros(size % 2), -half[::-1]])
    return scores / max(float(scores.std()), 1e-300)


def _root(names: Sequence[str], matrix: Numbers) -> Numbers:
    """The lower triangle L with L·Lᵀ = ``matrix`` (Cholesky), also of a matrix that is only semi-definite."""
    count = len(matrix)
    root = np.zeros((count, count))
    for column in range(count):
        rest = matrix[column:, column] - root[column:, :column] @ root[column, :column]
        if rest[0] > _LEAST_PIVOT:
            root[column:, column] = rest / np.sqrt(rest[0])
        elif rest[0] < -_LEAST_PIVOT or np.abs(rest).max() > np.sqrt(_LEAST_PIVOT):
            raise CaseError(names[column], "cannot be correlated with all of the others as they are among themselves")
    return root
