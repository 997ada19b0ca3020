"""Where devices were seen, one after the other: each stay as one sighting, each fix on the way as one."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.params import TransitionParams
from geo_engine.geometry.measure import turned_deg
from geo_engine.tracks.flags import Flags, usable_indices
from geo_engine.tracks.model import MICROSECONDS_PER_S, Stop, Track
from geo_engine.tracks.parts import stay_spans_us

_METRES_PER_DEGREE = 111_195.0
ACCURACIES_PER_SIGMA = 1.51  # the 68 % radius of errors alike in both coordinates, in standard deviations of one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sightings:
    """Sightings as columns of one length, by device and then by time: none of a device begins before one has ended.

    Parameters
    ----------
    devices
        Numbers of devices, ascending.
    started_us, ended_us
        Microseconds since 1970 (UTC); a fix begins and ends at once.
    lons_deg, lats_deg
        WGS 84.
    sigmas_m
        Standard deviation of each coordinate.
    stays
        Whether it is a stay.
    """

    devices: NDArray[np.intp]
    started_us: NDArray[np.int64]
    ended_us: NDArray[np.int64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    sigmas_m: NDArray[np.float64]
    stays: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.started_us)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the sightings of several devices; they are numbered in the order in which they come."""
        columns = {one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)}
        columns["devices"] = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        return cls(**columns)


def split_stays(sightings: Sightings, moments_us: NDArray[np.int64]) -> Sightings:
    """Return the same sightings, stays being parted at some moments: each part is as sure as the whole.

    Parameters
    ----------
    moments_us
        Microseconds since 1970, ascending.
    """
    firsts = np.searchsorted(moments_us, sightings.started_us, side="right")
    ends = np.maximum(np.searchsorted(moments_us, sightings.ended_us, side="left"), firsts)
    if (firsts == ends).all():
        return sightings
    counts = ends - firsts + 1
    rows = np.repeat(np.arange(len(sightings)), counts)
    parts = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    turns = firsts[rows] + parts
    bounds_us = np.concatenate([moments_us, moments_us[-1:]])
    columns = {one.name: getattr(sightings, one.name)[rows] for one in fields(sightings)}
    columns["started_us"] = np.where(parts == 0, columns["started_us"], bounds_us[turns - 1])
    columns["ended_us"] = np.where(parts == counts[rows] - 1, columns["ended_us"], bounds_us[turns])
    return Sightings(**columns)


def apart_m(sightings: Sightings, ones: NDArray[np.intp] | slice, others: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how far some sightings are from others, metres in a plane at each: right to 1 % within 10 km."""
    lats_deg = sightings.lats_deg[ones]
    north_m = (lats_deg - sightings.lats_deg[others]) * _METRES_PER_DEGREE
    east_deg = turned_deg(sightings.lons_deg[ones] - sightings.lons_deg[others])
    east_m = east_deg * _METRES_PER_DEGREE * np.cos(np.radians(lats_deg))
    apart: NDArray[np.float64] = np.hypot(east_m, north_m)
    return apart


def sightings_of(track: Track, flags: Flags, stops: Sequence[Stop], params: TransitionParams) -> Sightings:
    """Return where the device of a track was seen.

    Parameters
    ----------
    flags, stops
        What was derived of the track.

    Notes
    -----
    Who stays somewhere has not left while the fixes wander about: all of a stay is one sighting at its middle, as wrong
    as one of its fixes at first and less with time, for errors last for minutes.
    """
    usable = usable_indices(flags)
    times_us = track.times_us[usable]
    lons_deg, lats_deg = track.lons_deg[usable], track.lats_deg[usable]
    sigmas_m = _sigmas_m(track.accuracies_m[usable], params)
    spans_us = np.array(stay_spans_us(stops), dtype=np.int64).reshape(-1, 2)
    firsts, ends = np.searchsorted(times_us, spans_us[:, 0]), np.searchsorted(times_us, spans_us[:, 1], side="right")
    places = [
        _middle(stop, (lons_deg[first:end], lats_deg[first:end], sigmas_m[first:end]), params)
        for stop, first, end in zip(stops, firsts, ends, strict=True)
    ]
    stay_lons_deg, stay_lats_deg, errors_m = np.array(places, dtype=np.float64).reshape(-1, 3).T
    ages_s = (spans_us[:, 1] - spans_us[:, 0]) / MICROSECONDS_PER_S
    stay_sigmas_m = np.hypot(errors_m * np.sqrt(params.settle_s / (params.settle_s + ages_s)), params.site_m)

    way = np.flatnonzero(~_within(firsts, ends, len(usable)))
    started_us = np.concatenate([times_us[way], spans_us[:, 0]])
    order = np.argsort(started_us, kind="stable")
    return Sightings(
        devices=np.zeros(len(order), dtype=np.intp),
        started_us=started_us[order],
        ended_us=np.concatenate([times_us[way], spans_us[:, 1]])[order],
        lons_deg=np.concatenate([lons_deg[way], stay_lons_deg])[order],
        lats_deg=np.concatenate([lats_deg[way], stay_lats_deg])[order],
        sigmas_m=np.concatenate([sigmas_m[way], stay_sigmas_m])[order],
        stays=np.repeat([False, True], [len(way), len(stops)])[order],
    )


def _middle(
    stop: Stop, seen: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], params: TransitionParams
) -> tuple[float, float, float]:
    """Return longitude, latitude and usual error of what was seen in a stay; those of the stop where nothing was.

    The median, and each fix counts alike: the exact ones are those outside the door.
    """
    if not len(seen[0]):
        return stop.position.lon, stop.position.lat, params.site_m
    lons_deg, lats_deg, sigmas_m = seen
    east_deg = float(np.median(turned_deg(lons_deg - lons_deg[0])))
    lon = float(turned_deg(lons_deg[:1] + east_deg)[0])
    return lon, float(np.median(lats_deg)), float(np.median(sigmas_m))


def _sigmas_m(accuracies_m: NDArray[np.float64], params: TransitionParams) -> NDArray[np.float64]:
    known_m = np.where(accuracies_m > 0.0, accuracies_m, params.unknown_accuracy_m)
    return np.maximum(known_m, params.least_accuracy_m) / ACCURACIES_PER_SIGMA


def _within(firsts: NDArray[np.intp], ends: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    """Return which of so many fixes are in one of the ranges."""
    turns = np.zeros(count + 1, dtype=np.int64)
    np.add.at(turns, firsts, 1)
    np.add.at(turns, ends, -1)
    return np.cumsum(turns[:-1]) > 0
