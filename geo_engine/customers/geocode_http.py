"""How an address is looked up at a configured service over HTTP."""

import json
import logging
import re
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Self

import httpx
from rapidfuzz import fuzz, utils

from geo_engine.customers.geocode_vendors import (
    FoundPlace,
    GeocodingService,
    Refusal,
    ServiceRefused,
    Vendor,
    read_amap,
    read_baidu,
    read_nominatim,
    read_tianditu,
)
from geo_engine.customers.geocoding import GeocodeCandidate, Geocoding
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geometry.crs import Crs, Region, position_in, to_wgs84
from geo_engine.tables.json_text import find_json
from geo_engine.words import Message

DEFAULT_TIMEOUT_S = 5.0
_USER_AGENT = f"geo-engine/{version('geo-engine')} (plans the routes of field staff; looks up customers' addresses)"
# A house number that was asked for and is not in the answer makes the answer a neighbour at best.
_OTHER_NUMBER_FACTOR = 0.7
_CODE = re.compile(r"(HTTP )?\w{1,8}")

VENDORS = {
    GeocodingService.AMAP: Vendor(
        name="AMap",
        base_url="https://restapi.amap.com/v3/geocode/geo",
        crs=Crs.GCJ02,
        region=Region.WITH_HONG_KONG_MACAO,  # where its documentation says that there are data of its own
        needs_key=True,
        build_query=lambda address, key: {"address": address, "output": "JSON", "key": key},
        read_answer=read_amap,
    ),
    GeocodingService.BAIDU: Vendor(
        name="Baidu",
        base_url="https://api.map.baidu.com/geocoding/v3/",
        crs=Crs.BD09,
        region=Region.WITH_HONG_KONG_MACAO_TAIWAN,  # as its documentation says of what it puts out
        needs_key=True,
        build_query=lambda address, key: {"address": address, "output": "json", "ak": key},
        read_answer=read_baidu,
    ),
    GeocodingService.TIANDITU: Vendor(
        name="Tianditu",
        base_url="https://api.tianditu.gov.cn/geocoder",
        crs=Crs.WGS84,
        needs_key=True,
        build_query=lambda address, key: {"ds": json.dumps({"keyWord": address}, ensure_ascii=False), "tk": key},
        read_answer=read_tianditu,
    ),
    GeocodingService.NOMINATIM: Vendor(
        name="Nominatim",
        base_url="https://nominatim.openstreetmap.org/search",
        crs=Crs.WGS84,
        needs_key=False,
        build_query=lambda address, _key: {"q": address, "format": "jsonv2", "limit": "5"},
        read_answer=read_nominatim,
        interval_s=1.0,
    ),
}


def _hide_query(record: logging.LogRecord) -> bool:
    """Take the query, which carries the key, out of the addresses httpx logs."""
    if isinstance(record.args, tuple):
        record.args = tuple(arg.copy_with(query=None) if isinstance(arg, httpx.URL) else arg for arg in record.args)
    return True


logging.getLogger("httpx").addFilter(_hide_query)


class Pace:
    """Keeps questions apart by a least interval.

    Parameters
    ----------
    interval_s
        From one question to the next, in seconds; 0 never waits.
    clock, sleep
        A clock that never goes back and what waits, both in seconds.
    """

    def __init__(
        self,
        interval_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval_s, self._clock, self._sleep = interval_s, clock, sleep
        self._next_s = float("-inf")

    def wait(self) -> None:
        """Return when the next question may be asked."""
        while (left_s := self._next_s - self._clock()) > 0:
            self._sleep(left_s)
        self._next_s = self._clock() + self._interval_s


def interval_s(vendor: Vendor, base_url: str) -> float:
    """Return the least seconds between questions to a base address; a server of one's own has no such limit."""
    try:
        host = httpx.URL(base_url).host
    except httpx.InvalidURL:
        return 0.0  # asking will say that it cannot be reached
    return vendor.interval_s if host == httpx.URL(vendor.base_url).host else 0.0


class HttpGeocoder:
    """A geocoder that asks one service; use it in a ``with`` block, which keeps its connection open.

    Parameters
    ----------
    key
        The installation's key; it appears in no message and no log.
    base_url
        Where the service answers; the vendor's documented address unless given.
    timeout_s
        For each of connecting, sending and receiving.
    pace
        Keeps questions apart; by the vendor's usage policy unless given.

    Raises
    ------
    Unavailable
        When the service needs a key and there is none.
    """

    def __init__(
        self,
        service: GeocodingService,
        *,
        key: str = "",
        base_url: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        pace: Pace | None = None,
    ) -> None:
        self._vendor = VENDORS[service]
        if self._vendor.needs_key and not key:
            raise Unavailable(Message("The geocoding service {service} needs a key.", {"service": self._vendor.name}))
        self._source = f"http:{service}"
        self._key = key
        self._base_url = base_url or self._vendor.base_url
        self._pace = pace or Pace(interval_s(self._vendor, self._base_url))
        self._client = httpx.Client(timeout=timeout_s, headers={"User-Agent": _USER_AGENT})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def geocode(self, address: str) -> Geocoding:
        """Return what `address` may mean by the service, best first, in WGS 84.

        No candidates when the service knows no such place or refuses this one address.

        Raises
        ------
        Unavailable
            When the service cannot be reached, fails, refuses the key, has used up its quota, or answers in no
            form it documents.
        """
        found = self._ask(address)
        try:
            candidates = [self._candidate(address, place) for place in found]
        except InvalidInput:
            raise Unavailable(_unreadable(self._vendor)) from None
        return Geocoding(address=address, candidates=tuple(sorted(candidates, key=lambda candidate: -candidate.score)))

    def _ask(self, address: str) -> tuple[FoundPlace, ...]:
        # Every raise is from None: the client's errors carry the address asked, and with it the key.
        self._pace.wait()
        try:
            response = self._client.get(self._base_url, params=dict(self._vendor.build_query(address, self._key)))
            _require_success(response)
            return self._vendor.read_answer(find_json(response.content))
        except httpx.TimeoutException:
            raise Unavailable(
                Message("The geocoding service {service} did not answer in time.", {"service": self._vendor.name})
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable(
                Message("The geocoding service {service} cannot be reached.", {"service": self._vendor.name})
            ) from None
        except ServiceRefused as refused:
            if refused.refusal is Refusal.ADDRESS:
                return ()
            raise Unavailable(_refused(self._vendor, refused)) from None
        except (KeyError, TypeError, ValueError):
            raise Unavailable(_unreadable(self._vendor)) from None

    def _candidate(self, address: str, place: FoundPlace) -> GeocodeCandidate:
        return GeocodeCandidate(
            label=place.label or address,
            position=to_wgs84(position_in(self._vendor.crs, place.lon, place.lat), region=self._vendor.region),
            score=round(_score(address, place), 3),
            source=self._source,
        )


def _refused(vendor: Vendor, refused: ServiceRefused) -> Message:
    code = refused.code if _CODE.fullmatch(refused.code) else "?"
    facts = {"service": vendor.name, "code": code}
    match refused.refusal:
        case Refusal.KEY:
            return Message("The geocoding service {service} refused the key (code {code}).", facts)
        case Refusal.QUOTA:
            return Message("The geocoding service {service} has used up its quota for now (code {code}).", facts)
        case _:
            return Message("The geocoding service {service} failed (code {code}).", facts)


def _unreadable(vendor: Vendor) -> Message:
    return Message("The geocoding service {service} gave an answer that cannot be read.", {"service": vendor.name})


def _require_success(response: httpx.Response) -> None:
    # What an HTTP server says of a question it cannot take: malformed (400, 422) or too long (414).
    refusals = {
        **dict.fromkeys((400, 414, 422), Refusal.ADDRESS),
        **dict.fromkeys((401, 403), Refusal.KEY),
        429: Refusal.QUOTA,
    }
    if response.status_code != httpx.codes.OK:
        raise ServiceRefused(refusals.get(response.status_code, Refusal.FAILURE), f"HTTP {response.status_code}")


def _score(address: str, place: FoundPlace) -> float:
    """Return how well `place` fits: the service's confidence, lowered by what differs in the words."""
    if not place.label:
        return place.confidence
    words = fuzz.token_set_ratio(address, place.label, processor=utils.default_process)
    part = fuzz.partial_ratio(address, place.label, processor=utils.default_process)
    has_numbers = set(re.findall(r"\d+", address)) <= set(re.findall(r"\d+", place.label))
    return place.confidence * (0.5 + max(words, part) / 200) * (1.0 if has_numbers else _OTHER_NUMBER_FACTOR)
