"""Fences that somebody came through between two sightings, both of which are outside."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.beliefs import NearSteps
from geo_engine.geofences.evidence import deviations_of, log_odds, seen_m
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import Crossing, Presence, ended_us
from geo_engine.geofences.seen_passes import find_seen_passes
from geo_engine.geofences.sightings import Sightings, apart_m
from geo_engine.geometry.measure import turned_deg
from geo_engine.tracks.model import MICROSECONDS_PER_S

_SHARES = np.linspace(0.0, 1.0, 17)


class _Ways(NamedTuple):
    """Straight ways from a sighting to the next that lead through a fence; arrays of one length.

    Parameters
    ----------
    starts
        Numbers of the sightings at which they begin.
    depths_m
        How deep inside the fence they are at each of `_SHARES` of them, an array of shape (n, 17).
    evidence
        For the worker's having been inside, in logarithms of odds.
    """

    starts: NDArray[np.intp]
    fences: NDArray[np.intp]
    depths_m: NDArray[np.float64]
    evidence: NDArray[np.float64]

    def taken(self, chosen: NDArray[np.bool_]) -> "_Ways":
        return _Ways(self.starts[chosen], self.fences[chosen], self.depths_m[chosen], self.evidence[chosen])


def find_passes(
    index: FenceIndex,
    sightings: Sightings,
    near: NearSteps,
    presences: Iterable[Presence],
    params: TransitionParams,
) -> list[Presence]:
    """Return the passes that the straight way from one sighting to the next, or the way by some, makes likely enough.

    Parameters
    ----------
    near
        What sightings near fences tell.
    presences
        What is believed for having been told long enough: what they explain is no pass.

    Notes
    -----
    Nobody drives straight on: the middle of a way may be off by a part of its length, so only short ways through large
    fences tell anything, and after a silence nothing is said.
    """
    known = defaultdict[tuple[int, int], list[Presence]](list)
    for one in presences:
        known[_pair(index, one)].append(one)
    ways = _ways(index, sightings, params)
    found = list(_passes(sightings, ways.taken(ways.evidence >= params.enter_at + params.outside_least)))
    found += find_seen_passes(index, sightings, near, known, params)
    return [one for one in found if not any(_meet(one, other) for other in known.get(_pair(index, one), ()))]


def _pair(index: FenceIndex, presence: Presence) -> tuple[int, int]:
    return presence.device, int(index.versions.heads[presence.fence])


def _ways(index: FenceIndex, sightings: Sightings, params: TransitionParams) -> _Ways:
    places = np.stack((sightings.lons_deg, sightings.lats_deg), axis=1)
    starts = np.flatnonzero(np.diff(sightings.devices) == 0)
    waited_s = (sightings.started_us[starts + 1] - sightings.ended_us[starts]) / MICROSECONDS_PER_S
    starts = starts[(waited_s > 0.0) & (waited_s <= params.pass_s)]
    # No place of a way is deeper inside than half of the way is long.
    deep_m = _sigmas_m(sightings, starts) * deviations_of(params.enter_at + params.outside_least)
    starts = starts[apart_m(sightings, starts, starts + 1) > 2.0 * deep_m]
    starts, fences = _may_cross(index, sightings, places, starts)
    is_counted = index.versions.counted(fences, sightings.ended_us[starts])
    starts, fences = starts[is_counted], fences[is_counted]
    along = places[starts, None] + _SHARES[None, :, None] * _steps_deg(places, starts)[:, None]
    depths_m = index.measure_m(along[..., 0].ravel(), along[..., 1].ravel(), np.repeat(fences, len(_SHARES)))
    depths_m = depths_m.reshape(-1, len(_SHARES))
    is_through = (depths_m[:, 0] < 0.0) & (depths_m[:, -1] < 0.0) & (depths_m.max(axis=1, initial=-1.0) > 0.0)
    ways = _Ways(starts, fences, depths_m, np.zeros(len(starts))).taken(is_through)
    return ways._replace(evidence=_evidence(index, sightings, ways, params))


def _may_cross(
    index: FenceIndex, sightings: Sightings, places: NDArray[np.float64], starts: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of a way and a fence: both ends are outside, the way is longer than what leads to the edge."""
    crossing, fences = index.crossed(places[starts], places[starts] + _steps_deg(places, starts))
    starts = starts[crossing]
    one_m, other_m = (index.measure_m(places[ends, 0], places[ends, 1], fences) for ends in (starts, starts + 1))
    may = np.flatnonzero((one_m < 0.0) & (other_m < 0.0))
    may = may[-one_m[may] - other_m[may] < 1.01 * apart_m(sightings, starts[may], starts[may] + 1)]
    return starts[may], fences[may]


def _steps_deg(places: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return by how much ways lead on, the short way round the earth."""
    east_deg, north_deg = (places[starts + 1] - places[starts]).T
    return np.stack((turned_deg(east_deg), north_deg), axis=1)


def _sigmas_m(sightings: Sightings, starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how wrong the less exact end of each way is."""
    return np.maximum(sightings.sigmas_m[starts], sightings.sigmas_m[starts + 1])


def _evidence(index: FenceIndex, sightings: Sightings, ways: _Ways, params: TransitionParams) -> NDArray[np.float64]:
    ways_m = apart_m(sightings, ways.starts, ways.starts + 1)
    inmost = ways.depths_m.argmax(axis=1)
    ends_m = np.minimum(_SHARES[inmost], 1.0 - _SHARES[inmost]) * ways_m
    sigmas_m = np.hypot(_sigmas_m(sightings, ways.starts), params.astray_part * ends_m)
    depths_m = seen_m(index.depths_m[ways.fences], ways.depths_m.max(axis=1, initial=-1.0), sigmas_m)
    return np.minimum(log_odds(depths_m / sigmas_m), params.way_most)


def _passes(sightings: Sightings, ways: _Ways) -> Iterator[Presence]:
    for start, fence, depths_m, evidence in zip(*ways, strict=True):
        began_us, ended_us = int(sightings.ended_us[start]), int(sightings.started_us[start + 1])
        insides = np.flatnonzero(depths_m > 0.0)
        shares = (_share(depths_m, int(insides[0]) - 1), _share(depths_m, int(insides[-1])))
        entered_us, left_us = (began_us + round(share * (ended_us - began_us)) for share in shares)
        yield Presence(
            device=int(sightings.devices[start]),
            fence=int(fence),
            entered=Crossing(entered_us, began_us, ended_us),
            seen_until_us=left_us,
            left=Crossing(left_us, began_us, ended_us),
            evidence=float(evidence),
        )


def _share(depths_m: NDArray[np.float64], at: int) -> float:
    """Return at which share of a way it crosses the edge, between two of `_SHARES`."""
    here_m, there_m = abs(float(depths_m[at])), abs(float(depths_m[at + 1]))
    return float(_SHARES[at] + (_SHARES[at + 1] - _SHARES[at]) * here_m / (here_m + there_m))


def _meet(one: Presence, other: Presence) -> bool:
    return one.entered.at_us <= ended_us(other) and other.entered.at_us <= ended_us(one)
