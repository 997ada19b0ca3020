"""From when until when a device was inside of which fence, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.beliefs import Found, NearSteps, Pair, scan
from geo_engine.geofences.evidence import MILLI, Evidence, deviations_of
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import Sightings
from geo_engine.tracks.model import MICROSECONDS_PER_S


class Crossing(NamedTuple):
    """When a fence's edge was crossed, microseconds since 1970: most likely, and between which moments."""

    at_us: int
    earliest_us: int
    latest_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A device was inside of a fence.

    Parameters
    ----------
    device, fence
        Their numbers.
    entered
        When it came.
    seen_until_us
        Until when it was seen inside.
    left
        When it left; None while it is inside.
    evidence
        The most there was for its being inside, in natural logarithms of odds.
    """

    device: int
    fence: int
    entered: Crossing
    seen_until_us: int
    left: Crossing | None
    evidence: float


def find_presences(
    index: FenceIndex, sightings: Sightings, params: TransitionParams, *, opened: Sequence[Presence] = ()
) -> list[Presence]:
    """Return when each device was inside of which fence, by fence, device and time.

    Parameters
    ----------
    opened
        The presences that were open when the first sighting of their device, a stay, was all that had been seen of it:
        what is found from a stay on is then the same as of all before it.

    Notes
    -----
    Each sighting is so likely to be inside of a fence as its depth and its exactness tell; logarithms of the odds add
    up, between two bounds, as far as a sighting tells anything new: little time and little way after the last one its
    error is the same. A stay is one sighting that decides alone. What is far from a fence is the same for all fences,
    so only what is near one is looked at, one by one.
    """
    if not len(sightings) or not len(index):
        return list(opened)
    evidence = Evidence.of(sightings, params)
    near = index.near(sightings.lons_deg, sightings.lats_deg, sightings.sigmas_m * deviations_of(params.look_most))
    steps = evidence.near_steps(near.places, index.depths_m[near.fences], near.depths_m)
    before = {(one.device, one.fence): one for one in opened}
    hopeful = _hopeful(sightings, NearSteps(near.places, near.fences, steps), before)
    found = list(scan(evidence, hopeful, before.keys(), params))
    presences = list(_measured(index, sightings, found, before, params))
    return presences if not opened else sorted(presences, key=lambda one: (one.fence, one.device, one.entered.at_us))


def _hopeful(sightings: Sightings, near: NearSteps, opened: dict[Pair, Presence]) -> NearSteps:
    """Return what is of a device and a fence of which a sighting speaks for its being inside, or that was open."""
    devices = sightings.devices[near.rows]
    is_first = (np.diff(devices, prepend=-1) != 0) | (np.diff(near.fences, prepend=-1) != 0)
    firsts = np.flatnonzero(is_first)
    best: NDArray[np.int64] = np.maximum.reduceat(near.steps, firsts) if len(firsts) else near.steps
    is_hopeful = best > 0
    if opened:
        pairs = zip(devices[firsts].tolist(), near.fences[firsts].tolist(), strict=True)
        is_hopeful |= np.fromiter((pair in opened for pair in pairs), dtype=np.bool_, count=len(firsts))
    chosen = is_hopeful[np.cumsum(is_first) - 1]
    return NearSteps(near.rows[chosen], near.fences[chosen], near.steps[chosen])


def _measured(
    index: FenceIndex,
    sightings: Sightings,
    found: list[Found],
    opened: dict[Pair, Presence],
    params: TransitionParams,
) -> Iterator[Presence]:
    """Yield presences with the moments at which edges were crossed."""
    edge = _Edge(sightings, params)
    rows = np.array([(one.before, one.first, one.last, one.behind) for one in found], dtype=np.intp).reshape(-1, 4)
    fences = np.array([one.fence for one in found], dtype=np.intp)
    depths_m = [index.measure_m(sightings.lons_deg[at], sightings.lats_deg[at], fences) for at in rows.T]
    for one, depth_m in zip(found, np.transpose(depths_m).tolist(), strict=True):
        before = None if one.first >= 0 else opened[one.device, one.fence]
        evidence = one.evidence / MILLI
        yield Presence(
            device=one.device,
            fence=one.fence,
            entered=edge.entered(one, depth_m) if before is None else before.entered,
            seen_until_us=int(sightings.ended_us[one.last])
            if before is None or one.last >= 0
            else before.seen_until_us,
            left=edge.left(one, depth_m, before),
            evidence=evidence if before is None else max(evidence, before.evidence),
        )


class _Edge(NamedTuple):
    """Tells when an edge between two sightings was crossed."""

    sightings: Sightings
    params: TransitionParams

    def entered(self, found: Found, depths_m: list[float]) -> Crossing:
        """Return when somebody came in: with nothing seen before, no later than when it was first seen inside."""
        if found.before >= 0:
            return self._crossed(found.before, found.first, -depths_m[0], depths_m[1])
        first_us = int(self.sightings.started_us[found.first])
        return Crossing(first_us, first_us, first_us)

    def left(self, found: Found, depths_m: list[float], opened: Presence | None) -> Crossing | None:
        """Return when somebody went out."""
        if found.behind < 0:
            return None
        if found.last < 0 and opened is not None:
            seen_us, next_us = opened.seen_until_us, int(self.sightings.started_us[found.behind])
            return Crossing(seen_us, seen_us, max(seen_us, next_us))
        return self._crossed(found.last, found.behind, depths_m[2], -depths_m[3])

    def _crossed(self, one: int, other: int, one_m: float, other_m: float) -> Crossing:
        """Return when the edge was crossed that lies so far from the one sighting and the next.

        Where there was more time than the way takes, whoever came to stay came late, and whoever had stayed left early;
        with no stay at either end it is shared between them, or in proportion to the way if it is short.
        """
        seen, params = self.sightings, self.params
        earliest_us, latest_us = int(seen.ended_us[one]), int(seen.started_us[other])
        one_m, other_m = max(one_m, 0.0), max(other_m, 0.0)
        one_us, other_us = (round(MICROSECONDS_PER_S * way_m / params.travel_mps) for way_m in (one_m, other_m))
        spare_us = latest_us - earliest_us - one_us - other_us
        if seen.stays[other] and spare_us > 0:
            at_us = latest_us - other_us
        elif seen.stays[one] and spare_us > 0:
            at_us = earliest_us + one_us
        elif spare_us > params.spare_s * MICROSECONDS_PER_S:
            at_us = earliest_us + one_us + spare_us // 2
        else:
            share = one_m / (one_m + other_m) if one_m + other_m > 0.0 else 0.5
            at_us = earliest_us + round(share * (latest_us - earliest_us))
        return Crossing(at_us, earliest_us, latest_us)
