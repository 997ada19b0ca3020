"""The clock a place lives by is found from positions."""

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.zones import parse_zone, zone_at


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [
        (7.42, 43.73, "Europe/Monaco"),
        (-8.61, 41.15, "Europe/Lisbon"),
        (121.47, 31.23, "Asia/Shanghai"),
        (87.6, 43.8, "Asia/Shanghai"),
        (75.99, 39.47, "Asia/Shanghai"),
        (126.64, 45.76, "Asia/Shanghai"),
        (114.158, 22.282, "Asia/Hong_Kong"),
        (113.544, 22.193, "Asia/Macau"),
        (121.565, 25.033, "Asia/Taipei"),
    ],
)
def test_a_place_has_the_zone_its_people_live_by(lon: float, lat: float, name: str) -> None:
    """Mainland China is Asia/Shanghai throughout; elsewhere the zone map decides."""
    zone = zone_at([Position(lon, lat)])

    assert zone.key == name


def test_an_outlier_does_not_move_the_zone() -> None:
    """The zone is that of the bulk of the positions, not of their mean."""
    positions = [Position(-8.61, 41.15), Position(-8.62, 41.16), Position(-8.6, 41.14), Position(140.0, -30.0)]

    assert zone_at(positions).key == "Europe/Lisbon"


@pytest.mark.parametrize("name", ["Asia/Beijing", "", "../etc/passwd", "Asia", "Europe/Lisbon\x00"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    """Only names of the IANA database are zones."""
    with pytest.raises(InvalidInput, match="is not a time zone such as Asia/Shanghai"):
        parse_zone(name)


def test_no_position_has_no_zone() -> None:
    """Without a position the caller must name the zone."""
    with pytest.raises(InvalidInput, match="There is no position to take the time zone from"):
        zone_at([])
