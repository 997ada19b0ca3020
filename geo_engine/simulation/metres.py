"""How far a degree is near a place: small moves in metres, added to positions in degrees, and taken from them."""

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position

_EQUATOR_M = 6_378_137.0
_SQUARED_ECCENTRICITY = 0.006_694_379_990_14


def moved_deg(
    lons_deg: NDArray[np.float64],
    lats_deg: NDArray[np.float64],
    *,
    east_m: NDArray[np.float64],
    north_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positions (WGS 84) moved by metres to the east and the north.

    Notes
    -----
    By the ellipsoid's radii of curvature at each latitude: right to a millimetre in a hundred metres, away from the
    poles.

    Examples
    --------
    >>> lons, lats = moved_deg(np.array([7.42]), np.array([43.73]), east_m=np.array([0.0]), north_m=np.array([1111.1]))
    >>> round(float(lats[0]), 4)
    43.74
    """
    along_parallel_m, along_meridian_m = _radii_m(lats_deg)
    return lons_deg + np.degrees(east_m / along_parallel_m), lats_deg + np.degrees(north_m / along_meridian_m)


def offset_m(here: Position, there: Position) -> complex:
    """Return how far one position is from another near by, east as real and north as imaginary part.

    Examples
    --------
    >>> round(offset_m(Position(7.42, 43.73), Position(7.42, 43.74)).imag)
    1111
    """
    along_parallel_m, along_meridian_m = _radii_m(np.array([here.lat]))
    east_m = np.radians(there.lon - here.lon) * along_parallel_m
    north_m = np.radians(there.lat - here.lat) * along_meridian_m
    return complex(float(east_m[0]), float(north_m[0]))


def _radii_m(lats_deg: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the radius of the parallel and that of the meridian's curve at each latitude."""
    squeezed = 1.0 - _SQUARED_ECCENTRICITY * np.sin(np.radians(lats_deg)) ** 2
    along_meridian_m = _EQUATOR_M * (1.0 - _SQUARED_ECCENTRICITY) / squeezed**1.5
    return _EQUATOR_M / np.sqrt(squeezed) * np.cos(np.radians(lats_deg)), along_meridian_m
