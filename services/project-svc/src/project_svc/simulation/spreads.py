"""Three-point estimates as distributions."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_WEIGHT = 4
"""How much more the most likely value counts than either end, in a PERT estimate."""


class Shape(StrEnum):
    """How likely the values between the ends are."""

    PERT = "pert"
    TRIANGULAR = "triangular"


@dataclass(frozen=True, slots=True)
class Spread:
    """A value of which the least, the most likely and the greatest are estimated; all equal if it is certain.

    PERT is the beta distribution of Malcolm, Roseboom, Clark and Fazar, *Application of a technique for research and
    development program evaluation*, Operations Research 7 (1959), with the mean (low + 4·mode + high)/6; its shape is
    made of mean and mode as in Vose, *Risk Analysis*, 3rd ed. (2008): 1 + 4·(mode-low)/(high-low), both together 6.
    """

    low: float
    mode: float
    high: float
    shape: Shape = Shape.PERT

    def __post_init__(self) -> None:
        """Refuse what is no estimate.

        Raises:
            ValueError: A value is no number, or they do not rise.
        """
        if not all(math.isfinite(value) for value in (self.low, self.mode, self.high)):
            raise ValueError("an estimate has to be a finite number")
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"{self.low:g} ≤ {self.mode:g} ≤ {self.high:g} does not hold")

    @property
    def certain(self) -> bool:
        """Whether there is but one value."""
        return self.low == self.high

    @property
    def mean(self) -> float:
        """The expected value."""
        weight = _WEIGHT if self.shape is Shape.PERT else 1
        return (self.low + weight * self.mode + self.high) / (weight + 2)

    @property
    def variance(self) -> float:
        """The expected square of the distance from the mean."""
        low, mode, high = self.low, self.mode, self.high
        if self.shape is Shape.PERT:
            return (self.mean - low) * (high - self.mean) / (_WEIGHT + 3)
        return (low * low + mode * mode + high * high - low * mode - low * high - mode * high) / 18

    def sample(self, generator: np.random.Generator, size: int) -> Numbers:
        """So many independent values."""
        if self.certain:
            return np.full(size, float(self.mode))
        if self.shape is Shape.TRIANGULAR:
            return generator.triangular(self.low, self.mode, self.high, size)
        width = self.high - self.low
        alpha = 1 + _WEIGHT * (self.mode - self.low) / width
        beta = 1 + _WEIGHT * (self.high - self.mode) / width
        return self.low + width * generator.beta(alpha, beta, size)

    def scaled(self, factor: float) -> "Spread":
        """The estimate of so much of it, such as of what is left to do."""
        return Spread(self.low * factor, self.mode * factor, self.high * factor, self.shape)
