"""Which fixes of a track a drawing needs: as few as keep position and time within a tolerance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.model import MICROSECONDS_PER_S, Gap, Stop, Track, to_microseconds
from geo_engine.tracks.parts import part_numbers

_M_PER_DEGREE = 111_195.0
# Splitting where a track deviates most can peel off one fix at a time; after this many rounds halves are split.
_ROUNDS_BY_DEVIATION = 40


def thin_track(
    track: Track,
    flags: NDArray[np.uint16],
    *,
    tolerance_m: float | None,
    stops: Sequence[Stop] = (),
    gaps: Sequence[Gap] = (),
) -> NDArray[np.intp]:
    """Return the indices of the fixes that a drawing of `track` needs, ascending.

    Whoever moves from kept fix to kept fix, evenly in between, is at every moment within `tolerance_m` of where the
    usable fixes say; in a stop, within the tolerance and the stop's diameter. The first and the last fix of each
    part between gaps are kept.

    Parameters
    ----------
    flags
        Bits of `Flag`, one number per fix; unusable fixes are never kept.
    tolerance_m
        None keeps every usable fix. What a larger tolerance keeps, a smaller one keeps as well.
    stops
        In them jitter is not worth drawing.
    gaps
        Nothing is drawn across them.

    Notes
    -----
    Cost as `importances_m`.
    """
    usable = usable_indices(flags)
    if tolerance_m is None:
        return usable
    return usable[importances_m(track, usable, least_m=tolerance_m, stops=stops, gaps=gaps) > tolerance_m]


def importances_m(
    track: Track,
    which: NDArray[np.intp],
    *,
    least_m: float = 0.0,
    stops: Sequence[Stop] = (),
    gaps: Sequence[Gap] = (),
) -> NDArray[np.float64]:
    """Return up to which tolerance in metres each fix is kept in a drawing of some fixes; ends are infinite.

    Parameters
    ----------
    which
        The indices of the fixes to draw, ascending; one number is returned for each.
    least_m
        Fixes that only smaller tolerances keep are not told apart: they get 0.
    stops, gaps
        As `thin_track`.

    Notes
    -----
    Douglas & Peucker (1973) with the synchronous distance of Meratnia & de By (2004), *Spatiotemporal compression
    techniques for moving point objects*: how far a fix is from where one would be at its time. All stretches of
    a depth are split at once, O(n) each, at most 40 + log₂ n deep. 86,400 fixes take about 0.05 s.
    """
    if not len(which):
        return np.zeros(0)
    return _importances(_Points.of(track, which, stops), part_numbers(track.times_us[which], gaps), least_m)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """Fixes to choose from: times, places as longitude + i · latitude, east against north, what is forgiven."""

    times_s: NDArray[np.float64]
    places_deg: NDArray[np.complex128]
    lon_scales: NDArray[np.float64]
    forgiven_m: NDArray[np.float64]

    @classmethod
    def of(cls, track: Track, kept: NDArray[np.intp], stops: Sequence[Stop]) -> "_Points":
        lats_deg = track.lats_deg[kept]
        times_us = track.times_us[kept]
        return cls(
            times_s=(times_us - times_us[0]) / MICROSECONDS_PER_S,
            places_deg=unwrapped_deg(track.lons_deg[kept]) + 1j * lats_deg,
            lon_scales=np.cos(np.radians(lats_deg)),
            forgiven_m=_forgiven_m(times_us, stops),
        )

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> "_Points":
        return _Points(
            times_s=self.times_s[which],
            places_deg=self.places_deg[which],
            lon_scales=self.lon_scales[which],
            forgiven_m=self.forgiven_m[which],
        )


def unwrapped_deg(lons_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes without the leap at the 180th meridian: beyond ±180 on its other side."""
    return np.unwrap(lons_deg, period=360.0)


def _forgiven_m(times_us: NDArray[np.int64], stops: Sequence[Stop]) -> NDArray[np.float64]:
    forgiven_m = np.zeros(len(times_us))
    for stop in stops:
        first = np.searchsorted(times_us, to_microseconds(stop.started_at), side="left")
        last = np.searchsorted(times_us, to_microseconds(stop.ended_at), side="right")
        forgiven_m[first:last] = 2.0 * stop.radius_m
    return forgiven_m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Segments:
    """Stretches between kept points that may have to be split, and the points inside them, in order.

    Parameters
    ----------
    points, indices
        The points inside all stretches, and which of all points they are.
    counts
        How many are inside each stretch, at least one.
    lows, highs
        Which of all points each stretch begins and ends with.
    limits_m
        The importance of the less important of both ends: what is inside is not more important.
    """

    points: _Points
    indices: NDArray[np.intp]
    counts: NDArray[np.intp]
    lows: NDArray[np.intp]
    highs: NDArray[np.intp]
    limits_m: NDArray[np.float64]

    @property
    def starts(self) -> NDArray[np.intp]:
        """Where, among the points inside, those of each stretch begin."""
        return np.cumsum(self.counts) - self.counts

    def take(self, which: NDArray[np.bool_]) -> "_Segments":
        """Return the stretches of `which`; those left out must have no points inside."""
        return replace(
            self,
            counts=self.counts[which],
            lows=self.lows[which],
            highs=self.highs[which],
            limits_m=self.limits_m[which],
        )


def _importances(points: _Points, parts: NDArray[np.intp], least_m: float) -> NDArray[np.float64]:
    importances = np.zeros(len(parts))
    segments = _between_ends(points, parts)
    importances[segments.lows] = importances[segments.highs] = np.inf
    segments = segments.take(segments.counts > 0)
    rounds = 0
    while len(segments.counts):
        deviations_m = _deviations_m(points, segments)
        worst_m = np.minimum(np.maximum.reduceat(deviations_m, segments.starts), segments.limits_m)
        by_deviation = rounds < _ROUNDS_BY_DEVIATION
        splits = _worst(deviations_m, segments) if by_deviation else segments.starts + segments.counts // 2
        is_split = worst_m > least_m
        importances[segments.indices[splits[is_split]]] = worst_m[is_split]
        segments = _halves(segments, splits, is_split, worst_m)
        rounds += 1
    return importances


def _between_ends(points: _Points, parts: NDArray[np.intp]) -> _Segments:
    """Return one stretch for each part; what is of one or two points has none inside."""
    bounds = np.flatnonzero(np.diff(parts, prepend=parts[0] - 1, append=parts[-1] + 1))
    lows, highs = bounds[:-1], bounds[1:] - 1
    is_inside = np.ones(len(parts), dtype=np.bool_)
    is_inside[lows] = is_inside[highs] = False
    return _Segments(
        points=points.take(is_inside),
        indices=np.flatnonzero(is_inside),
        counts=np.maximum(highs - lows - 1, 0),
        lows=lows,
        highs=highs,
        limits_m=np.full(len(lows), np.inf),
    )


def _deviations_m(points: _Points, segments: _Segments) -> NDArray[np.float64]:
    """Return how far each point inside is from where one would be at its time, less what is forgiven."""
    lows, highs, inside = segments.lows, segments.highs, segments.points
    lasts_s = np.maximum(points.times_s[highs] - points.times_s[lows], 1.0 / MICROSECONDS_PER_S)
    speeds = (points.places_deg[highs] - points.places_deg[lows]) / lasts_s
    origins = points.places_deg[lows] - speeds * points.times_s[lows]
    off_deg = inside.places_deg - np.repeat(origins, segments.counts)
    off_deg -= np.repeat(speeds, segments.counts) * inside.times_s
    return _M_PER_DEGREE * np.hypot(off_deg.real * inside.lon_scales, off_deg.imag) - inside.forgiven_m


def _worst(deviations_m: NDArray[np.float64], segments: _Segments) -> NDArray[np.intp]:
    """Return where, among the points inside, each stretch has its first largest deviation."""
    largest_m = np.maximum.reduceat(deviations_m, segments.starts)
    hits = np.flatnonzero(deviations_m == np.repeat(largest_m, segments.counts))
    return hits[np.searchsorted(hits, segments.starts)]


def _halves(
    segments: _Segments, splits: NDArray[np.intp], is_split: NDArray[np.bool_], worst_m: NDArray[np.float64]
) -> _Segments:
    """Return both halves of each stretch that is split, without the empty ones."""
    is_inside = np.repeat(is_split, segments.counts)
    is_inside[splits] = False
    middles, before = segments.indices[splits], splits - segments.starts
    halves = _Segments(
        points=segments.points.take(is_inside),
        indices=segments.indices[is_inside],
        counts=_zipped(before, segments.counts - before - 1, is_split),
        lows=_zipped(segments.lows, middles, is_split),
        highs=_zipped(middles, segments.highs, is_split),
        limits_m=np.repeat(worst_m[is_split], 2),
    )
    return halves.take(halves.counts > 0)


def _zipped(ones: NDArray[np.intp], others: NDArray[np.intp], which: NDArray[np.bool_]) -> NDArray[np.intp]:
    return np.column_stack((ones[which], others[which])).ravel()
