"""How likely a visit to a fence is found, from how large the fence is and how exact fixes are there."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.evidence import deviations_of
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import ACCURACIES_PER_SIGMA
from geo_engine.tracks.flags import Flags, usable_indices
from geo_engine.tracks.model import MICROSECONDS_PER_S, Track

USUAL_STAY_S = 600.0
USUAL_SAMPLING_S = 15.0
WANTED_SHARE = 0.98
"""What is to be said of a fence before it is called good enough."""

_MOST = 0.99
_SPREAD = 1.3
_EDGES_S = 30.0
_EACH_US = 60 * MICROSECONDS_PER_S
_BOUNDS_M = np.array([5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 56.0, 80.0, 112.0, 160.0])
_DEFAULT = TransitionParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeing:
    """How a visit is seen.

    Parameters
    ----------
    accuracy_m
        The median of the fixes.
    stay_s
        How long the visitor is inside.
    sampling_s
        How often there is a fix.
    """

    accuracy_m: float = _DEFAULT.unknown_accuracy_m
    stay_s: float = USUAL_STAY_S
    sampling_s: float = USUAL_SAMPLING_S


_USUAL = Seeing()


def detectability(depth_m: float, seeing: Seeing = _USUAL, *, params: TransitionParams = _DEFAULT) -> float:
    """Return the share of honest visits to a fence that are found as a dwell.

    Parameters
    ----------
    depth_m
        How far the fence's innermost place is from its edge: the radius of a circle.

    Notes
    -----
    A stay is seen at one place, whose error is spread evenly to all sides with the standard deviation that
    `sightings_of` gives it, and found when that place is so deep inside as `enter_at` asks: by Rayleigh's distribution
    in 1 − exp(−r²/2s²) of cases. Three figures are of the simulated days set apart for choosing: places are spread 1.3
    times as far, since visitors are not in the middle and phones think too well of themselves; the ends of a stay take
    half a minute off it; one visit in a hundred is not seen for other reasons. `scripts/bench arrivals` sets what is
    predicted beside what was found.

    Examples
    --------
    >>> [round(detectability(depth_m), 2) for depth_m in (15.0, 30.0, 50.0, 100.0)]
    [0.0, 0.57, 0.95, 0.99]
    """
    sigma_m = _sigma_m(seeing, params)
    reach_m = depth_m - deviations_of(params.enter_at) * sigma_m
    square_m2 = reach_m * reach_m - sigma_m * sigma_m
    if reach_m <= 0.0 or square_m2 <= 0.0:
        return 0.0
    return _seen(seeing, params) * -math.expm1(-square_m2 / (2.0 * (_SPREAD * sigma_m) ** 2))


def least_depth_m(share: float, seeing: Seeing = _USUAL, *, params: TransitionParams = _DEFAULT) -> float | None:
    """Return how deep a fence has to be for so large a share of honest visits to be found; None when no fence is.

    Examples
    --------
    >>> round(least_depth_m(0.98)), least_depth_m(1.0)
    (59, None)
    """
    sigma_m, seen = _sigma_m(seeing, params), _seen(seeing, params)
    if share >= seen:
        return None
    square_m2 = -2.0 * (_SPREAD * sigma_m) ** 2 * math.log1p(-share / seen)
    return deviations_of(params.enter_at) * sigma_m + math.hypot(math.sqrt(square_m2), sigma_m)


def _sigma_m(seeing: Seeing, params: TransitionParams) -> float:
    """Return how wrong the middle of a stay is, as `sightings_of` has it."""
    error_m = max(seeing.accuracy_m, params.least_accuracy_m) / ACCURACIES_PER_SIGMA
    return math.hypot(error_m * math.sqrt(params.settle_s / (params.settle_s + seeing.stay_s)), params.site_m)


def _seen(seeing: Seeing, params: TransitionParams) -> float:
    """Return the share of visits of which there are fixes for long enough to be a dwell."""
    spare_s = seeing.stay_s - params.dwell_s - _EDGES_S
    return _MOST * min(max(spare_s / seeing.sampling_s, 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuraciesSeen:
    """How exact fixes were at a fence, counted by classes each √2 as wide as the last; sums of them are of all.

    Parameters
    ----------
    counts
        Of accuracies up to 5 m, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160 m, and beyond.
    """

    counts: tuple[int, ...] = (0,) * (len(_BOUNDS_M) + 1)

    @classmethod
    def of(cls, accuracies_m: NDArray[np.float64]) -> Self:
        """Return accuracies as counts; unknown ones (NaN) are left out."""
        known_m = accuracies_m[accuracies_m > 0.0]
        counts = np.bincount(np.searchsorted(_BOUNDS_M, known_m), minlength=len(_BOUNDS_M) + 1)
        return cls(counts=tuple(counts.tolist()))

    def __add__(self, other: "AccuraciesSeen") -> "AccuraciesSeen":
        """Return the counts of both."""
        return AccuraciesSeen(counts=tuple(one + more for one, more in zip(self.counts, other.counts, strict=True)))

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts)

    @property
    def median_m(self) -> float | None:
        """The median, right to a fifth; None of none.

        Examples
        --------
        >>> seen = AccuraciesSeen.of(np.array([4.0, 26.0, 27.0, 30.0, np.nan]))
        >>> (seen + seen).count, round(seen.median_m)
        (8, 24)
        """
        if not self.count:
            return None
        at = int(np.searchsorted(np.cumsum(self.counts), self.count / 2.0))
        ends_m = _BOUNDS_M[max(at - 1, 0)], _BOUNDS_M[min(at, len(_BOUNDS_M) - 1)]
        return math.sqrt(float(ends_m[0]) * float(ends_m[1]))


def accuracies_seen(track: Track, flags: Flags, index: FenceIndex) -> Mapping[int, AccuraciesSeen]:
    """Return how exact the usable fixes of a track were in and around each fence that it came to, by its number.

    Notes
    -----
    Around is as near as a fix may be wrong. One fix a minute counts, so that a phone that looks each second is not
    sixty others'. Cost: of `FenceIndex.near`, about a microsecond a fix; to be had when a day is derived.
    """
    usable = usable_indices(flags)
    usable = usable[track.accuracies_m[usable] > 0.0]
    accuracies_m = track.accuracies_m[usable]
    near = index.near(track.lons_deg[usable], track.lats_deg[usable], accuracies_m)
    minutes = track.times_us[usable][near.places] // _EACH_US
    is_first = (np.diff(near.fences, prepend=-1) != 0) | (np.diff(minutes, prepend=-1) != 0)
    places, fences = near.places[is_first], near.fences[is_first]
    parts = np.flatnonzero(np.diff(fences, prepend=-1))
    return (
        {
            int(fences[first]): AccuraciesSeen.of(accuracies_m[some])
            for first, some in zip(parts.tolist(), np.split(places, parts[1:]), strict=True)
        }
        if len(parts)
        else {}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What may be expected of a fence.

    Parameters
    ----------
    share
        Of honest visits, that are found.
    is_measured
        Whether the accuracy is what was seen there; else it is a usual one.
    least_width_m
        How wide it has to be for `WANTED_SHARE`; None when it is so wide, or no width is enough.
    """

    share: float
    seeing: Seeing
    is_measured: bool
    least_width_m: float | None


def outlook_of(depth_m: float, seen: AccuraciesSeen | None = None) -> Outlook:
    """Return what may be expected of a fence so deep, at the accuracies seen there; at a usual one when none were."""
    measured_m = None if seen is None else seen.median_m
    seeing = _USUAL if measured_m is None else Seeing(accuracy_m=measured_m)
    least_m = least_depth_m(WANTED_SHARE, seeing)
    is_short = least_m is not None and depth_m < least_m
    return Outlook(
        share=detectability(depth_m, seeing),
        seeing=seeing,
        is_measured=measured_m is not None,
        least_width_m=2.0 * least_m if least_m is not None and is_short else None,
    )
