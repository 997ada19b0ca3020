"""Links to map apps: the right coordinates for each, and names that stay names."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesics_m
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message
from web.field.navigation import AMAP, APPLE, BAIDU, GOOGLE, OTHER, TENCENT, navigation_links

# What the vendors and the most used converter publish as examples of their conversions, longitude first.
GCJ02 = {
    "AMap's coordinate/convert": ((116.481499, 39.990475), (116.487585177952, 39.991754014757)),
    "coordtransform's wgs84togcj02": ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
}
BD09 = {
    "Baidu's geoconv": ((114.21892734521, 29.575429778924), (114.2307519546763, 29.57908428837437)),
    "Baidu's Tiananmen": ((116.39131, 39.90745), (116.403963, 39.915119)),
}
NAME = '张三, 50% "Café" & Söhne #2 (后门)=\'+/?'


def _links(position: Position, name: str = NAME) -> dict[str, str]:
    return {link.app.template: link.url for link in navigation_links(position, name)}


def _facts(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def _places(position: Position) -> dict[str, tuple[float, float]]:
    """Return where each link leads to, longitude first."""
    links = _links(position)
    lon, lat = _facts(links[AMAP.template])["to"].split(",")[:2]
    lat_lons = {
        BAIDU.template: _facts(links[BAIDU.template])["location"],
        TENCENT.template: _facts(links[TENCENT.template])["tocoord"],
        GOOGLE.template: _facts(links[GOOGLE.template])["destination"],
        APPLE.template: _facts(links[APPLE.template])["daddr"],
        OTHER.template: links[OTHER.template].removeprefix("geo:").partition("?")[0],
    }
    found = {name: tuple(map(float, reversed(text.split(",")))) for name, text in lat_lons.items()}
    return {AMAP.template: (float(lon), float(lat)), **found}  # type: ignore[dict-item]


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    lons, lats = ([np.array([place[at]]) for place in (one, other)] for at in (0, 1))
    return float(geodesics_m(lons[0], lats[0], lons[1], lats[1])[0])


@pytest.mark.parametrize("published", GCJ02)
def test_most_apps_get_gcj02_in_the_mainland(published: str) -> None:
    """AMap, Tencent, Google and Apple are led to the published GCJ-02 place, within three metres."""
    wgs84, expected = GCJ02[published]

    places = _places(Position(*wgs84))

    for app in (AMAP, TENCENT, GOOGLE, APPLE):
        assert _apart_m(places[app.template], expected) < 3
    assert _apart_m(places[OTHER.template], wgs84) < 0.2


@pytest.mark.parametrize("published", BD09)
def test_baidu_gets_bd09_in_the_mainland(published: str) -> None:
    """Baidu is led to the published BD-09 place, within a few metres; Tiananmen to within its gate."""
    wgs84, expected = BD09[published]

    places = _places(Position(*wgs84))

    assert _apart_m(places[BAIDU.template], expected) < (3 if "geoconv" in published else 25)
    assert _facts(_links(Position(*wgs84))[BAIDU.template])["coord_type"] == "bd09ll"


@pytest.mark.parametrize("place", [(7.4266, 43.7396), (126.978, 37.566), (103.97, 22.485)])
def test_elsewhere_nothing_is_shifted(place: tuple[float, float]) -> None:
    """In Monaco, Seoul and Lao Cai every app gets WGS 84, and those that shift themselves are told that it is."""
    links = _links(Position(*place))

    assert all(_apart_m(found, place) < 0.2 for found in _places(Position(*place)).values())
    assert _facts(links[AMAP.template])["coordinate"] == "wgs84"
    assert _facts(links[BAIDU.template])["coord_type"] == "wgs84"


@pytest.mark.parametrize(
    ("place", "shifting"),
    [
        ((114.1582, 22.2819), (AMAP, BAIDU, TENCENT)),
        ((113.544, 22.193), (AMAP, BAIDU, TENCENT)),
        ((121.5645, 25.0338), (BAIDU,)),
    ],
    ids=["Hong Kong", "Macao", "Taipei"],
)
def test_each_app_shifts_where_its_documentation_says(
    place: tuple[float, float], shifting: tuple[Message, ...]
) -> None:
    """AMap and Tencent shift Hong Kong and Macao, Baidu Taiwan as well; Google, Apple and others none of them."""
    places = _places(Position(*place))

    shifted = {name for name, found in places.items() if _apart_m(found, place) > 100}
    assert shifted == {app.template for app in shifting}


def test_a_name_is_a_name_whatever_stands_in_it() -> None:
    """Commas, quotes, ampersands, hashes and Chinese come out as they went in, and add no fact to the link."""
    links = _links(Position(116.404, 39.915))

    amap, baidu, tencent = (_facts(links[app.template]) for app in (AMAP, BAIDU, TENCENT))
    assert amap["to"].split(",")[2:] == [NAME.replace(",", " ")]
    assert (baidu["title"], baidu["content"], tencent["to"]) == (NAME, NAME, NAME)
    assert set(tencent) == {"type", "fromcoord", "to", "tocoord", "referer"}
    for url in links.values():
        assert url.isascii()
        assert not set(url) & set("\"'<># ")


def test_the_label_of_a_geo_link_is_closed_by_its_own_bracket_only() -> None:
    """``geo:`` names the place twice, for programs that mark it and for those that only show it."""
    url = _links(Position(7.4266, 43.7396), "A (b) & c")[OTHER.template]

    assert url == "geo:43.739600,7.426600?q=43.739600,7.426600(A%20%28b%29%20%26%20c)"


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (TravelMode.CAR, ("car", "drive", "driving", "d")),
        (TravelMode.EBIKE, ("ride", "bike", "bicycling", None)),
        (TravelMode.BICYCLE, ("ride", "bike", "bicycling", None)),
        (TravelMode.FOOT, ("walk", "walk", "walking", "w")),
    ],
)
def test_a_map_app_leads_as_the_worker_travels(mode: TravelMode, told: tuple[str | None, ...]) -> None:
    """Whoever goes on foot is not led along a motorway; Apple's links know no bicycle, and say nothing."""
    links = {link.app.template: link.url for link in navigation_links(Position(116.4, 39.9), NAME, mode)}

    facts = [_facts(links[app.template]) for app in (AMAP, TENCENT, GOOGLE, APPLE)]
    keys = ("mode", "type", "travelmode", "dirflg")
    assert tuple(one.get(key) for one, key in zip(facts, keys, strict=True)) == told
