"""Sorted, disjoint intervals as arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Minutes = npt.NDArray[np.int64]


class Intervals(NamedTuple):
    """Half-open intervals of moments, as two arrays of equal length."""

    begins: Minutes
    ends: Minutes


def covered(many: Sequence[Intervals], times: int) -> Intervals:
    """What at least ``times`` of the given intervals cover, as sorted intervals that do not touch.

    Args:
        many: Intervals in any order; an empty or inverted one covers nothing.
        times: 1 for the union; the number of calendars for what they share, if each is disjoint in itself.
    """
    begins = np.concatenate([one.begins for one in many])
    ends = np.concatenate([one.ends for one in many])
    real = begins < ends
    if not real.any():
        return Intervals(begins[real], ends[real])
    points = np.concatenate([begins[real], ends[real]])
    change = np.repeat([1, -1], real.sum())
    order = np.argsort(points, kind="stable")
    points, depth = points[order], change[order].cumsum()
    last = np.append(points[1:] != points[:-1], True)  # the depth that holds after a moment
    points, inside = points[last], depth[last] >= times
    before = np.concatenate([[False], inside[:-1]])
    return Intervals(points[inside & ~before], points[~inside & before])
