"""What lies across the 180th meridian: how people draw it, how it is kept (RFC 7946: cut there), how it is measured."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo_engine.geometry.measure import turned_deg

_HALF_TURN_DEG, _TURN_DEG = 180.0, 360.0
_SAME_DEG = 1e-9


def unrolled(geometry: BaseGeometry) -> BaseGeometry:
    """Return lines or areas that are drawn across the 180th meridian as going on beyond it, without empty parts.

    Parameters
    ----------
    geometry
        (lon, lat). An edge from 179.9 to -179.9 goes the short way round: no fence is so large that it could go the
        other. What is round a pole stays as it is.

    Examples
    --------
    >>> unrolled(shapely.LineString([(179.5, 0.0), (-179.5, 1.0)])).wkt
    'MULTILINESTRING ((179.5 0, 180.5 1))'
    """
    parts = [part for part in shapely.get_parts(geometry).tolist() if not part.is_empty]
    match geometry:
        case shapely.Polygon() | shapely.MultiPolygon():
            return shapely.MultiPolygon([_unrolled_area(part) for part in parts])
        case shapely.LineString() | shapely.MultiLineString():
            return shapely.MultiLineString([_unrolled_line(part) for part in parts])
    return geometry


def cut_areas(areas: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Return areas that go on beyond the 180th meridian as ones that end and begin there, within -180 to 180."""
    return shapely.MultiPolygon([part for part in _pieces(areas) if isinstance(part, shapely.Polygon)])


def cut_lines(lines: shapely.MultiLineString) -> shapely.MultiLineString:
    """Return lines that go on beyond the 180th meridian as ones that end and begin there, within -180 to 180.

    Examples
    --------
    >>> cut_lines(shapely.MultiLineString([[(179.5, 0.0), (180.5, 0.0)]])).wkt
    'MULTILINESTRING ((179.5 0, 180 0), (-180 0, -179.5 0))'
    """
    return shapely.MultiLineString([part for part in _pieces(lines) if isinstance(part, shapely.LineString)])


def joined(geometry: shapely.MultiPolygon | shapely.MultiLineString) -> BaseGeometry:
    """Return a geometry that is cut at the 180th meridian as one beyond it; any other as it is."""
    bounds = shapely.bounds(np.array(geometry.geoms, dtype=np.object_))
    wests, easts = bounds[:, 0], bounds[:, 2]
    if (
        not ((wests == -_HALF_TURN_DEG).any() and (easts == _HALF_TURN_DEG).any())
        or (easts - wests).max() > _HALF_TURN_DEG
    ):
        return geometry
    is_western = easts <= 0.0
    parts = [
        _moved(part, _TURN_DEG) if is_moved else part
        for part, is_moved in zip(geometry.geoms, is_western.tolist(), strict=True)
    ]
    found = shapely.union_all(parts)
    return shapely.MultiPolygon([found]) if isinstance(found, shapely.Polygon) else found


def _unrolled_line[Line: BaseGeometry](line: Line) -> Line:
    turns_deg = _turns_deg(line)
    if not turns_deg.any():
        return line
    return shapely.transform(line, lambda degrees: degrees + np.column_stack((turns_deg, np.zeros(len(turns_deg)))))


def _unrolled_area(area: shapely.Polygon) -> shapely.Polygon:
    rings = [area.exterior, *area.interiors]
    if not any(_turns_deg(ring).any() for ring in rings) or any(_turns_deg(ring)[-1] for ring in rings):
        return area
    shell, *holes = map(_unrolled_line, rings)
    return shapely.Polygon(shell, [_beside(hole, shell) for hole in holes])


def _beside(hole: shapely.LineString, shell: shapely.LineString) -> shapely.LineString:
    """Return a hole on the side of the meridian on which its shell is drawn."""
    apart_deg = (sum(hole.bounds[::2]) - sum(shell.bounds[::2])) / 2.0
    return _moved(hole, -round(apart_deg / _TURN_DEG) * _TURN_DEG)


def _turns_deg(line: BaseGeometry) -> NDArray[np.float64]:
    """Return by how many degrees, whole turns, each corner is beyond the meridian that its line was first drawn in."""
    lons_deg = shapely.get_coordinates(line)[:, 0]
    steps_deg = np.diff(lons_deg)
    is_jump = (np.abs(steps_deg) > _HALF_TURN_DEG) & (np.abs(steps_deg) < _TURN_DEG)
    turns = np.where(is_jump, np.rint((turned_deg(steps_deg) - steps_deg) / _TURN_DEG), 0.0)
    return np.concatenate([[0.0], np.cumsum(turns)])[: len(lons_deg)] * _TURN_DEG


def _pieces(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    """Yield what of a geometry is in each turn of the earth, moved into -180 to 180; also where it only touches."""
    west, _, east, _ = geometry.bounds
    if west >= -_HALF_TURN_DEG and east <= _HALF_TURN_DEG:
        yield from shapely.get_parts(geometry).tolist()
        return
    for middle_deg in (0.0, _TURN_DEG, -_TURN_DEG):
        turn = shapely.box(middle_deg - _HALF_TURN_DEG, -90.0, middle_deg + _HALF_TURN_DEG, 90.0)
        for part in shapely.get_parts(shapely.intersection(geometry, turn)).tolist():
            if not part.is_empty:
                yield shapely.transform(_moved(part, -middle_deg), _to_the_meridian)


def _to_the_meridian(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return corners with those that are on the meridian but for a rounding exactly on it: parts meet there."""
    is_there = np.abs(np.abs(degrees) - (_HALF_TURN_DEG, np.inf)) < _SAME_DEG
    return np.where(is_there, np.copysign(_HALF_TURN_DEG, degrees), degrees)


def _moved[Drawn: BaseGeometry](geometry: Drawn, east_deg: float) -> Drawn:
    return shapely.transform(geometry, lambda degrees: degrees + np.array([east_deg, 0.0]))
