"""Addresses are looked up at services over real connections, here to a server on this machine."""

import json
import logging
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from geo_engine.customers.geocode_http import VENDORS, HttpGeocoder, Pace, interval_s
from geo_engine.customers.geocode_vendors import GeocodingService
from geo_engine.errors import Unavailable
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Bd09Position, Gcj02Position, array_from_wgs84, to_wgs84

KEY = "s3cret-key-7f1"
ADDRESS = "北京市朝阳区阜通东大街6号"


@dataclass
class Service:
    """What the server answers next, and what it was asked."""

    url: str
    status: int = 200
    body: bytes = b"{}"
    is_silent: bool = False
    queries: list[dict[str, list[str]]] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def answers(self, payload: object, *, status: int = 200) -> None:
        """Answer the next requests with `payload`."""
        self.status, self.body = status, json.dumps(payload).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    """Return a geocoding service on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.queries.append(parse_qs(urlsplit(self.path).query))
            known.user_agents.append(self.headers["User-Agent"])
            if known.is_silent:
                known.released.wait(10)
                return
            self.send_response(known.status)
            self.send_header("Content-Length", str(len(known.body)))
            self.end_headers()
            self.wfile.write(known.body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Service(url=f"http://127.0.0.1:{server.server_port}/geocode")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield known
    known.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def amap(location: str, label: str = ADDRESS, level: str = "门址") -> dict[str, object]:
    """Return an answer of AMap with one place."""
    place = {"formatted_address": label, "location": location, "level": level}
    return {"status": "1", "info": "OK", "infocode": "10000", "count": "1", "geocodes": [place]}


def test_amap_is_asked_and_converted(service: Service) -> None:
    """The address and key reach the service; its GCJ-02 answer comes back in WGS 84 with its source."""
    service.answers(amap("116.482086,39.990496"))

    with HttpGeocoder(GeocodingService.AMAP, key=KEY, base_url=service.url) as geocoder:
        geocoding = geocoder.geocode(ADDRESS)

    assert service.queries == [{"address": [ADDRESS], "output": ["JSON"], "key": [KEY]}]
    assert geocoding.best is not None
    assert geocoding.best.position == to_wgs84(Gcj02Position(116.482086, 39.990496))
    assert (geocoding.best.source, geocoding.best.label, geocoding.best.score) == ("http:amap", ADDRESS, 1.0)
    assert geocoding.is_confident


def test_baidu_is_asked_and_converted(service: Service) -> None:
    """Baidu's BD-09 answer comes back in WGS 84; its own confidence is the score."""
    location = {"lng": 116.30814954222, "lat": 40.056885091681}
    service.answers({"status": 0, "result": {"location": location, "precise": 1, "confidence": 70}})

    with HttpGeocoder(GeocodingService.BAIDU, key=KEY, base_url=service.url) as geocoder:
        geocoding = geocoder.geocode(ADDRESS)

    assert service.queries[0]["ak"] == [KEY]
    assert geocoding.best is not None
    assert geocoding.best.position == to_wgs84(Bd09Position(116.30814954222, 40.056885091681))
    assert (geocoding.best.source, geocoding.best.score, geocoding.is_confident) == ("http:baidu", 0.7, False)


@pytest.mark.parametrize(
    ("wgs84", "vendor", "is_shifted"),
    [
        ((114.1582, 22.2819), GeocodingService.AMAP, True),
        ((121.5645, 25.0338), GeocodingService.AMAP, False),
        ((121.5645, 25.0338), GeocodingService.BAIDU, True),
        ((126.978, 37.566), GeocodingService.BAIDU, False),
    ],
    ids=["AMap in Hong Kong", "AMap in Taipei", "Baidu in Taipei", "Baidu in Seoul"],
)
def test_each_service_is_read_by_the_region_it_declares(
    service: Service, wgs84: tuple[float, float], vendor: GeocodingService, *, is_shifted: bool
) -> None:
    """What a service shifts beyond the mainland is shifted back, and what it does not is taken as it is."""
    crs = VENDORS[vendor].crs
    given = np.array([wgs84])
    lon, lat = (array_from_wgs84(given, crs=crs, region=VENDORS[vendor].region) if is_shifted else given)[0].tolist()
    of_baidu = {"status": 0, "result": {"location": {"lng": lon, "lat": lat}, "confidence": 90}}
    service.answers(of_baidu if vendor is GeocodingService.BAIDU else amap(f"{lon},{lat}"))

    with HttpGeocoder(vendor, key=KEY, base_url=service.url) as geocoder:
        found = geocoder.geocode(ADDRESS).best

    assert found is not None
    assert (found.position.lon, found.position.lat) == pytest.approx(wgs84, abs=1e-6)
    assert (abs(lon - wgs84[0]) > 0.001) == is_shifted


def test_tianditu_is_asked_in_its_own_form(service: Service) -> None:
    """Tianditu takes JSON in a parameter and answers in CGCS2000, taken as WGS 84."""
    place = {"score": 95, "level": "门址", "lon": "116.290158", "lat": "39.894696", "keyWord": ADDRESS}
    service.answers({"msg": "ok", "location": place, "status": "0"})

    with HttpGeocoder(GeocodingService.TIANDITU, key=KEY, base_url=service.url) as geocoder:
        geocoding = geocoder.geocode(ADDRESS)

    assert json.loads(service.queries[0]["ds"][0]) == {"keyWord": ADDRESS}
    assert geocoding.best is not None
    assert geocoding.best.position == Position(116.290158, 39.894696)
    assert geocoding.best.score == 0.95


def test_nominatim_answers_are_put_in_order_by_what_was_asked(service: Service) -> None:
    """The house with the number asked for comes first, a neighbour and the street are not relied on."""
    labels = [(26, "Rue Grimaldi, Monaco"), (30, "14, Rue Grimaldi, Monaco"), (30, "12, Rue Grimaldi, Monaco")]
    service.answers(
        [{"lat": "43.73", "lon": "7.41", "place_rank": rank, "display_name": label} for rank, label in labels]
    )

    with HttpGeocoder(GeocodingService.NOMINATIM, base_url=service.url) as geocoder:
        geocoding = geocoder.geocode("12 Rue Grimaldi, Monaco")

    assert [candidate.label for candidate in geocoding.candidates] == [
        "12, Rue Grimaldi, Monaco",
        "14, Rue Grimaldi, Monaco",
        "Rue Grimaldi, Monaco",
    ]
    assert [candidate.score >= 0.8 for candidate in geocoding.candidates] == [True, False, False]


def test_a_district_is_never_confident(service: Service) -> None:
    """An answer that only names the district is kept for a person to look at."""
    service.answers(amap("116.44,39.92", label="北京市朝阳区", level="区县"))

    with HttpGeocoder(GeocodingService.AMAP, key=KEY, base_url=service.url) as geocoder:
        geocoding = geocoder.geocode(ADDRESS)

    assert geocoding.best is not None
    assert not geocoding.is_confident


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, b'{"status":"0","infocode":"10001"}', "The geocoding service AMap refused the key (code 10001)."),
        (
            200,
            b'{"status":"0","infocode":"10003"}',
            "The geocoding service AMap has used up its quota for now (code 10003).",
        ),
        (200, b'{"status":"0","infocode":"s3cret-key-7f1"}', "The geocoding service AMap failed (code ?)."),
        (500, b"oops", "The geocoding service AMap failed (code HTTP 500)."),
        (302, b"", "The geocoding service AMap failed (code HTTP 302)."),
        (403, b"", "The geocoding service AMap refused the key (code HTTP 403)."),
        (429, b"", "The geocoding service AMap has used up its quota for now (code HTTP 429)."),
        (200, b"<html>", "The geocoding service AMap gave an answer that cannot be read."),
        (200, b"\xff\xfe", "The geocoding service AMap gave an answer that cannot be read."),
        (200, b"[]", "The geocoding service AMap gave an answer that cannot be read."),
        (
            200,
            b'{"status":"1","geocodes":[{"location":"900,39"}]}',
            "The geocoding service AMap gave an answer that cannot be read.",
        ),
    ],
)
def test_a_service_that_fails_is_unavailable(service: Service, status: int, body: bytes, message: str) -> None:
    """Refused keys, used-up quotas, failures and nonsense are told apart, and the key is never told."""
    service.status, service.body = status, body

    with (
        HttpGeocoder(GeocodingService.AMAP, key=KEY, base_url=service.url) as geocoder,
        pytest.raises(Unavailable) as failed,
    ):
        geocoder.geocode(ADDRESS)

    assert str(failed.value) == message
    assert failed.value.__cause__ is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"status":"0","info":"INVALID_PARAMS","infocode":"20000"}'),
        (200, b'{"status":"0","info":"ENGINE_RESPONSE_DATA_ERROR","infocode":"30002"}'),
        (400, b""),
        (414, b""),
    ],
)
def test_one_refused_address_costs_no_other(service: Service, status: int, body: bytes) -> None:
    """An address the service cannot take has no candidates, and the next one is asked as usual."""
    with HttpGeocoder(GeocodingService.AMAP, key=KEY, base_url=service.url) as geocoder:
        service.status, service.body = status, body
        refused = geocoder.geocode("?")
        service.answers(amap("116.482086,39.990496"))
        answered = geocoder.geocode(ADDRESS)

    assert refused.candidates == ()
    assert answered.is_confident


def test_the_service_is_told_who_asks(service: Service) -> None:
    """The user agent names the program, its version and what it does."""
    service.answers([])

    with HttpGeocoder(GeocodingService.NOMINATIM, base_url=service.url) as geocoder:
        geocoder.geocode("12 Rue Grimaldi, Monaco")

    assert re.fullmatch(r"geo-engine/[\d.]+ \(.{20,}\)", service.user_agents[0])


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept_s: list[float] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept_s.append(seconds)
        self.now_s += seconds


def test_questions_are_kept_a_second_apart(service: Service) -> None:
    """The first is asked at once, the next waits for what is left of the second, a late one does not wait."""
    service.answers([])
    watch = Watch()
    pace = Pace(1.0, clock=watch.clock, sleep=watch.sleep)

    with HttpGeocoder(GeocodingService.NOMINATIM, base_url=service.url, pace=pace) as geocoder:
        geocoder.geocode("first")
        watch.now_s += 0.25
        geocoder.geocode("second")
        watch.now_s += 5.0
        geocoder.geocode("third")

    assert watch.slept_s == [0.75]
    assert len(service.queries) == 3


@pytest.mark.parametrize(
    ("service_name", "base_url", "expected_s"),
    [
        (GeocodingService.NOMINATIM, "https://nominatim.openstreetmap.org/search", 1.0),
        (GeocodingService.NOMINATIM, "https://Nominatim.OpenStreetMap.org/search?countrycodes=mc", 1.0),
        (GeocodingService.NOMINATIM, "http://127.0.0.1:8080/search", 0.0),
        (GeocodingService.NOMINATIM, "http://[::1", 0.0),
        (GeocodingService.AMAP, "https://restapi.amap.com/v3/geocode/geo", 0.0),
    ],
)
def test_only_the_public_nominatim_asks_for_a_pause(
    service_name: GeocodingService, base_url: str, expected_s: float
) -> None:
    """Its usage policy allows one question a second; a server of one's own has no such policy."""
    assert interval_s(VENDORS[service_name], base_url) == expected_s


def test_a_silent_service_is_given_up(service: Service) -> None:
    """No answer within the time is said so."""
    service.is_silent = True

    with (
        HttpGeocoder(GeocodingService.AMAP, key=KEY, base_url=service.url, timeout_s=0.2) as geocoder,
        pytest.raises(Unavailable, match=r"^The geocoding service AMap did not answer in time\.$"),
    ):
        geocoder.geocode(ADDRESS)


def test_a_service_that_is_not_there_cannot_be_reached() -> None:
    """A refused connection is said so."""
    with (
        HttpGeocoder(GeocodingService.BAIDU, key=KEY, base_url="http://127.0.0.1:9/") as geocoder,
        pytest.raises(Unavailable, match=r"^The geocoding service Baidu cannot be reached\.$"),
    ):
        geocoder.geocode(ADDRESS)


def test_the_key_is_never_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """Even the most talkative log shows the service's address without the query."""
    service.answers(amap("116.482086,39.990496"))

    with (
        caplog.at_level(logging.DEBUG),
        HttpGeocoder(GeocodingService.AMAP, key=KEY, base_url=service.url) as geocoder,
    ):
        geocoder.geocode(ADDRESS)

    assert service.url in caplog.text
    assert KEY not in caplog.text


def test_a_service_that_needs_a_key_is_not_asked_without_one() -> None:
    """The missing key is found when the geocoder is made."""
    with pytest.raises(Unavailable, match=r"^The geocoding service Tianditu needs a key\.$"):
        HttpGeocoder(GeocodingService.TIANDITU)
