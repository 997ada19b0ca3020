"""Fences that somebody came through while seen inside, too briefly for that to be believed of each sighting alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.beliefs import NearSteps, Pair
from geo_engine.geofences.evidence import deviations_of, log_odds, seen_m
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import Crossing, Presence, ended_us
from geo_engine.geofences.sightings import Sightings, apart_m
from geo_engine.tracks.model import MICROSECONDS_PER_S


class _Runs(NamedTuple):
    """Sightings inside of a fence on the way, one after the other; arrays of one length.

    Parameters
    ----------
    befores, firsts, lasts, behinds
        Numbers of the last sighting outside, the first and last inside, and the next one outside.
    deepest
        Number of that which is deepest inside.
    deep_m
        How deep that is.
    versions
        Numbers of the versions that counted there.
    """

    befores: NDArray[np.intp]
    firsts: NDArray[np.intp]
    lasts: NDArray[np.intp]
    behinds: NDArray[np.intp]
    deepest: NDArray[np.intp]
    deep_m: NDArray[np.float64]
    versions: NDArray[np.intp]

    def taken(self, chosen: NDArray[np.bool_]) -> "_Runs":
        befores, firsts, lasts, behinds = (column[chosen] for column in self.rows)
        deepest, versions = self.deepest[chosen], self.versions[chosen]
        return _Runs(befores, firsts, lasts, behinds, deepest, self.deep_m[chosen], versions)

    @property
    def rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        return self.befores, self.firsts, self.lasts, self.behinds


def find_seen_passes(
    index: FenceIndex,
    sightings: Sightings,
    near: NearSteps,
    known: Mapping[Pair, Sequence[Presence]],
    params: TransitionParams,
) -> list[Presence]:
    """Return the passes that sightings make likely which follow each other through a fence.

    Parameters
    ----------
    near
        What sightings near fences tell.
    known
        What is believed anyhow, by device and fence: of all versions of one the first.

    Notes
    -----
    The error of sightings close together is one and the same, so many of them tell little more than one; but it moves
    the way as a whole and does not bend it. Whoever was seen on one side, inside and on the other side came through,
    as surely as the deepest sighting is inside.
    """
    runs = _quick(sightings, _runs(sightings, near), params)
    sigmas_m = sightings.sigmas_m[runs.deepest]
    logits = log_odds(seen_m(index.depths_m[runs.versions], runs.deep_m, sigmas_m) / sigmas_m)
    is_likely = logits >= params.enter_at + params.outside_least
    is_likely[is_likely] = _are_news(index, sightings, runs.taken(is_likely), known)
    runs, evidence = runs.taken(is_likely), np.minimum(logits[is_likely], params.way_most)
    depths_m = np.stack([_depths_m(index, sightings, at, runs.versions) for at in runs.rows], axis=1)
    is_through = (depths_m[:, 0] < 0.0) & (depths_m[:, 3] < 0.0)
    return list(_passes(sightings, runs.taken(is_through), depths_m[is_through], evidence[is_through]))


def _runs(sightings: Sightings, near: NearSteps) -> _Runs:
    """Return the runs of sightings inside, no stay among them, between two others of the device."""
    inside = near.taken((near.depths_m > 0.0) & ~sightings.stays[near.rows])
    devices = sightings.devices[inside.rows]
    is_new = (np.diff(inside.rows, prepend=-2) != 1) | (np.diff(inside.fences, prepend=-1) != 0)
    is_new |= np.diff(devices, prepend=-1) != 0
    firsts = np.flatnonzero(is_new)
    ends = np.append(firsts, len(is_new))[1:]
    deepest = np.lexsort((inside.depths_m, np.cumsum(is_new)))[ends - 1]
    befores, behinds = inside.rows[firsts] - 1, inside.rows[ends - 1] + 1
    runs = _Runs(
        befores=befores,
        firsts=inside.rows[firsts],
        lasts=inside.rows[ends - 1],
        behinds=behinds,
        deepest=inside.rows[deepest],
        deep_m=inside.depths_m[deepest],
        versions=inside.versions[deepest],
    )
    is_between = (befores >= 0) & (behinds < len(sightings))
    runs = runs.taken(is_between)
    same = sightings.devices[runs.befores] == sightings.devices[runs.behinds]
    return runs.taken(same & (sightings.devices[runs.befores] == sightings.devices[runs.firsts]))


def _quick(sightings: Sightings, runs: _Runs, params: TransitionParams) -> _Runs:
    """Return the runs that took no longer than a pass, and led on: not there and back, as reflections do."""
    waited_s = (sightings.started_us[runs.behinds] - sightings.ended_us[runs.befores]) / MICROSECONDS_PER_S
    runs = runs.taken(waited_s <= params.pass_s)
    straight_m = apart_m(sightings, runs.befores, runs.behinds)
    there_m, on_m = (apart_m(sightings, at, runs.deepest) for at in (runs.befores, runs.behinds))
    least_m = 2.0 * sightings.sigmas_m[runs.deepest] * deviations_of(params.enter_at + params.outside_least)
    return runs.taken((straight_m > least_m) & (there_m + on_m <= params.detour_most * straight_m))


def _are_news(
    index: FenceIndex, sightings: Sightings, runs: _Runs, known: Mapping[Pair, Sequence[Presence]]
) -> list[bool]:
    """Return which runs are in no presence that is known."""
    began_us, over_us = sightings.started_us[runs.firsts], sightings.ended_us[runs.lasts]
    columns = sightings.devices[runs.firsts], index.versions.heads[runs.versions], began_us, over_us
    return [
        not any(one.entered.at_us <= until_us and ended_us(one) >= from_us for one in known.get((device, fence), ()))
        for device, fence, from_us, until_us in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _depths_m(
    index: FenceIndex, sightings: Sightings, at: NDArray[np.intp], fences: NDArray[np.intp]
) -> NDArray[np.float64]:
    return index.measure_m(sightings.lons_deg[at], sightings.lats_deg[at], fences)


def _passes(
    sightings: Sightings, runs: _Runs, depths_m: NDArray[np.float64], evidence: NDArray[np.float64]
) -> Iterator[Presence]:
    rows = zip(
        *(column.tolist() for column in (*runs.rows, runs.versions)), depths_m.tolist(), evidence.tolist(), strict=True
    )
    for before, first, last, behind, fence, (before_m, first_m, last_m, behind_m), odds in rows:
        yield Presence(
            device=int(sightings.devices[first]),
            fence=fence,
            entered=_crossed(sightings, (before, first), -before_m, first_m),
            seen_until_us=int(sightings.ended_us[last]),
            left=_crossed(sightings, (last, behind), last_m, -behind_m),
            evidence=odds,
        )


def _crossed(sightings: Sightings, rows: tuple[int, int], one_m: float, other_m: float) -> Crossing:
    """Return when the edge was crossed that lies so far from the one sighting and the next."""
    earliest_us, latest_us = int(sightings.ended_us[rows[0]]), int(sightings.started_us[rows[1]])
    share = one_m / (one_m + other_m)
    return Crossing(earliest_us + round(share * (latest_us - earliest_us)), earliest_us, latest_us)
