"""Where the sea is: OpenStreetMap draws only the coast, with the land on its left."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

_STEP_ASIDE_M = 0.5
_LEAST_AGREEMENT = 0.95
_END_GAP_SHARE = 0.03


def build_sea(coasts: Sequence[shapely.LineString], box: shapely.Polygon) -> list[shapely.Polygon]:
    """Return the sea within a box as polygons; none when the coast does not tell.

    Parameters
    ----------
    coasts
        Coastlines in metres, in the direction in which they are drawn (land on the left).
    box
        What the map shows, in metres.

    Notes
    -----
    The coast and the box's edge are cut into faces. Every piece of coast votes for the faces beside it:
    left is land, right is sea. A face whose votes disagree lies at a broken coast; then there is no
    sea at all rather than a flooded town. Ends that stop a little short of the edge, as in extracts cut
    along nodes, are drawn on to it. O(n log n).
    """
    pieces = _pieces(coasts, box)
    if not pieces:
        return []
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union([box.boundary, *pieces])]))
    sea, land = _votes(faces, pieces)
    share = np.divide(sea, sea + land, out=np.zeros(len(faces)), where=sea + land > 0)
    if np.any((share > 1 - _LEAST_AGREEMENT) & (share < _LEAST_AGREEMENT)):
        return []
    wet = shapely.union_all(faces[share >= _LEAST_AGREEMENT])
    return [part for part in shapely.get_parts(wet) if isinstance(part, shapely.Polygon)]


def _pieces(coasts: Sequence[shapely.LineString], box: shapely.Polygon) -> list[shapely.LineString]:
    """Return the coast within the box as long directed lines, their ends drawn on to a near edge."""
    if not coasts:
        return []
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(list(coasts)), directed=True))
    reach_m = _END_GAP_SHARE * min(box.bounds[2] - box.bounds[0], box.bounds[3] - box.bounds[1])
    drawn = [_drawn_on(shapely.get_coordinates(line), box, reach_m) for line in merged]
    inside = shapely.get_parts(shapely.intersection(drawn, box))
    return [line for line in inside if isinstance(line, shapely.LineString) and line.length > 0]


def _drawn_on(points: NDArray[np.float64], box: shapely.Polygon, reach_m: float) -> shapely.LineString:
    if np.array_equal(points[0], points[-1]):
        return shapely.LineString(points)
    return shapely.LineString(
        np.vstack([*_to_edge(points[0], box, reach_m), points, *_to_edge(points[-1], box, reach_m)])
    )


def _to_edge(end: NDArray[np.float64], box: shapely.Polygon, reach_m: float) -> list[NDArray[np.float64]]:
    spot = shapely.Point(end)
    if not box.contains(spot) or box.boundary.distance(spot) > reach_m:
        return []
    on_edge = shapely.get_coordinates(shapely.shortest_line(spot, box.boundary))[1]
    # A hair beyond the edge, so that the cut with it is certain.
    return [on_edge + (on_edge - end) * 0.01 + np.sign(on_edge - end) * 0.01]


def _votes(
    faces: NDArray[np.object_], pieces: Sequence[shapely.LineString]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the metres of coast that call each face sea, and land."""
    starts = np.vstack([shapely.get_coordinates(line)[:-1] for line in pieces])
    steps = np.vstack([np.diff(shapely.get_coordinates(line), axis=0) for line in pieces])
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    kept = lengths > 2 * _STEP_ASIDE_M
    starts, steps, lengths = starts[kept], steps[kept], lengths[kept]
    right = np.column_stack([steps[:, 1], -steps[:, 0]]) / lengths[:, None] * _STEP_ASIDE_M
    tree, counts = shapely.STRtree(faces), []
    for side in (right, -right):
        voters, voted = tree.query(shapely.points(starts + steps / 2 + side), predicate="within")
        counts.append(np.bincount(voted, weights=lengths[voters], minlength=len(faces)))
    return counts[0], counts[1]
