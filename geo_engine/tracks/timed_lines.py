"""Lines that know their time, as PostGIS keeps them: LINESTRINGM of SRID 4326 with seconds since 1970 as M."""

import struct

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.tracks.model import MICROSECONDS_PER_S

type Columns = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Times (microseconds since 1970), longitudes and latitudes of one length."""

# EWKB: little endian, line string with M and SRID.
_EWKB_LINE_M = struct.Struct("<BIII")
_LITTLE_ENDIAN, _LINE_M_SRID, _WGS84 = 1, 0x60000002, 4326


def timed_ewkb(columns: Columns) -> bytes:
    """Return a line as EWKB, exact to a microsecond."""
    times_us, lons_deg, lats_deg = columns
    header = _EWKB_LINE_M.pack(_LITTLE_ENDIAN, _LINE_M_SRID, _WGS84, len(times_us))
    return header + np.column_stack((lons_deg, lats_deg, times_us / MICROSECONDS_PER_S)).astype("<f8").tobytes()


def timed_columns(line: shapely.Geometry) -> Columns:
    """Return the columns of a line string with M.

    Raises
    ------
    TypeError
        When it is none.
    """
    if not isinstance(line, shapely.LineString):
        raise TypeError(line)
    lons_deg, lats_deg, seconds = shapely.get_coordinates(line, include_m=True).T
    return np.rint(seconds * MICROSECONDS_PER_S).astype(np.int64), lons_deg, lats_deg
