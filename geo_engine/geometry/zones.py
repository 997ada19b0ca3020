"""Which clock a place lives by: the one home of the time zone map."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import shapely
import tzfpy

from geo_engine.errors import InvalidInput
from geo_engine.geometry.model import Position
from geo_engine.words import Message

MAINLAND_ZONE = "Asia/Shanghai"
# People in Xinjiang run their business by Beijing time, whatever the zone map says.
_MAINLAND_NAMES = frozenset({MAINLAND_ZONE, "Asia/Urumqi", "Asia/Kashgar"})


def zone_at(positions: Sequence[Position]) -> ZoneInfo:
    """Return the time zone of the position nearest to the median of `positions`.

    Parameters
    ----------
    positions
        WGS 84, any order; far outliers do not change the answer.

    Raises
    ------
    InvalidInput
        When there is no position, or its zone is unknown to this machine.

    Notes
    -----
    Zone borders are timezone-boundary-builder's (OpenStreetMap) as carried by tzfpy, within 111 m.
    Mainland China is Asia/Shanghai throughout; Hong Kong, Macao and Taiwan have their own. Cost: O(n).

    Examples
    --------
    >>> zone_at([Position(75.99, 39.47)]).key
    'Asia/Shanghai'
    """
    if not positions:
        raise InvalidInput(Message("There is no position to take the time zone from; name the time zone."))
    middle = _representative(positions)
    name = tzfpy.get_tz(middle.lon, middle.lat)
    return parse_zone(MAINLAND_ZONE if name in _MAINLAND_NAMES else name)


def parse_zone(name: str) -> ZoneInfo:
    """Return the time zone called `name` in the IANA database.

    Raises
    ------
    InvalidInput
        When there is no such zone.

    Examples
    --------
    >>> parse_zone("Europe/Monaco").key
    'Europe/Monaco'
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            Message("“{name}” is not a time zone such as Asia/Shanghai or Europe/Lisbon.", {"name": name})
        ) from None


@cache
def zone_outline(name: str) -> shapely.MultiPolygon:
    """Return where a time zone holds, with its territorial sea, WGS 84.

    Notes
    -----
    Drawn from OpenStreetMap, within 111 m of the border. Cost: about 0.2 s once a process for the largest.
    """
    collection = shapely.from_geojson(tzfpy.get_tz_polygon_geojson(name))
    outline = shapely.MultiPolygon(list(shapely.get_parts(shapely.get_parts(collection))))
    shapely.prepare(outline)
    return outline


def mainland_outline() -> shapely.MultiPolygon:
    """Return mainland China with its territorial sea, without Hong Kong, Macao and Taiwan, WGS 84.

    Notes
    -----
    The polygons of the zone Asia/Shanghai, of which Asia/Urumqi is a part.
    """
    return zone_outline(MAINLAND_ZONE)


def _representative(positions: Sequence[Position]) -> Position:
    lonlat = np.array([(position.lon, position.lat) for position in positions])
    offsets_deg = np.abs(lonlat - np.median(lonlat, axis=0)).sum(axis=1)
    return positions[int(offsets_deg.argmin())]
