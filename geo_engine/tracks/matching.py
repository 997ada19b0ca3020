"""How a track becomes ways: move by move between stops, as driven along roads or, where none fits, as tracked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, geodesics_m
from geo_engine.roads import RoadRouter
from geo_engine.tracks.accuracy import missing_accuracy_m
from geo_engine.tracks.anchors import Anchor, anchors_of, stop_anchor
from geo_engine.tracks.driven import Driven, DrivenWay, WayKind
from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.hops import Hop, hops_between
from geo_engine.tracks.leaps import without_leaps
from geo_engine.tracks.model import Gap, Stop, Track, to_microseconds
from geo_engine.tracks.params import TripParams
from geo_engine.tracks.parts import stay_spans_us, unparted_ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchParams:
    """How a track is read.

    Parameters
    ----------
    usual_accuracy_m
        What fixes are taken for where neither the device nor its scatter in stops says it. Taxis of Porto (2013) are
        within 15 m of their way in 95 of 100 fixes.
    silence
        For how long nothing must be seen for a detour to have room: two minutes are 1 km in a town.
    parting
        A silence that is longer is no way, as it is no trip: nothing is assumed over it.
    usual_speed_mps
        How fast people drive where no road says it.
    """

    usual_accuracy_m: float = 15.0
    silence: timedelta = timedelta(minutes=2)
    parting: timedelta = timedelta(seconds=TripParams().parting_s)
    usual_speed_mps: float = 30.0 / 3.6


def match_track(
    router: RoadRouter,
    track: Track,
    flags: NDArray[np.uint16],
    *,
    stops: Sequence[Stop] = (),
    gaps: Sequence[Gap] = (),
    params: MatchParams | None = None,
) -> Driven:
    """Return what a device drove, with distance, bounds and confidence.

    Parameters
    ----------
    router
        One that only estimates gives the track itself.
    flags
        Bits of `Flag`, one number per fix; only usable fixes count.
    stops
        In the order of time. In them nothing is driven; the ways between lead from place to place.
    gaps
        Ways over them are assumed; over one that parts trips there is none.

    Notes
    -----
    Fixes that lie together are one place (`anchors`), places are matched and held against what was seen (`hops`).
    Cost: about 0.1 ms a place with an accuracy up to 15 m, 5 ms at 70 m; 1 µs a fix.
    """
    chosen = params or MatchParams()
    usable = usable_indices(flags)
    ways: list[DrivenWay] = []
    fix_count = matched_count = 0
    for move in _moves(track, usable, stops, chosen):
        hops = hops_between(router, move.anchors, silence_s=chosen.silence.total_seconds())
        ways += _ways(hops, gaps, chosen)
        fix_count += move.fix_count
        # Each end of a leg once: a place may end one and begin the next.
        on_roads = {id(anchor): anchor for hop in hops if hop.piece is not None for anchor in (hop.start, hop.end)}
        matched_count += sum(anchor.fix_count for anchor in on_roads.values())
    return Driven(ways=tuple(ways), fix_count=fix_count, matched_count=matched_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """The places from a stop, past where fixes lie, to the next stop or silence; and how many fixes there are."""

    anchors: list[Anchor]
    fix_count: int


def _moves(track: Track, usable: NDArray[np.intp], stops: Sequence[Stop], params: MatchParams) -> Iterator[_Move]:
    times_us = track.times_us[usable]
    missing_m = missing_accuracy_m(track, usable, stops, usual_m=params.usual_accuracy_m)
    stays = [(stop, *span_us) for stop, span_us in zip(stops, stay_spans_us(stops), strict=True)]
    parting_us, silence_us = (round(one / timedelta(microseconds=1)) for one in (params.parting, params.silence))
    for before, after in pairwise([None, *stays, None]):
        first = int(np.searchsorted(times_us, before[2], side="right")) if before else 0
        last = int(np.searchsorted(times_us, after[1], side="left")) if after else len(times_us)
        ranges = unparted_ranges(
            times_us[first:last],
            times_us[first:last],
            before_us=before[2] if before else None,
            after_us=after[1] if after else None,
            longest_us=parting_us,
        )
        places = [
            anchors_of(track, usable[first:last][low:high], missing_accuracy_m=missing_m, silence_us=silence_us)
            for low, high in ranges
        ]
        places[0][:0] = [stop_anchor(before[0], at_us=before[2])] if before else []
        places[-1] += [stop_anchor(after[0], at_us=after[1])] if after else []
        for anchors, (low, high) in zip(places, ranges, strict=True):
            yield _Move(anchors=without_leaps(anchors), fix_count=high - low)


def _ways(hops: Sequence[Hop], gaps: Sequence[Gap], params: MatchParams) -> Iterator[DrivenWay]:
    """Yield hops of one kind and piece that follow each other as one way."""
    spans_us = [(to_microseconds(gap.started_at), to_microseconds(gap.ended_at)) for gap in gaps]
    for (kind, _), group in groupby(hops, key=lambda hop: (_kind(hop, spans_us), hop.piece)):
        joined = list(group)
        bounds = [_bounds_m(hop, params) for hop in joined]
        times_us, lons_deg, lats_deg = _points(joined)
        yield DrivenWay(
            kind=kind,
            times_us=times_us,
            lons_deg=lons_deg,
            lats_deg=lats_deg,
            distance_m=sum(hop.distance_m for hop in joined),
            least_m=sum(least_m for least_m, _ in bounds),
            most_m=sum(most_m for _, most_m in bounds),
            confidence=_weighted(joined),
        )


def _weighted(hops: Sequence[Hop]) -> float:
    """Return the confidence of hops in the mean of their metres."""
    length_m = sum(hop.distance_m for hop in hops)
    sure_m = sum(hop.confidence * hop.distance_m for hop in hops)
    return sure_m / length_m if length_m > 0.0 else min(hop.confidence for hop in hops)


def _kind(hop: Hop, gaps_us: Sequence[tuple[int, int]]) -> WayKind:
    if any(started_us < hop.end.first_us and hop.start.last_us < ended_us for started_us, ended_us in gaps_us):
        return WayKind.ASSUMED
    return WayKind.RAW if hop.piece is None else WayKind.MATCHED


def _bounds_m(hop: Hop, params: MatchParams) -> tuple[float, float]:
    """Return how short and how long a hop can have been; what was seen was as it was."""
    if hop.silent_s == 0.0:
        return hop.distance_m, hop.distance_m
    straight_m = geodesic_m(Position(*hop.line[0]), Position(*hop.line[-1]))
    usual_s = hop.usual_s or hop.distance_m / params.usual_speed_mps
    speed_mps = hop.distance_m / usual_s if usual_s > 0.0 else params.usual_speed_mps
    spare_s = max(hop.silent_s - usual_s, 0.0)
    return min(straight_m, hop.distance_m), hop.distance_m + spare_s * max(speed_mps, params.usual_speed_mps)


def _points(hops: Sequence[Hop]) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return moments, longitudes and latitudes along hops that follow each other, even within each."""
    lons_deg, lats_deg = np.array([point for hop in hops for point in hop.line]).T
    counts = np.array([len(hop.line) for hop in hops])
    firsts = np.cumsum(counts) - counts
    steps_m = geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:])
    along_m = np.concatenate(([0.0], np.cumsum(steps_m)))
    lengths_m = np.repeat(along_m[firsts + counts - 1] - along_m[firsts], counts)
    parts = (along_m - np.repeat(along_m[firsts], counts)) / np.where(lengths_m > 0.0, lengths_m, 1.0)
    left_us = np.repeat([hop.start.left_us for hop in hops], counts)
    arrived_us = np.repeat([hop.end.arrived_us for hop in hops], counts)
    times_us = left_us + np.rint(parts * (arrived_us - left_us)).astype(np.int64)
    # Where one hop ends the next begins, at the same moment unless the device waited.
    is_new = np.ones(len(times_us), dtype=np.bool_)
    is_new[firsts[1:]] = np.diff(times_us)[firsts[1:] - 1] > 0
    return times_us[is_new], lons_deg[is_new], lats_deg[is_new]
