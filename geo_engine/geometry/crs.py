"""The reference systems Chinese maps use, and how their coordinates become WGS 84 and back.

GCJ-02 (AMap, Tencent, Google's China maps) and BD-09 (Baidu) shift WGS 84 by up to about 700 m and
1,700 m. Outside mainland China the coordinates of a file are taken to be WGS 84; that is a rule of ours. A map or
a service that shifts elsewhere as well declares it as its `Region`. Positions in these systems are types of
their own and are converted at the edge.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.geometry.model import Position
from geo_engine.geometry.zones import MAINLAND_ZONE, zone_outline

type LonLatArray = NDArray[np.float64]
"""Many positions: shape (n, 2), degrees, longitude first."""

# Krasovsky 1940 as the published GCJ-02 formula carries it.
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_INVERSE_TOLERANCE_DEG = 1e-10
_INVERSE_ROUNDS = 30


class Crs(StrEnum):
    """A reference system that coordinates in a file may be written in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @property
    def label(self) -> str:
        """What people call it, in every language."""
        return {Crs.WGS84: "WGS 84", Crs.GCJ02: "GCJ-02", Crs.BD09: "BD-09"}[self]


class Region(StrEnum):
    """Where coordinates written in GCJ-02 or BD-09 are shifted; elsewhere they are WGS 84."""

    MAINLAND = "mainland"
    WITH_HONG_KONG_MACAO = "with_hong_kong_macao"
    WITH_HONG_KONG_MACAO_TAIWAN = "with_hong_kong_macao_taiwan"


_HONG_KONG_MACAO = ("Asia/Hong_Kong", "Asia/Macau")
_ZONES = {
    Region.MAINLAND: (MAINLAND_ZONE,),
    Region.WITH_HONG_KONG_MACAO: (MAINLAND_ZONE, *_HONG_KONG_MACAO),
    Region.WITH_HONG_KONG_MACAO_TAIWAN: (MAINLAND_ZONE, *_HONG_KONG_MACAO, "Asia/Taipei"),
}


@dataclass(frozen=True, slots=True)
class Gcj02Position:
    """A position in GCJ-02, degrees, longitude first."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Bd09Position:
    """A position in BD-09, degrees, longitude first."""

    lon: float
    lat: float


def position_in(crs: Crs, lon: float, lat: float) -> Position | Gcj02Position | Bd09Position:
    """Return two coordinates as a position of the type that `crs` has.

    Raises
    ------
    InvalidInput
        When a WGS 84 coordinate is not a finite number in its range.
    """
    match crs:
        case Crs.WGS84:
            return Position(lon, lat)
        case Crs.GCJ02:
            return Gcj02Position(lon, lat)
        case Crs.BD09:
            return Bd09Position(lon, lat)


def to_wgs84(position: Position | Gcj02Position | Bd09Position, *, region: Region = Region.MAINLAND) -> Position:
    """Return `position` in WGS 84.

    Parameters
    ----------
    region
        Where who wrote it shifts.

    Raises
    ------
    InvalidInput
        When a coordinate is not a finite number in its range.

    Notes
    -----
    See `array_to_wgs84`, which is cheaper for many positions.
    """
    match position:
        case Position():
            return position
        case Gcj02Position():
            crs = Crs.GCJ02
        case Bd09Position():
            crs = Crs.BD09
    given = Position(position.lon, position.lat)  # refuses what is out of range before the formulas see it
    lon, lat = array_to_wgs84(np.array([[given.lon, given.lat]]), crs=crs, region=region)[0]
    return Position(float(lon), float(lat))


def array_from_wgs84(lonlat: LonLatArray, *, crs: Crs, region: Region = Region.MAINLAND) -> LonLatArray:
    """Return positions in WGS 84 as `crs` writes them; outside the region they stay as they are.

    Parameters
    ----------
    lonlat
        Shape (n, 2), longitude first, degrees.
    region
        Where who reads them shifts.

    Notes
    -----
    GCJ-02 by the formula known as “EvilTransform”, BD-09 by Baidu's published offset on top of it.
    Cost: O(n), about 1 µs a position.
    """
    shifted = lonlat.copy()
    if crs is not Crs.WGS84:
        is_inside = is_within(lonlat, region)
        shifted[is_inside] = _shift_of(crs)(lonlat[is_inside])
    return shifted


def array_to_wgs84(lonlat: LonLatArray, *, crs: Crs, region: Region = Region.MAINLAND) -> LonLatArray:
    """Return positions written in `crs` in WGS 84, to better than 1e-9 degrees.

    Parameters
    ----------
    lonlat
        Shape (n, 2), longitude first, degrees.
    region
        Where who wrote them shifts.

    Notes
    -----
    The forward formula is inverted by fixed-point iteration. The shift ends at the border, so within
    some hundred metres of it a written position can stand for a place on either side. The place in
    the mainland is taken: a shop in Luohu, whose GCJ-02 coordinates lie across the river in Hong
    Kong, stays in Luohu. Every position of the mainland therefore survives the round trip; the same holds of
    the other regions and their borders. Cost: O(n).
    """
    found = lonlat.copy()
    if crs is not Crs.WGS84:
        is_near = _is_near(lonlat, region)
        near = lonlat[is_near]
        unshifted = _invert(_shift_of(crs), near)
        is_shifted = is_within(near, region) | is_within(unshifted, region)
        found[is_near] = np.where(is_shifted[:, None], unshifted, near)
    return found


def is_within(lonlat: LonLatArray, region: Region) -> NDArray[np.bool_]:
    """Return which positions, WGS 84, lie in a region."""
    found = np.zeros(len(lonlat), dtype=np.bool_)
    for zone in _ZONES[region]:
        found |= shapely.contains_xy(zone_outline(zone), lonlat[:, 0], lonlat[:, 1])
    return found


def _is_near(lonlat: LonLatArray, region: Region) -> NDArray[np.bool_]:
    # The formulas are meant for these parts only; at the poles they divide by zero.
    bounds = np.array([zone_outline(zone).bounds for zone in _ZONES[region]])
    low, high = bounds[:, :2].min(axis=0) - 1, bounds[:, 2:].max(axis=0) + 1
    is_near: NDArray[np.bool_] = ((lonlat > low) & (lonlat < high)).all(axis=1)
    return is_near


def _shift_of(crs: Crs) -> Callable[[LonLatArray], LonLatArray]:
    return _wgs84_to_gcj02 if crs is Crs.GCJ02 else _wgs84_to_bd09


def _invert(shift: Callable[[LonLatArray], LonLatArray], shifted: LonLatArray) -> LonLatArray:
    # The shift varies by less than 3 % of a step, so each round gains more than one digit.
    found = shifted.copy()
    for _ in range(_INVERSE_ROUNDS):
        error_deg = shift(found) - shifted
        found -= error_deg
        if not error_deg.size or np.abs(error_deg).max() < _INVERSE_TOLERANCE_DEG:
            break
    return found


def _wgs84_to_gcj02(lonlat: LonLatArray) -> LonLatArray:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    east_m, north_m = _offset_m(lon - 105.0, lat - 35.0)
    sine = np.sin(np.radians(lat))
    magic = 1 - _ECCENTRICITY_SQUARED * sine * sine
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(magic) * np.cos(np.radians(lat))
    return np.column_stack((lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)))


def _offset_m(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    root = np.sqrt(np.abs(x))
    shared = _waves(x, ((20.0, 6.0), (20.0, 2.0)))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += shared + _waves(y, ((20.0, 1.0), (40.0, 1 / 3))) + _waves(y, ((160.0, 1 / 12), (320.0, 1 / 30)))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += shared + _waves(x, ((20.0, 1.0), (40.0, 1 / 3))) + _waves(x, ((150.0, 1 / 12), (300.0, 1 / 30)))
    return east, north


def _waves(x: NDArray[np.float64], terms: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    total = np.zeros_like(x)
    for amplitude, frequency in terms:
        total += amplitude * np.sin(frequency * np.pi * x)
    return total * (2.0 / 3.0)


def _wgs84_to_bd09(lonlat: LonLatArray) -> LonLatArray:
    x, y = _wgs84_to_gcj02(lonlat).T
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))
