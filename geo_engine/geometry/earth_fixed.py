"""Positions as whole millimetres from the centre of the earth, so that sums and means of them are exact.

There are no poles, no 180th meridian and no scale that changes with the latitude: what is near is near in
all three coordinates. The same position gives the same three integers whether it comes alone or in an array,
on every machine: only additions, multiplications, divisions and square roots are used, which IEEE 754 defines
to the last bit, beside two tables.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.model import Position

UNITS_PER_DEGREE = 10_000_000
"""A ten-millionth of a degree, about a centimetre, is the finest that phones say."""

_MAJOR_MM = 6_378_137_000.0
_ECCENTRICITY_SQUARED = 0.0066943799901413165  # f (2 - f), f = 1 / 298.257223563
_POLAR_RATIO = 1 - _ECCENTRICITY_SQUARED
_MINOR_MM = _MAJOR_MM * math.sqrt(_POLAR_RATIO)
_NODE_UNITS = UNITS_PER_DEGREE // 2
_NODE_COUNT = 180 * UNITS_PER_DEGREE // _NODE_UNITS
_RADIANS_PER_UNIT = math.pi / (180 * UNITS_PER_DEGREE)
_SINES = tuple(math.sin(k * _NODE_UNITS * _RADIANS_PER_UNIT) for k in range(-_NODE_COUNT, _NODE_COUNT + 1))
_COSINES = tuple(math.cos(k * _NODE_UNITS * _RADIANS_PER_UNIT) for k in range(-_NODE_COUNT, _NODE_COUNT + 1))
_SINE_TABLE, _COSINE_TABLE = np.array(_SINES), np.array(_COSINES)


class Place(NamedTuple):
    """A place, in millimetres from the centre of the earth: towards 0° E 0° N, 90° E 0° N and the north pole."""

    x_mm: int
    y_mm: int
    z_mm: int


class Places(NamedTuple):
    """Many places: three arrays of one length, in the order of `Place`."""

    x_mm: NDArray[np.int64]
    y_mm: NDArray[np.int64]
    z_mm: NDArray[np.int64]

    def at(self, index: int) -> Place:
        """Return one of them."""
        return Place(int(self.x_mm[index]), int(self.y_mm[index]), int(self.z_mm[index]))

    def taken(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Places":
        """Return some of them, in their order."""
        return Places(self.x_mm[chosen], self.y_mm[chosen], self.z_mm[chosen])


def place_of(lon_deg: float, lat_deg: float) -> Place:
    """Return where a position (WGS 84) lies, on the ellipsoid.

    Notes
    -----
    About 2 µs; equal to what `places_of` makes of it, to the last bit.

    Examples
    --------
    >>> place_of(0.0, 0.0)
    Place(x_mm=6378137000, y_mm=0, z_mm=0)
    """
    lon, lat = round(lon_deg * UNITS_PER_DEGREE), round(lat_deg * UNITS_PER_DEGREE)
    node = (lon + _NODE_UNITS // 2) // _NODE_UNITS
    sine, cosine = _near(float(lon - node * _NODE_UNITS))
    node_sine, node_cosine = _SINES[node + _NODE_COUNT], _COSINES[node + _NODE_COUNT]
    east, prime = node_sine * cosine + node_cosine * sine, node_cosine * cosine - node_sine * sine
    node = (lat + _NODE_UNITS // 2) // _NODE_UNITS
    sine, cosine = _near(float(lat - node * _NODE_UNITS))
    node_sine, node_cosine = _SINES[node + _NODE_COUNT], _COSINES[node + _NODE_COUNT]
    north, level = node_sine * cosine + node_cosine * sine, node_cosine * cosine - node_sine * sine
    normal_mm = _MAJOR_MM / math.sqrt(1 - _ECCENTRICITY_SQUARED * (north * north))
    return Place(
        round(normal_mm * level * prime), round(normal_mm * level * east), round(normal_mm * _POLAR_RATIO * north)
    )


def places_of(lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64]) -> Places:
    """Return where positions (WGS 84) lie, on the ellipsoid.

    Parameters
    ----------
    lons_deg, lats_deg
        Finite and in their range; they are rounded to ten-millionths of a degree.

    Notes
    -----
    O(n), about 0.1 µs a position.
    """
    east, prime = _sines_and_cosines(lons_deg)
    north, level = _sines_and_cosines(lats_deg)
    normal_mm = _MAJOR_MM / np.sqrt(1 - _ECCENTRICITY_SQUARED * (north * north))
    return Places(
        np.rint(normal_mm * level * prime).astype(np.int64),
        np.rint(normal_mm * level * east).astype(np.int64),
        np.rint(normal_mm * _POLAR_RATIO * north).astype(np.int64),
    )


def position_of(place: Place) -> Position:
    """Return the position (WGS 84) of a place on the ellipsoid or a little below, as a mean of places is.

    Notes
    -----
    Bowring (1976): exact on the ellipsoid, and to far below a millimetre within kilometres of it.

    Examples
    --------
    >>> position = position_of(place_of(-8.61, 41.15))
    >>> round(position.lon, 7), round(position.lat, 7)
    (-8.61, 41.15)
    """
    axis_mm = math.hypot(place.x_mm, place.y_mm)
    reduced = math.atan2(place.z_mm * _MAJOR_MM, axis_mm * _MINOR_MM)
    second = _ECCENTRICITY_SQUARED / _POLAR_RATIO
    lat = math.atan2(
        place.z_mm + second * _MINOR_MM * math.sin(reduced) ** 3,
        axis_mm - _ECCENTRICITY_SQUARED * _MAJOR_MM * math.cos(reduced) ** 3,
    )
    lon = math.atan2(place.y_mm, place.x_mm)
    return Position(round(math.degrees(lon), 7), round(math.degrees(lat), 7))


def chord_mm(first: Place, second: Place) -> float:
    """Return the straight distance between two places in millimetres; within 10 km it is that on the ground."""
    x, y, z = float(second[0] - first[0]), float(second[1] - first[1]), float(second[2] - first[2])
    return math.sqrt(x * x + y * y + z * z)


def chords_mm(first: Places, second: Places | Place) -> NDArray[np.float64]:
    """Return the straight distances between places, pair by pair or to one, in millimetres."""
    return np.sqrt(chords_mm2(first, second))


def chords_mm2(first: Places, second: Places | Place) -> NDArray[np.float64]:
    """Return the squares of `chords_mm`."""
    x = (first.x_mm - second.x_mm).astype(np.float64)
    y = (first.y_mm - second.y_mm).astype(np.float64)
    z = (first.z_mm - second.z_mm).astype(np.float64)
    found: NDArray[np.float64] = x * x + y * y + z * z
    return found


def _sines_and_cosines(angles_deg: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    units = np.rint(angles_deg * UNITS_PER_DEGREE).astype(np.int64)
    nodes = (units + _NODE_UNITS // 2) // _NODE_UNITS
    sine, cosine = _near((units - nodes * _NODE_UNITS).astype(np.float64))
    node_sine, node_cosine = _SINE_TABLE[nodes + _NODE_COUNT], _COSINE_TABLE[nodes + _NODE_COUNT]
    return node_sine * cosine + node_cosine * sine, node_cosine * cosine - node_sine * sine


def _near[N: (float, NDArray[np.float64])](units: N) -> tuple[N, N]:
    # Sine and cosine within a quarter degree of a node: the series' next terms are below 1e-17.
    angle = units * _RADIANS_PER_UNIT
    square = angle * angle
    sine = angle * (1 - square * (1 / 6 - square * (1 / 120)))
    return sine, 1 - square * (0.5 - square * (1 / 24 - square * (1 / 720)))
