"""From when until when a device was inside of which fence, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
        Their numbers; of a fence's versions that by which it came.
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


def ended_us(presence: Presence) -> int:
    """Return until when a presence lasted, as far as it is known."""
    return presence.seen_until_us if presence.left is None else presence.left.at_us


def look(index: FenceIndex, sightings: Sightings, params: TransitionParams) -> tuple[Evidence, NearSteps]:
    """Return what sightings tell of fences, and of which they are near.

    Notes
    -----
    Each sighting is judged by the version of a fence that counted when it began: no stay may reach across the moment
    at which one begins or ends (see `split_stays`).
    """
    evidence = Evidence.of(sightings, params)
    near = index.near(sightings.lons_deg, sightings.lats_deg, sightings.sigmas_m * deviations_of(params.look_most))
    steps = evidence.near_steps(near.places, index.depths_m[near.fences], near.depths_m)
    told = NearSteps(near.places, index.versions.heads[near.fences], near.fences, near.depths_m, steps)
    if index.versions.is_plain:
        return evidence, told
    counted = told.taken(index.versions.counted(told.versions, sightings.started_us[told.rows]))
    return evidence, counted.taken(np.lexsort((counted.rows, counted.fences)))


def find_presences(
    index: FenceIndex,
    sightings: Sightings,
    params: TransitionParams,
    *,
    opened: Sequence[Presence] = (),
    looked: tuple[Evidence, NearSteps] | None = None,
) -> list[Presence]:
    """Return when each device was inside of which fence, by fence, device and time.

    Parameters
    ----------
    opened
        The presences that were open when the first sighting of their device, a stay, was all that had been seen of it:
        what is found from a stay on is then the same as of all before it.
    looked
        What `look` gives, where it is known.

    Notes
    -----
    Each sighting is so likely to be inside of a fence as its depth and its exactness tell; logarithms of the odds add
    up, between two bounds, as far as a sighting tells anything new: little time and little way after the last one its
    error is the same. A stay is one sighting that decides alone. What is far from a fence is the same for all fences,
    so only what is near one is looked at, one by one.
    """
    if not len(sightings) or not len(index):
        return list(opened)
    evidence, near = look(index, sightings, params) if looked is None else looked
    before = {(one.device, int(index.versions.heads[one.fence])): one for one in opened}
    hopeful = _hopeful(sightings, near, before)
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
    return near.taken(is_hopeful[np.cumsum(is_first) - 1])


def _measured(
    index: FenceIndex,
    sightings: Sightings,
    found: list[Found],
    opened: dict[Pair, Presence],
    params: TransitionParams,
) -> Iterator[Presence]:
    """Yield presences with the moments at which edges were crossed."""
    rows = np.array([(one.before, one.first, one.last, one.behind) for one in found], dtype=np.intp).reshape(-1, 4)
    fences = _versions(index, sightings, found, rows)
    before_m, first_m, last_m, behind_m = (
        index.measure_m(sightings.lons_deg[at], sightings.lats_deg[at], some)
        for at, some in zip(rows.T, fences.T, strict=True)
    )
    entered = _crossings(sightings, rows[:, 0], rows[:, 1], -before_m, first_m, params)
    left = _crossings(sightings, rows[:, 2], rows[:, 3], last_m, -behind_m, params)
    firsts_us, lasts_us = sightings.started_us[rows[:, 1]].tolist(), sightings.ended_us[rows[:, 2]].tolist()
    columns = (found, fences[:, 1].tolist(), entered, left, firsts_us, lasts_us)
    for one, fence, came, went, first_us, last_us in zip(*columns, strict=True):
        if one.first < 0:
            yield _gone_on(one, opened[one.device, one.fence], went, last_us, sightings)
            continue
        yield Presence(
            device=one.device,
            fence=fence,
            entered=Crossing(*came) if one.before >= 0 else Crossing(first_us, first_us, first_us),
            seen_until_us=last_us,
            left=None if one.behind < 0 else Crossing(*went),
            evidence=one.evidence / MILLI,
        )


def _gone_on(one: Found, before: Presence, went: list[int], last_us: int, sightings: Sightings) -> Presence:
    """Return a presence that was open before the first sighting; of one never seen again nobody knows when it ended."""
    left, seen_us = None, before.seen_until_us if one.last < 0 else last_us
    if one.behind >= 0:
        next_us = int(sightings.started_us[one.behind])
        left = Crossing(*went) if one.last >= 0 else Crossing(seen_us, seen_us, max(seen_us, next_us))
    evidence = max(one.evidence / MILLI, before.evidence)
    return replace(before, seen_until_us=seen_us, left=left, evidence=evidence)


def _versions(index: FenceIndex, sightings: Sightings, found: list[Found], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return by which version of its fence each sighting of what was found is judged, an array of the rows' shape."""
    fences = np.array([one.fence for one in found], dtype=np.intp)
    if index.versions.is_plain:
        return np.repeat(fences[:, None], rows.shape[1], axis=1)
    moments_us = sightings.started_us[rows].tolist()
    told = [
        [index.versions.number_at(fence, moment_us) for moment_us in some]
        for fence, some in zip(fences.tolist(), moments_us, strict=True)
    ]
    return np.array(told, dtype=np.intp).reshape(rows.shape)


def _crossings(  # noqa: PLR0917
    seen: Sightings,
    ones: NDArray[np.intp],
    others: NDArray[np.intp],
    ones_m: NDArray[np.float64],
    others_m: NDArray[np.float64],
    params: TransitionParams,
) -> list[list[int]]:
    """Return when edges were crossed that lie so far from a sighting and the next: likely, earliest and latest.

    Where there was more time than the way takes, whoever came to stay came late, and whoever had stayed left early;
    with no stay at either end it is shared between them, or in proportion to the way if it is short.
    """
    earliest_us, latest_us = seen.ended_us[ones], seen.started_us[others]
    ones_m, others_m = np.maximum(ones_m, 0.0), np.maximum(others_m, 0.0)
    one_us, other_us = (
        np.rint(MICROSECONDS_PER_S * way_m / params.travel_mps).astype(np.int64) for way_m in (ones_m, others_m)
    )
    spare_us = latest_us - earliest_us - one_us - other_us
    ways_m = ones_m + others_m
    shares = np.divide(ones_m, ways_m, out=np.full(len(ones), 0.5), where=ways_m > 0.0)
    at_us = np.select(
        [seen.stays[others] & (spare_us > 0), seen.stays[ones] & (spare_us > 0), spare_us > params.spare_s * 1e6],
        [latest_us - other_us, earliest_us + one_us, earliest_us + one_us + spare_us // 2],
        earliest_us + np.rint(shares * (latest_us - earliest_us)).astype(np.int64),
    )
    told: list[list[int]] = np.stack((at_us, earliest_us, latest_us), axis=1).tolist()
    return told
