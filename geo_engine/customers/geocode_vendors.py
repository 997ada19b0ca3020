"""What each geocoding service asks for and answers, as its documentation says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from geo_engine.geometry.crs import Crs, Region

type Payload = object
"""Decoded JSON, of a shape that is not yet known to be right."""


class GeocodingService(StrEnum):
    """A service addresses can be looked up at."""

    AMAP = "amap"
    BAIDU = "baidu"
    TIANDITU = "tianditu"
    NOMINATIM = "nominatim"


class Refusal(StrEnum):
    """Why a service gave no answer; `ADDRESS` is about the one address asked, all others about every address."""

    ADDRESS = "address"
    KEY = "key"
    QUOTA = "quota"
    FAILURE = "failure"


class ServiceRefused(Exception):
    """The service understood the question and did not answer it; the code is the service's own."""

    def __init__(self, refusal: Refusal, code: str) -> None:
        super().__init__(refusal, code)
        self.refusal = refusal
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlace:
    """One answer of a service.

    Parameters
    ----------
    label
        The place in the service's words; empty when it sends none.
    lon, lat
        Degrees, in the service's own reference system.
    confidence
        0 to 1: how exactly the position stands for such a place, by the service's own level or score.
    """

    label: str
    lon: float
    lat: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """How one service is asked and understood.

    Parameters
    ----------
    base_url
        The documented address of the service, used unless an installation names its own.
    crs, region
        What its coordinates are written in, and where; elsewhere they are WGS 84.
    interval_s
        Least seconds between two questions to the documented address, by the service's usage policy.
    build_query
        Address and key to query parameters.
    read_answer
        Payload to places, best first. It raises ServiceRefused, or KeyError, TypeError, ValueError
        on a payload of another shape.
    """

    name: str
    base_url: str
    crs: Crs
    needs_key: bool
    build_query: Callable[[str, str], Mapping[str, str]]
    read_answer: Callable[[Payload], tuple[FoundPlace, ...]]
    region: Region = Region.MAINLAND
    interval_s: float = 0.0


# What a level stands for, by its usual extent: a door 1.0, a street 0.6 (kilometres long), a district 0.3.
_DOOR, _VILLAGE, _STREET, _TOWN, _DISTRICT, _CITY = 1.0, 0.7, 0.6, 0.4, 0.3, 0.1
_AMAP_LEVELS = {
    **dict.fromkeys(("门牌号", "门址", "单元号", "楼层", "房间", "兴趣点", "公交地铁站点", "公交站台、地铁站"), _DOOR),
    "住宅区": 0.9,
    "道路交叉路口": 0.9,
    **dict.fromkeys(("村庄", "小巷"), _VILLAGE),
    **dict.fromkeys(("道路", "热点商圈"), _STREET),
    **dict.fromkeys(("乡镇", "开发区"), _TOWN),
    "区县": _DISTRICT,
    **dict.fromkeys(("市", "省", "国家"), _CITY),
}
_AMAP_NOTHING_FOUND = "30001"
_AMAP_KEY_CODES = frozenset({"10001", "10002", "10005", "10006", "10007", "10008", "10009", "10012", "10013", "10026"})
_AMAP_QUOTA_CODES = frozenset({"10003", "10004", "10010", "10014", "10019", "10020", "10021", "10044", "10045"})
_BAIDU_KEY_CODES = frozenset({"3", "5", "9"})
# 1: its engine failed on the question, which is how it answers nonsense; 2, 8: the address cannot be parsed.
_BAIDU_ADDRESS_CODES = frozenset({"1", "2", "8"})
_BAIDU_NOTHING_FOUND = "无相关结果"
_TIANDITU_NOTHING_FOUND = "101"
_TIANDITU_ADDRESS_CODE = "404"


def read_amap(payload: Payload) -> tuple[FoundPlace, ...]:
    """Return AMap's places, GCJ-02 (``/v3/geocode/geo``; empty texts come as empty lists)."""
    answer = _object(payload)
    code = str(answer.get("infocode", ""))
    if str(answer["status"]) != "1":
        if code == _AMAP_NOTHING_FOUND:
            return ()
        raise ServiceRefused(_amap_refusal(code), code)
    return tuple(_amap_place(_object(place)) for place in _list(answer["geocodes"]) if _object(place).get("location"))


def _amap_refusal(code: str) -> Refusal:
    # 2xxxx and 3xxxx are about the parameters and what the engine made of them, 4xxxx about the paid plan.
    if code in _AMAP_KEY_CODES:
        return Refusal.KEY
    if code in _AMAP_QUOTA_CODES or (len(code) == 5 and code[0] == "4"):
        return Refusal.QUOTA
    return Refusal.ADDRESS if len(code) == 5 and code[0] in "23" else Refusal.FAILURE


def _amap_place(place: Mapping[str, object]) -> FoundPlace:
    lon, lat = str(place["location"]).split(",")
    level = str(place.get("level", ""))
    label = place.get("formatted_address")
    return FoundPlace(
        label=label if isinstance(label, str) else "",
        lon=float(lon),
        lat=float(lat),
        confidence=_AMAP_LEVELS.get(level, _STREET),
    )


def read_baidu(payload: Payload) -> tuple[FoundPlace, ...]:
    """Return Baidu's place, BD-09 (``/geocoding/v3``).

    Its `confidence` grows with exactness (80: error below 100 m), `comprehension` with how much of
    the address was understood; the lower one counts. It names no place, only a level.
    """
    answer = _object(payload)
    code = str(answer["status"])
    if code != "0":
        if _BAIDU_NOTHING_FOUND in str(answer.get("msg", answer.get("message", ""))):
            return ()
        raise ServiceRefused(_baidu_refusal(code), code)
    if not answer.get("result"):
        return ()
    result = _object(answer["result"])
    location = _object(result["location"])
    confidence = min(_number(result["confidence"]), _number(result.get("comprehension", 100))) / 100
    return (
        FoundPlace(label="", lon=_number(location["lng"]), lat=_number(location["lat"]), confidence=_share(confidence)),
    )


def _baidu_refusal(code: str) -> Refusal:
    # 3, 5, 9, 1xx and 2xx are about the key and its rights, 4, 3xx and 4xx about quotas.
    if code in _BAIDU_KEY_CODES or (len(code) == 3 and code[0] in "12"):
        return Refusal.KEY
    if code in _BAIDU_ADDRESS_CODES:
        return Refusal.ADDRESS
    return Refusal.QUOTA if code == "4" or (len(code) == 3 and code[0] in "34") else Refusal.FAILURE


def read_tianditu(payload: Payload) -> tuple[FoundPlace, ...]:
    """Return Tianditu's place, CGCS2000, which is WGS 84 to some decimetres (``/geocoder``)."""
    answer = _object(payload)
    if "status" not in answer and "code" in answer:
        raise ServiceRefused(Refusal.KEY, str(answer["code"]))
    code = str(answer["status"])
    if code not in {"0", _TIANDITU_NOTHING_FOUND}:
        raise ServiceRefused(Refusal.ADDRESS if code == _TIANDITU_ADDRESS_CODE else Refusal.FAILURE, code)
    if code == _TIANDITU_NOTHING_FOUND or not answer["location"]:
        return ()
    place = _object(answer["location"])
    return (
        FoundPlace(
            label=str(place.get("keyWord", "")),
            lon=_number(place["lon"]),
            lat=_number(place["lat"]),
            confidence=_share(_number(place["score"]) / 100),
        ),
    )


def read_nominatim(payload: Payload) -> tuple[FoundPlace, ...]:
    """Return Nominatim's places, WGS 84 (``/search`` as ``jsonv2``; rank 30 is a house, 26 a street)."""
    if isinstance(payload, Mapping) and "error" in payload:
        error = payload["error"]
        code = str(error.get("code", "error")) if isinstance(error, Mapping) else "error"
        raise ServiceRefused(Refusal.ADDRESS if code == "400" else Refusal.FAILURE, code)
    return tuple(
        FoundPlace(
            label=str(place["display_name"]),
            lon=_number(place["lon"]),
            lat=_number(place["lat"]),
            confidence=_nominatim_confidence(_number(place.get("place_rank", 0))),
        )
        for place in map(_object, _list(payload))
    )


def _nominatim_confidence(rank: float) -> float:
    limits = ((28, _DOOR), (26, _STREET), (20, _TOWN), (17, _DISTRICT))
    return next((confidence for limit, confidence in limits if rank >= limit), _CITY)


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(type(value).__name__)
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TypeError(type(value).__name__)
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(type(value).__name__)
    return float(value)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
