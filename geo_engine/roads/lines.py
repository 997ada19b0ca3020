"""What makes a line of the points a routing engine answers with."""

from collections.abc import Iterable, Sequence

from geo_engine.geometry import LonLat


def line_of(points: Iterable[Sequence[float]]) -> tuple[LonLat, ...]:
    """Return points, longitude first, as a line of at least two: repeated ones once, a lone one twice.

    Examples
    --------
    >>> line_of([(7.4, 43.7), (7.4, 43.7), (7.5, 43.7)])
    ((7.4, 43.7), (7.5, 43.7))
    >>> line_of([(7.4, 43.7)])
    ((7.4, 43.7), (7.4, 43.7))
    """
    line: list[LonLat] = []
    for point in points:
        lon_lat = (point[0], point[1])
        if not line or lon_lat != line[-1]:
            line.append(lon_lat)
    return tuple(line if len(line) > 1 else line * 2)
