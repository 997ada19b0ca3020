"""How near places lie to the buildings of an extract."""

from pathlib import Path

import numpy as np
import pytest
from support.chinese_town import house_places, write_town

from geo_engine.basemap.buildings import Buildings


def test_a_place_is_in_a_building_or_so_far_from_one(tmp_path: Path) -> None:
    """The middle of every house is in it; 24 m north of a house of 28 m ten metres are left."""
    buildings = Buildings(write_town(tmp_path / "town.osm.pbf"))
    houses = np.array(house_places())

    assert len(buildings) == len(houses)
    assert buildings.nearness_m(houses).max() == 0
    north_m = buildings.nearness_m(houses[:1] + np.array([0, 24 / 111_000]))
    assert north_m[0] == pytest.approx(10, abs=0.3)


def test_without_buildings_all_are_far(tmp_path: Path) -> None:
    """An extract of nothing but a road has no building that anything could be near to."""
    path = tmp_path / "road.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lon="116.3" lat="40"/><node id="2" lon="116.4" lat="40"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way></osm>'
    )

    assert np.isinf(Buildings(path).nearness_m(np.array([[116.3, 40.0]]))).all()
