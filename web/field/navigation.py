"""Where a tap on “navigate” leads: each map app's own address, in the coordinates that app expects."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import numpy as np

from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, Region, array_from_wgs84
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

AMAP, BAIDU, TENCENT = Message("AMap"), Message("Baidu Maps"), Message("Tencent Maps")
GOOGLE, APPLE, OTHER = Message("Google Maps"), Message("Apple Maps"), Message("Other app")
_US = "geo-engine"
_AMAP_MODES = {TravelMode.CAR: "car", TravelMode.EBIKE: "ride", TravelMode.BICYCLE: "ride", TravelMode.FOOT: "walk"}
_TENCENT_MODES = {
    TravelMode.CAR: "drive",
    TravelMode.EBIKE: "bike",
    TravelMode.BICYCLE: "bike",
    TravelMode.FOOT: "walk",
}
_GOOGLE_MODES = {
    TravelMode.CAR: "driving",
    TravelMode.EBIKE: "bicycling",
    TravelMode.BICYCLE: "bicycling",
    TravelMode.FOOT: "walking",
}
_APPLE_MODES = {TravelMode.CAR: "d", TravelMode.FOOT: "w"}  # it has no letter for a bicycle


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLink:
    """A map app and where it is opened with a place as its destination."""

    app: Message
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destination:
    """A place as an app writes it; `is_shifted` when that is not WGS 84."""

    name: str
    lon_lat: str
    lat_lon: str
    is_shifted: bool
    mode: TravelMode


@dataclass(frozen=True, slots=True, kw_only=True)
class _MapApp:
    """What an app's coordinates are written in within its region; elsewhere they are WGS 84."""

    name: Message
    crs: Crs
    region: Region = Region.MAINLAND
    url: Callable[[_Destination], str]


def navigation_links(position: Position, name: str, mode: TravelMode = TravelMode.CAR) -> tuple[NavigationLink, ...]:
    """Return the ways to be led to a place, those used in China first.

    Parameters
    ----------
    position
        WGS 84; each app is given it in its own system where the app's region has it, and as it is elsewhere.
    mode
        How the worker travels; an app that cannot be told so asks, or leads as it is set to.

    Notes
    -----
    As documented by each: AMap's URI API, ``/navigation`` (lbs.amap.com: ``to=lon,lat,name``, no ``from`` is the
    current place, ``coordinate`` is ``gaode`` or ``wgs84``, ``callnative=1`` opens the app,
    ``mode`` is ``car``, ``ride`` or ``walk``); Baidu's URI API,
    ``/marker`` (lbsyun.baidu.com: ``location=lat,lon``, ``coord_type`` is ``bd09ll`` or ``wgs84``; ``/direction`` wants
    an origin, so the link opens the place, from where it leads there); Tencent's URI API, ``/routeplan``
    (lbs.qq.com: ``tocoord=lat,lon``, ``fromcoord=CurrentLocation``, ``referer`` names the caller); Google's Maps URLs,
    ``/maps/dir/?api=1`` (no ``origin`` is the current place); Apple's Map Links (``daddr``, ``dirflg`` is ``d`` or
    ``w``); and ``geo:`` of RFC 5870 with Android's ``q=lat,lon(label)``, without which its apps show a place and mark
    none.
    """
    return tuple(NavigationLink(app=app.name, url=app.url(_destination(position, name, app, mode))) for app in _APPS)


def _destination(position: Position, name: str, app: _MapApp, mode: TravelMode) -> _Destination:
    given = np.array([[position.lon, position.lat]])
    written = array_from_wgs84(given, crs=app.crs, region=app.region)
    lon, lat = written[0]
    return _Destination(
        name=name,
        lon_lat=f"{lon:.6f},{lat:.6f}",
        lat_lon=f"{lat:.6f},{lon:.6f}",
        is_shifted=not np.array_equal(written, given),
        mode=mode,
    )


def _amap(at: _Destination) -> str:
    to = f"{at.lon_lat},{at.name.replace(',', ' ')}"  # a comma separates the values
    coordinate = "gaode" if at.is_shifted else "wgs84"
    how = {"mode": _AMAP_MODES[at.mode], "coordinate": coordinate, "callnative": "1", "src": _US}
    return _url("https://uri.amap.com/navigation", to=to, **how)


def _baidu(at: _Destination) -> str:
    coord_type = "bd09ll" if at.is_shifted else "wgs84"
    what = {"title": at.name, "content": at.name, "coord_type": coord_type, "output": "html", "src": _US}
    return _url("https://api.map.baidu.com/marker", location=at.lat_lon, **what)


def _tencent(at: _Destination) -> str:
    where = {"fromcoord": "CurrentLocation", "to": at.name, "tocoord": at.lat_lon, "referer": _US}
    return _url("https://apis.map.qq.com/uri/v1/routeplan", type=_TENCENT_MODES[at.mode], **where)


def _google(at: _Destination) -> str:
    return _url("https://www.google.com/maps/dir/", api="1", destination=at.lat_lon, travelmode=_GOOGLE_MODES[at.mode])


def _apple(at: _Destination) -> str:
    known = _APPLE_MODES.get(at.mode)
    return _url("https://maps.apple.com/", daddr=at.lat_lon, **({} if known is None else {"dirflg": known}))


def _geo(at: _Destination) -> str:
    return f"geo:{at.lat_lon}?q={at.lat_lon}({quote(at.name, safe='')})"


def _url(base: str, **facts: str) -> str:
    return f"{base}?{urlencode(facts, quote_via=quote)}"


# Regions: AMap's isAMapDataAvailable (lbs.amap.com: the mainland, Hong Kong and Macao), Baidu's note on coordinates
# (lbsyun.baidu.com: BD-09 in Hong Kong, Macao and Taiwan too), Tencent's FAQ on coordinates (lbs.qq.com: the
# mainland, Hong Kong and Macao; WGS 84 in Taiwan and abroad).
_APPS = (
    _MapApp(name=AMAP, crs=Crs.GCJ02, region=Region.WITH_HONG_KONG_MACAO, url=_amap),
    _MapApp(name=BAIDU, crs=Crs.BD09, region=Region.WITH_HONG_KONG_MACAO_TAIWAN, url=_baidu),
    _MapApp(name=TENCENT, crs=Crs.GCJ02, region=Region.WITH_HONG_KONG_MACAO, url=_tencent),
    _MapApp(name=GOOGLE, crs=Crs.GCJ02, url=_google),
    _MapApp(name=APPLE, crs=Crs.GCJ02, url=_apple),
    _MapApp(name=OTHER, crs=Crs.WGS84, url=_geo),
)
