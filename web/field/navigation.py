"""Where a tap on “navigate” leads: each map app's own address, in the coordinates that app expects."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import numpy as np

from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, array_from_wgs84
from geo_engine.words import Message

AMAP, BAIDU, TENCENT = Message("AMap"), Message("Baidu Maps"), Message("Tencent Maps")
GOOGLE, APPLE, OTHER = Message("Google Maps"), Message("Apple Maps"), Message("Other app")
_US = "geo-engine"


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLink:
    """A map app and where it is opened with a place as its destination."""

    app: Message
    url: str


def navigation_links(position: Position, name: str) -> tuple[NavigationLink, ...]:
    """Return the ways to be led to a place, those used in China first.

    Parameters
    ----------
    position
        WGS 84. Within mainland China AMap, Tencent, Google and Apple are given GCJ-02 and Baidu BD-09; outside it, and
        for ``geo:`` anywhere, the coordinates stay as they are. There AMap and Baidu are told that they are WGS 84, and
        put them where their own maps of Hong Kong, Macao and Taiwan have them.

    Notes
    -----
    As documented by each: AMap's URI API, ``/navigation`` (lbs.amap.com: ``to=lon,lat,name``, no ``from`` is the
    current place, ``coordinate`` is ``gaode`` or ``wgs84``, ``callnative=1`` opens the app); Baidu's URI API,
    ``/marker`` (lbsyun.baidu.com: ``location=lat,lon``, ``coord_type`` is ``bd09ll`` or ``wgs84``; ``/direction`` wants
    an origin, so the link opens the place, from where it leads there); Tencent's URI API, ``/routeplan``
    (lbs.qq.com: ``tocoord=lat,lon``, ``fromcoord=CurrentLocation``, ``referer`` names the caller); Google's Maps URLs,
    ``/maps/dir/?api=1`` (no ``origin`` is the current place); Apple's Map Links (``daddr``, ``dirflg=d`` drives); and
    ``geo:`` of RFC 5870 with Android's ``q=lat,lon(label)``, without which its apps show a place and mark none.
    """
    shifted, bd09, plain = (_written(position, crs) for crs in (Crs.GCJ02, Crs.BD09, Crs.WGS84))
    is_shifted = shifted != plain
    links = (
        (AMAP, _amap(shifted, name, coordinate="gaode" if is_shifted else "wgs84")),
        (BAIDU, _baidu(bd09, name, coord_type="bd09ll" if is_shifted else "wgs84")),
        (TENCENT, _tencent(shifted, name)),
        (GOOGLE, _url("https://www.google.com/maps/dir/", api="1", destination=shifted.lat_lon, travelmode="driving")),
        (APPLE, _url("https://maps.apple.com/", daddr=shifted.lat_lon, dirflg="d")),
        (OTHER, f"geo:{plain.lat_lon}?q={plain.lat_lon}({quote(name, safe='')})"),
    )
    return tuple(NavigationLink(app=app, url=url) for app, url in links)


@dataclass(frozen=True, slots=True)
class _Written:
    lon_lat: str
    lat_lon: str


def _written(position: Position, crs: Crs) -> _Written:
    lon, lat = array_from_wgs84(np.array([[position.lon, position.lat]]), crs=crs)[0]
    return _Written(lon_lat=f"{lon:.6f},{lat:.6f}", lat_lon=f"{lat:.6f},{lon:.6f}")


def _amap(at: _Written, name: str, *, coordinate: str) -> str:
    to = f"{at.lon_lat},{name.replace(',', ' ')}"  # a comma separates the values
    return _url("https://uri.amap.com/navigation", to=to, mode="car", coordinate=coordinate, callnative="1", src=_US)


def _baidu(at: _Written, name: str, *, coord_type: str) -> str:
    what = {"title": name, "content": name, "coord_type": coord_type, "output": "html", "src": _US}
    return _url("https://api.map.baidu.com/marker", location=at.lat_lon, **what)


def _tencent(at: _Written, name: str) -> str:
    where = {"fromcoord": "CurrentLocation", "to": name, "tocoord": at.lat_lon, "referer": _US}
    return _url("https://apis.map.qq.com/uri/v1/routeplan", type="drive", **where)


def _url(base: str, **facts: str) -> str:
    return f"{base}?{urlencode(facts, quote_via=quote)}"
