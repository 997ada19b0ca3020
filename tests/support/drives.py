"""Drives along real roads whose odometer is known, and what a phone in the car reports of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesics_m
from geo_engine.roads import RoadRouter
from geo_engine.tracks.model import Stop, Track
from support.walks import AT_EIGHT, METRES_PER_DEGREE, track_of

STAY_S = 900
_LIGHTS_EVERY_M = 400.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """Where a car was at every second since eight, and how far it had driven; one number a second.

    Parameters
    ----------
    stays
        Of a quarter of an hour at each place, the first at eight.
    """

    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    odometers_m: NDArray[np.float64]
    stays: tuple[Stop, ...]

    @property
    def driven_m(self) -> float:
        """How far in all."""
        return float(self.odometers_m[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """How a phone reports: how wrong it is in each coordinate, for how long alike, and how often it looks."""

    sigma_m: float = 5.0
    tau_s: float = 60.0
    every_s: int = 15


def drive_through(
    router: RoadRouter, places: Sequence[Position], chance: np.random.Generator, *, stay_s: int = STAY_S
) -> Drive:
    """Return a drive on the fastest ways through places, with red lights and a stay at each place."""
    path = router.path(places)
    at = [path.legs[0][0], *(leg[-1] for leg in path.legs)]
    seconds, stays = [_standing(at[0], 0.0, stay_s)], [_stay(0, at[0], stay_s)]
    for leg, duration_s, distance_m, end in zip(path.legs, path.durations_s, path.distances_m, at[1:], strict=True):
        seconds.append(_moving(np.array(leg), distance_m / duration_s, chance, float(seconds[-1][-1, 2])))
        stays.append(_stay(sum(map(len, seconds)), end, stay_s))
        seconds.append(_standing(end, float(seconds[-1][-1, 2]), stay_s))
    lons_deg, lats_deg, odometers_m = np.concatenate(seconds).T
    return Drive(lons_deg=lons_deg, lats_deg=lats_deg, odometers_m=odometers_m, stays=tuple(stays) if stay_s else ())


def reported(drive: Drive, phone: Phone, chance: np.random.Generator) -> Track:
    """Return what a phone reports of a drive; its error drifts (Ornstein & Uhlenbeck)."""
    seconds = np.arange(0, len(drive.lons_deg), phone.every_s)
    pushes_m = chance.normal(scale=phone.sigma_m, size=(len(seconds), 2))
    stays = np.exp(-phone.every_s / phone.tau_s)
    errors_m = [pushes_m[0]]
    for push_m in pushes_m[1:]:
        errors_m.append(stays * errors_m[-1] + np.sqrt(1.0 - stays**2) * push_m)
    east_m, north_m = np.array(errors_m).T
    lats_deg = drive.lats_deg[seconds]
    return track_of(
        seconds,
        drive.lons_deg[seconds] + east_m / METRES_PER_DEGREE / np.cos(np.radians(lats_deg)),
        lats_deg + north_m / METRES_PER_DEGREE,
        accuracy_m=max(1.51 * phone.sigma_m, 3.0),  # the radius that holds 68 %
    )


def _moving(
    line_deg: NDArray[np.float64], speed_mps: float, chance: np.random.Generator, from_m: float
) -> NDArray[np.float64]:
    """Return longitude, latitude and odometer at each second of a way; half the lights are red."""
    along_m = np.concatenate(([0.0], np.cumsum(geodesics_m(*line_deg[:-1].T, *line_deg[1:].T))))
    lights_m = np.arange(chance.uniform(0.0, _LIGHTS_EVERY_M), along_m[-1], _LIGHTS_EVERY_M)
    marks_m = np.concatenate(([0.0], np.repeat(lights_m, 2), [along_m[-1]]))
    waits_s = np.zeros(len(marks_m))
    waits_s[2:-1:2] = chance.integers(20, 60, len(lights_m)) * chance.integers(0, 2, len(lights_m))
    moments_s = marks_m / (speed_mps * chance.uniform(0.8, 1.2)) + np.cumsum(waits_s)
    driven_m = np.interp(np.arange(1.0, np.ceil(moments_s[-1]) + 1.0), moments_s, marks_m)
    lons_deg, lats_deg = (np.interp(driven_m, along_m, degrees) for degrees in line_deg.T)
    return np.column_stack((lons_deg, lats_deg, from_m + driven_m))


def _standing(at: Sequence[float], odometer_m: float, seconds: int) -> NDArray[np.float64]:
    return np.tile([*at, odometer_m], (max(seconds, 1), 1))


def _stay(started_s: int, at: Sequence[float], stay_s: int) -> Stop:
    return Stop(
        started_at=AT_EIGHT + timedelta(seconds=started_s),
        ended_at=AT_EIGHT + timedelta(seconds=started_s + stay_s - 1),
        position=Position(*at),
        radius_m=20.0,
        fix_count=stay_s,
    )
