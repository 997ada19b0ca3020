"""How figures that scatter are learned: a robust quantile of each group, shrunk to what was believed before."""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_NORMAL = NormalDist()
_PER_MAD = 1.0 / _NORMAL.inv_cdf(0.75)
_TRIED = np.geomspace(0.01, 2.0, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkParams:
    """How much figures are believed; spreads are of natural logarithms of the ratio to the prior.

    Parameters
    ----------
    quantile
        Which of a group's figures is learned, 0 < quantile < 1: the median is right as often too long as too short.
    most_factor
        A figure counts for at most so many times the prior, and at least for as small a part of it.
    usual_within, usual_within_weight
        How far figures of one group are apart as long as few are known, and as how many this counts …
    usual_between, usual_between_weight
        … and the same of how far groups are from their priors.
    least_within
        Figures that are all the same are still not believed to be closer than this.
    """

    quantile: float = 0.5
    most_factor: float = 4.0
    usual_within: float = 0.4
    usual_within_weight: float = 8.0
    usual_between: float = 0.3
    usual_between_weight: float = 4.0
    least_within: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A figure that was seen, and what was believed of it before; both above 0."""

    value: float
    prior: float

    def log_ratio(self, most_factor: float) -> float:
        """Return the logarithm of value to prior, bounded."""
        bound = math.log(most_factor)
        return min(max(math.log(self.value / self.prior), -bound), bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spreads:
    """Standard deviations of logarithms: of figures within their group, and of groups from their priors."""

    within: float
    between: float

    def share(self, count: int, quantile: float = 0.5) -> float:
        """Return how much the quantile of so many figures is believed, from 0 (of none) to 1 (of very many).

        Notes
        -----
        A quantile of n figures of a normal distribution has the variance q (1 - q) / (n f²), with f its density there.
        """
        if count == 0:
            return 0.0
        density = _NORMAL.pdf(_NORMAL.inv_cdf(quantile))
        off = self.within**2 * quantile * (1.0 - quantile) / (count * density**2)
        return self.between**2 / (self.between**2 + off)


def shrunk(samples: Iterable[Sample], spreads: Spreads, params: ShrinkParams) -> float:
    """Return the factor by which a prior is off, as the samples of one group tell: 1 of none.

    Notes
    -----
    Whatever one of them says, the factor stays within `most_factor`; and of three or more, by the median, between 1 and
    what the others span.
    """
    ratios = sorted(one.log_ratio(params.most_factor) for one in samples)
    if not ratios:
        return 1.0
    return math.exp(spreads.share(len(ratios), params.quantile) * _quantile(ratios, params.quantile))


def spreads_of[Key: Hashable](groups: Mapping[Key, Iterable[Sample]], params: ShrinkParams) -> Spreads:
    """Return how much the figures of all groups scatter, within groups and between them.

    Notes
    -----
    Within: the median of what figures differ from their group's median (each group's widened by what its own median
    takes away), with the usual spread as so many more figures. Between: the most likely one (empirical Bayes, James and
    Stein's setting with unequal variances: Morris 1983), on a grid, the usual one as so many more groups. The order of
    groups and of figures changes nothing.
    """
    ratios = sorted(
        found for samples in groups.values() if (found := sorted(one.log_ratio(params.most_factor) for one in samples))
    )
    within = _within(ratios, params)
    if not ratios:
        return Spreads(within=within, between=params.usual_between)
    middles = np.array([_quantile(one, params.quantile) for one in ratios])
    counts = np.array([len(one) for one in ratios], dtype=np.float64)
    density = _NORMAL.pdf(_NORMAL.inv_cdf(params.quantile))
    offs = within**2 * params.quantile * (1.0 - params.quantile) / (counts * density**2)
    return Spreads(within=within, between=_between(middles, offs, params))


def _within(ratios: Iterable[list[float]], params: ShrinkParams) -> float:
    apart: list[float] = []
    freedom = 0
    for one in ratios:
        if len(one) > 1:
            middle, widened = _quantile(one, 0.5), math.sqrt(len(one) / (len(one) - 1))
            apart += [widened * abs(ratio - middle) for ratio in one]
            freedom += len(one) - 1
    seen = _PER_MAD * _quantile(sorted(apart), 0.5) if apart else 0.0
    weight = params.usual_within_weight
    mixed = math.sqrt((freedom * seen**2 + weight * params.usual_within**2) / (freedom + weight))
    return max(mixed, params.least_within)


def _between(middles: NDArray[np.float64], offs: NDArray[np.float64], params: ShrinkParams) -> float:
    """Return the spread of groups from their priors that makes their middles likeliest."""
    variances = _TRIED[:, None] ** 2 + offs[None, :]
    unlikely = (np.log(variances) + middles[None, :] ** 2 / variances).sum(axis=1)
    usual = np.log(_TRIED**2) + params.usual_between**2 / _TRIED**2
    return float(_TRIED[np.argmin(unlikely + params.usual_between_weight * usual)])


def _quantile(ordered: list[float], quantile: float) -> float:
    at = quantile * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
