"""GCJ-02 and BD-09 follow their published formulas, and only inside mainland China."""

import numpy as np
import pytest

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.crs import (
    Bd09Position,
    Crs,
    Gcj02Position,
    array_from_wgs84,
    array_to_wgs84,
    position_in,
    to_wgs84,
)

MAINLAND = {
    "Shenzhen Luohu": (114.1131, 22.533),
    "Shenzhen Futian Kou'an": (114.069, 22.523),
    "Shekou": (113.912, 22.479),
    "Zhuhai Gongbei": (113.549, 22.22),
    "Zhuhai Hengqin": (113.52, 22.14),
    "Dandong": (124.394, 40.124),
    "Erenhot": (111.977, 43.653),
    "Manzhouli": (117.433, 49.588),
    "Khorgas": (80.42, 44.2),
    "Ruili": (97.855, 24.013),
    "Hekou": (103.961, 22.508),
    "Dongxing": (107.972, 21.545),
    "Sanya": (109.508, 18.247),
    "Kashgar": (75.989, 39.47),
    "Heihe": (127.499, 50.245),
    "Suifenhe": (131.16, 44.396),
    "Hunchun": (130.366, 42.862),
    "Tumen": (129.843, 42.968),
    "Fuyuan": (134.307, 48.364),
    "Mohe Beiji": (122.35, 53.48),
    "Alashankou": (82.565, 45.167),
    "Tacheng": (82.983, 46.746),
    "Tashkurgan": (75.229, 37.775),
    "Burang": (81.176, 30.286),
    "Zhangmu": (85.981, 27.99),
    "Pingxiang Youyi": (106.71, 21.98),
    "Mohan": (101.686, 21.19),
    "Tengchong": (98.49, 25.02),
    "Xiamen": (118.089, 24.479),
    "Pingtan": (119.79, 25.5),
    "Zhoushan": (122.106, 30.016),
    "Shengsi": (122.45, 30.726),
    "Nan'ao": (117.023, 23.416),
    "Weizhou Island": (109.12, 21.04),
    "Changhai": (122.588, 39.272),
    "Changdao": (120.74, 37.92),
    "Qingdao": (120.33, 36.064),
    "Yadong": (88.907, 27.484),
    "Linjiang": (126.918, 41.811),
    "Changbai": (128.2, 41.42),
    "Ji'an": (126.194, 41.125),
    "Wanding": (98.07, 24.085),
    "Shatoujiao": (114.233, 22.556),
}
ELSEWHERE = {
    "Sheung Shui": (114.128, 22.502),
    "Hong Kong Central": (114.158, 22.282),
    "Tin Shui Wai": (114.0, 22.46),
    "Macau": (113.544, 22.193),
    "Macau border gate S": (113.5495, 22.2135),
    "Taipa": (113.559, 22.156),
    "Kinmen": (118.319, 24.433),
    "Lieyu": (118.24, 24.433),
    "Matsu": (119.94, 26.158),
    "Taipei": (121.565, 25.033),
    "Penghu": (119.566, 23.566),
    "Sinuiju": (124.4, 40.1),
    "Zamyn-Uud": (111.9, 43.72),
    "Zabaykalsk": (117.33, 49.65),
    "Lao Cai": (103.97, 22.485),
    "Mong Cai": (107.966, 21.526),
    "Muse": (97.9, 23.99),
    "Seoul": (126.978, 37.566),
    "Hanoi": (105.834, 21.028),
    "Almaty": (76.9, 43.24),
    "Vladivostok": (131.885, 43.116),
    "Blagoveshchensk": (127.527, 50.27),
    "Pogranichny": (131.38, 44.407),
    "Namyang": (129.86, 42.95),
    "Khabarovsk": (135.072, 48.48),
    "Khorgos KZ": (80.37, 44.22),
    "Zharkent": (80.0, 44.163),
    "Dostyk": (82.49, 45.25),
    "Kodari": (85.95, 27.95),
    "Boten": (101.685, 21.15),
    "Dong Dang": (106.698, 21.948),
    "Hyesan": (128.175, 41.4),
    "Manpo": (126.29, 41.157),
    "Ulaanbaatar": (106.917, 47.919),
    "Thimphu": (89.639, 27.472),
    "Kathmandu": (85.324, 27.717),
    "Sost": (74.82, 36.69),
    "Naryn": (75.99, 41.43),
    "Gangtok": (88.612, 27.331),
    "Lo Wu": (114.1133, 22.5282),
}


@pytest.mark.parametrize("lonlat", MAINLAND.values(), ids=MAINLAND.keys())
def test_a_place_in_the_mainland_is_shifted(lonlat: tuple[float, float]) -> None:
    """Towns and islands up to the border are shifted by 100 m to 2 km and come back to where they were."""
    given = np.array([lonlat])

    for crs in (Crs.GCJ02, Crs.BD09):
        written = array_from_wgs84(given, crs=crs)

        assert 0.001 < np.abs(written - given).max() < 0.02
        assert np.abs(array_to_wgs84(written, crs=crs) - given).max() < 1e-9


@pytest.mark.parametrize("lonlat", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_place_elsewhere_is_not_shifted(lonlat: tuple[float, float]) -> None:
    """Hong Kong, Macao, Taiwan and the towns across the border are written in WGS 84."""
    given = np.array([lonlat])

    assert array_from_wgs84(given, crs=Crs.GCJ02).tolist() == given.tolist()
    assert array_from_wgs84(given, crs=Crs.BD09).tolist() == given.tolist()


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_is_what_others_publish(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    """The pairs that eviltransform and coordtransform test against are met to 1e-9 degrees."""
    assert array_from_wgs84(np.array([wgs84]), crs=Crs.GCJ02)[0] == pytest.approx(gcj02, abs=1e-9)
    assert array_to_wgs84(np.array([gcj02]), crs=Crs.GCJ02)[0] == pytest.approx(wgs84, abs=1e-9)


def test_bd09_is_what_others_publish() -> None:
    """The GCJ-02 and BD-09 pair that coordtransform tests against stands for one place."""
    from_gcj02 = to_wgs84(Gcj02Position(116.404, 39.915))
    from_bd09 = to_wgs84(Bd09Position(116.41036949371029, 39.92133699351021))

    assert (from_bd09.lon, from_bd09.lat) == pytest.approx((from_gcj02.lon, from_gcj02.lat), abs=1e-9)


def test_the_poles_and_the_date_line_are_left_alone() -> None:
    """Where the formulas mean nothing they are not used, also on an empty array."""
    ends = np.array([[180.0, 90.0], [-180.0, -90.0], [0.0, 0.0]])

    assert array_to_wgs84(ends, crs=Crs.BD09).tolist() == ends.tolist()
    assert array_to_wgs84(np.empty((0, 2)), crs=Crs.GCJ02).shape == (0, 2)


def test_inputs_are_never_changed() -> None:
    """A conversion gives a new array, also where nothing changes."""
    given = np.array([[116.4, 39.9]])

    array_to_wgs84(given, crs=Crs.WGS84)[:] = 0
    array_to_wgs84(given, crs=Crs.GCJ02)[:] = 0

    assert given.tolist() == [[116.4, 39.9]]


@pytest.mark.parametrize("crs", list(Crs))
def test_a_coordinate_out_of_range_is_refused_in_every_system(crs: Crs) -> None:
    """What is no place in WGS 84 is none in the others."""
    with pytest.raises(InvalidInput, match=r"Latitude 116\.0 is not between"):
        to_wgs84(position_in(crs, 39.0, 116.0))


def test_wgs84_is_itself() -> None:
    """A position that is in WGS 84 already comes back as it is."""
    assert to_wgs84(Position(116.4, 39.9)) == Position(116.4, 39.9)
