"""How speed and accuracy went over time: one value for each of a few hundred equal spans."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.measure import geodesics_m
from geo_engine.tracks.model import MICROSECONDS_PER_S, Track

_MOST_SPANS = 720


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """Values of equal spans that follow each other; all arrays have one length.

    Parameters
    ----------
    started_s
        When the first span begins, seconds since 1970.
    span_s
        How long each is.
    speeds_mps
        Metres moved along the drawn line by seconds tracked; NaN where nothing was tracked.
    accuracies_m
        Mean of the usable fixes; NaN where none says.
    fix_counts
        How many usable fixes there are.
    """

    started_s: int
    span_s: int
    speeds_mps: NDArray[np.float64]
    accuracies_m: NDArray[np.float64]
    fix_counts: NDArray[np.int64]

    @classmethod
    def along(cls, track: Track, usable: NDArray[np.intp], line: NDArray[np.intp], parts: NDArray[np.intp]) -> Self:
        """Return the strip of a track.

        Parameters
        ----------
        usable, line
            The indices of its usable fixes and of those the drawn line goes through, ascending.
        parts
            Of which part each of the line's is; between parts nothing was tracked.
        """
        started_s, span_s, count = _spans(track.times_us[usable])
        # The very last moment belongs to the last span.
        spans = np.minimum((track.times_us[usable] // MICROSECONDS_PER_S - started_s) // span_s, count - 1)
        accuracies_m = track.accuracies_m[usable]
        is_known = np.isfinite(accuracies_m)
        sums_m = np.bincount(spans[is_known], weights=accuracies_m[is_known], minlength=count)
        return cls(
            started_s=started_s,
            span_s=span_s,
            speeds_mps=_speeds_mps(track, line, parts, started_s + span_s * np.arange(count + 1)),
            accuracies_m=_ratio(sums_m, np.bincount(spans[is_known], minlength=count)),
            fix_counts=np.bincount(spans, minlength=count),
        )


def _spans(times_us: NDArray[np.int64]) -> tuple[int, int, int]:
    """Return when the first span begins, how long each is, in seconds, and how many cover all moments."""
    if not len(times_us):
        return 0, 1, 0
    started_s, ended_s = int(times_us[0] // MICROSECONDS_PER_S), -int(-times_us[-1] // MICROSECONDS_PER_S)
    span_s = max(-((started_s - ended_s) // _MOST_SPANS), 1)
    return started_s, span_s, max(-((started_s - ended_s) // span_s), 1)


def _speeds_mps(
    track: Track, line: NDArray[np.intp], parts: NDArray[np.intp], edges_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    if not len(line):
        return np.zeros(0)
    times_s = track.times_us[line] / MICROSECONDS_PER_S
    lons_deg, lats_deg = track.lons_deg[line], track.lats_deg[line]
    is_tracked = np.diff(parts) == 0
    lengths_m = geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:]) * is_tracked
    moved_m = np.cumulative_sum(lengths_m, include_initial=True)
    tracked_s = np.cumulative_sum(np.diff(times_s) * is_tracked, include_initial=True)
    return _ratio(np.diff(np.interp(edges_s, times_s, moved_m)), np.diff(np.interp(edges_s, times_s, tracked_s)))


def _ratio(sums: NDArray[np.float64], by: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the ratios; NaN where there is nothing to divide by."""
    ratios = np.full(len(sums), np.nan)
    np.divide(sums, by, out=ratios, where=by > 0)
    return ratios
