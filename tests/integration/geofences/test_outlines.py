"""Buildings of an extract as fences."""

from pathlib import Path

import pytest

from geo_engine.geofences.extents import area_of_m2
from geo_engine.geofences.outlines import NoBuilding, find_outline
from geo_engine.geometry import Position

MONACO = Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"
CATHEDRAL = Position(7.42265, 43.730247)


def test_the_building_at_a_place_is_found_with_its_outline() -> None:
    """Within it the distance is 0, and its area is that of the building."""
    found = find_outline(MONACO, CATHEDRAL)

    assert found.distance_m == 0
    assert "Cathédrale" in found.name
    assert 800 < area_of_m2(found.shape) < 4_000


def test_of_no_building_at_a_place_the_nearest_is_taken() -> None:
    """A click on the street finds the building beside it, and tells how far that is."""
    found = find_outline(MONACO, Position(7.4276, 43.7396))

    assert found.osm_id == "w157719654"
    assert 3 < found.distance_m < 9


def test_where_nothing_is_near_that_is_told() -> None:
    """At sea there is no building."""
    with pytest.raises(NoBuilding):
        find_outline(MONACO, Position(7.45, 43.72))
