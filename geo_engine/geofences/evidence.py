"""What a sighting tells of fences: how likely it is inside, and how much of that is new."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import Sightings, apart_m
from geo_engine.tracks.model import MICROSECONDS_PER_S

MILLI = 1_000
"""Evidence is counted in whole thousandths of logarithms of odds, so that sums are the same in any order."""

_SURE = 6.0  # standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What sightings tell of fences, in thousandths.

    Parameters
    ----------
    news
        How much of what each tells was not told by the one before, 0 to 1.
    far
        What all up to each tell of a fence that they are far from, summed up.
    ranges
        Of each device the number of its first sighting, and the one behind its last.
    """

    sightings: Sightings
    news: NDArray[np.float64]
    far: NDArray[np.int64]
    ranges: list[tuple[int, int]]
    params: TransitionParams

    @classmethod
    def of(cls, sightings: Sightings, params: TransitionParams) -> Self:
        """Return what sightings tell."""
        is_away, may_stay = _since_stays(sightings, params)
        news = _news(sightings, may_stay, params)
        most = np.where(is_away, params.away_most, params.look_most)
        steps = -np.rint(MILLI * most * news).astype(np.int64)
        steps[sightings.stays] = -round(MILLI * (params.stay_most + params.outside_least))
        counts = np.bincount(sightings.devices)
        ranges = list(pairwise([0, *np.cumsum(counts).tolist()]))
        return cls(sightings=sightings, news=news, far=np.cumsum(steps), ranges=ranges, params=params)

    def near_steps(
        self, rows: NDArray[np.intp], inmost_m: NDArray[np.float64], depths_m: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return what sightings near fences tell of them."""
        sigmas_m, params = self.sightings.sigmas_m[rows], self.params
        deviations = np.clip(seen_m(inmost_m, depths_m, sigmas_m) / sigmas_m, -_SURE, _SURE)
        logits = log_odds(deviations)
        on_way = np.clip(logits, -params.look_most, params.look_most) * self.news[rows]
        return np.rint(MILLI * np.where(self.sightings.stays[rows], logits, on_way)).astype(np.int64)

    def summed(self, after: int, last: int) -> int:
        """Return what the sightings after one up to another tell of a fence that they are far from."""
        if last <= after:
            return 0
        return int(self.far[last]) - (int(self.far[after]) if after >= 0 else 0)


def log_odds(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of Φ(z) / (1 − Φ(z)), right to 0.02 within four standard deviations.

    Notes
    -----
    Page (1977), *Approximations to the cumulative normal function and its inverse for use on a pocket calculator*.
    """
    odds: NDArray[np.float64] = deviations * (1.5976 + 0.07056 * deviations * deviations)
    return odds


def seen_m(
    inmost_m: NDArray[np.float64], depths_m: NDArray[np.float64], sigmas_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how deep inside a place seems when an error may also lead out of the other sides of the fence."""
    seen: NDArray[np.float64] = inmost_m - np.hypot(inmost_m - depths_m, sigmas_m)
    return seen


def deviations_of(odds: float) -> float:
    """Return from how many standard deviations on a sighting tells so much; to a hundredth, rounded up.

    Examples
    --------
    >>> deviations_of(0.0), deviations_of(3.0)
    (0.0, 1.68)
    """
    deviations = np.linspace(0.0, _SURE, 601)
    return float(deviations[np.searchsorted(log_odds(deviations), odds)])


def _news(sightings: Sightings, may_stay: NDArray[np.bool_], params: TransitionParams) -> NDArray[np.float64]:
    """Return how much of what each sighting tells was not told by the one before, 0 to 1."""
    before = np.maximum(np.arange(len(sightings)) - 1, 0)
    waited_s = (sightings.started_us - sightings.ended_us[before]) / MICROSECONDS_PER_S
    errors_m = (sightings.sigmas_m + sightings.sigmas_m[before]) / 2.0
    moved_m = np.maximum(apart_m(sightings, slice(None), before) - errors_m, 0.0)
    moved_m[may_stay] = 0.0
    told = np.exp(-np.maximum(waited_s, 0.0) / params.lasting_s - moved_m / params.lasting_m)
    news: NDArray[np.float64] = 1.0 - told
    news[np.flatnonzero(np.diff(sightings.devices, prepend=-1))] = 1.0
    return news


def _since_stays(sightings: Sightings, params: TransitionParams) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which sightings are farther from the last stay than reflections lead, and which may still be of it."""
    rows = np.arange(len(sightings))
    last_stays = np.maximum.accumulate(np.where(sightings.stays, rows, -1))
    is_after = (last_stays >= 0) & (sightings.devices[last_stays] == sightings.devices)
    stays = np.maximum(last_stays, 0)
    is_away: NDArray[np.bool_] = is_after & (apart_m(sightings, slice(None), stays) > params.reflected_m)
    aways = np.cumsum(is_away)
    may_stay: NDArray[np.bool_] = is_after & (aways == aways[stays])
    return is_away, may_stay
