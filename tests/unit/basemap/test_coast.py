"""The sea lies on the right of a coast, and a broken coast floods nothing."""

import pytest
import shapely

from geo_engine.basemap.coast import build_sea

BOX = shapely.box(0, 0, 10_000, 10_000)


def _has(sea: list[shapely.Polygon], x: float, y: float) -> bool:
    return any(part.covers(shapely.Point(x, y)) for part in sea)


@pytest.mark.parametrize("edge_gap_m", [-500.0, 0.0, 200.0])
def test_the_sea_lies_right_of_the_coast(edge_gap_m: float) -> None:
    """A coast drawn eastwards has the sea in its south, also when it stops a little short of the edge."""
    coast = shapely.LineString([(edge_gap_m, 5_000), (5_000, 6_000), (10_000 - edge_gap_m, 5_000)])

    sea = build_sea([coast], BOX)

    assert _has(sea, 5_000, 1_000)
    assert not _has(sea, 5_000, 9_000)


def test_an_island_is_no_sea() -> None:
    """A ring drawn against the clock has land inside."""
    island = shapely.LineString([(4_000, 4_000), (6_000, 4_000), (6_000, 6_000), (4_000, 6_000), (4_000, 4_000)])

    sea = build_sea([island], BOX)

    assert _has(sea, 1_000, 1_000)
    assert not _has(sea, 5_000, 5_000)


def test_a_coast_in_pieces_is_joined() -> None:
    """Ways that follow each other are one coast."""
    pieces = [
        shapely.LineString([(5_000, 5_000), (10_500, 5_000)]),
        shapely.LineString([(-500, 5_000), (5_000, 5_000)]),
    ]

    sea = build_sea(pieces, BOX)

    assert sum(part.area for part in sea) == pytest.approx(50e6)


def test_a_broken_coast_makes_no_sea() -> None:
    """A coast with a gap in the middle of the map tells neither side's name."""
    pieces = [
        shapely.LineString([(-500, 5_000), (3_000, 5_000)]),
        shapely.LineString([(7_000, 5_000), (10_500, 5_000)]),
    ]

    assert build_sea(pieces, BOX) == []


def test_without_a_coast_there_is_no_sea() -> None:
    """An inland extract has no sea."""
    assert build_sea([], BOX) == []
