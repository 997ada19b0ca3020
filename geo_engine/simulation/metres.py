"""How far a degree is near a place: small moves in metres, added to positions in degrees."""

import numpy as np
from numpy.typing import NDArray

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
    sines = np.sin(np.radians(lats_deg))
    squeezed = 1.0 - _SQUARED_ECCENTRICITY * sines**2
    along_meridian_m = _EQUATOR_M * (1.0 - _SQUARED_ECCENTRICITY) / squeezed**1.5
    along_parallel_m = _EQUATOR_M / np.sqrt(squeezed) * np.cos(np.radians(lats_deg))
    return lons_deg + np.degrees(east_m / along_parallel_m), lats_deg + np.degrees(north_m / along_meridian_m)
