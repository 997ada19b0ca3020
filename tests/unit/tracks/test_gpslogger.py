"""What GPSLogger sends to the address that its user wrote, as fixes."""

import pytest
from support.posts import decoded, fix, reasons

from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Decoded, Other, Protocol

QUERIES = {
    "all that the app's own tests fill in": (
        (
            "lat=12.193&lon=19.111&sat=9&desc=blah&alt=45.0&acc=8.0&dir=359.0&prov=MOCK&spd=9001.0"
            "&time=2016-03-05T19:24:29.949Z&battery=91.0&androidId=22&serial=SRS11&activity=TILTED"
        ),
        fix(
            "22",
            "2016-03-05T19:24:29.949",
            19.111,
            12.193,
            accuracy_m=8.0,
            altitude_m=45.0,
            speed_mps=9001.0,
            heading_deg=359.0,
            battery_percent=91.0,
        ),
    ),
    "nothing known beside time and place": (
        (
            "lat=12.193&lon=19.111&sat=0&desc=&alt=0.0&acc=0.0&dir=0.0&prov=MOCK&spd=0.0&time=2016-03-05T19:24:29.949Z"
            "&battery=0.0&androidId=&serial=&activity="
        ),
        fix(
            None,
            "2016-03-05T19:24:29.949",
            19.111,
            12.193,
            altitude_m=0.0,
            speed_mps=0.0,
            heading_deg=0.0,
            battery_percent=0.0,
        ),
    ),
    "seconds made milliseconds": (
        "lat=12.193&lon=19.456&timestamp=1457205869000&ser=SRS11",
        fix("SRS11", "2016-03-05T19:24:29", 19.456, 12.193),
    ),
    "everything, as %ALL has it: the time with milliseconds and the speed in m/s count": (
        (
            "lat=12.193&lon=19.456&sat=4&desc=&alt=10.5&acc=4.5&dir=90.0&prov=gps&spd_kph=36.0&spd=10.0"
            "&timestamp=1457205869&timeoffset=2016-03-05T20:24:29.949%2B01:00&time=2016-03-05T19:24:29.949Z"
            "&starttimestamp=1457205000&date=2016-03-05&batt=50.0&ischarging=false&aid=ab12&ser=&act=&filename=20160305"
            "&profile=Default+Profile&hdop=1.2&vdop=&pdop=&dist=12"
        ),
        fix(
            "ab12",
            "2016-03-05T19:24:29.949",
            19.456,
            12.193,
            accuracy_m=4.5,
            altitude_m=10.5,
            speed_mps=10.0,
            heading_deg=90.0,
            battery_percent=50.0,
        ),
    ),
    "km/h, where nothing else says a speed": (
        "id=van7&lat=12.193&lon=19.456&time=2016-03-05T20:24:29+01:00&spd_kph=36.5",
        fix("van7", "2016-03-05T19:24:29", 19.456, 12.193, speed_mps=10.138889),
    ),
    "the address that the app comes with": (
        "lat=12.193&longitude=19.456&time=2016-03-05T19:24:29.949Z&s=3.5",
        fix(None, "2016-03-05T19:24:29.949", 19.456, 12.193, speed_mps=3.5),
    ),
    "Home Assistant's names": (
        (
            "latitude=12.193&longitude=19.456&device=van7&accuracy=12.0&battery=67.0&speed=3.5&direction=271.0"
            "&altitude=104.0&provider=gps&activity=&timestamp=1457205869"
        ),
        fix(
            "van7",
            "2016-03-05T19:24:29",
            19.456,
            12.193,
            accuracy_m=12.0,
            altitude_m=104.0,
            speed_mps=3.5,
            heading_deg=271.0,
            battery_percent=67.0,
        ),
    ),
    "no time": (
        "id=van7&lat=12.193&lon=19.456",
        fix("van7", "2026-11-26T12:00:00", 19.456, 12.193),
    ),
}


@pytest.mark.parametrize(("query", "expected"), QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("place", ["query", "form"])
def test_fields_become_a_fix_from_a_query_as_from_a_form(query: str, expected: Fix, place: str) -> None:
    """Speeds are in m/s; what the user named otherwise is understood."""
    found = decoded(Protocol.GPSLOGGER, **({"query": query} if place == "query" else {"body": query}))

    assert found == Decoded(fixes=(expected,))


def test_json_becomes_a_fix() -> None:
    """As the user wrote it, numbers and all; the query may name the device."""
    body = '{"time": 1457205869, "latitude": 12.193, "longitude": 19.456, "altitude": 10.5, "accuracy": 4.5}'

    assert decoded(Protocol.GPSLOGGER, body, query="id=van7").fixes == (
        fix("van7", "2016-03-05T19:24:29", 19.456, 12.193, altitude_m=10.5, accuracy_m=4.5),
    )


def test_a_list_of_json_becomes_fixes() -> None:
    """One bad one costs no other."""
    good = '{"lat":1,"lon":2,"time":"2026-11-26T08:00:00Z","id":"a"}'

    found = decoded(Protocol.GPSLOGGER, f'[{good},{{"lat":"%LAT","lon":"%LON"}},{good}]')

    assert found.fixes == (fix("a", "2026-11-26T08:00:00", 2.0, 1.0),) * 2
    assert reasons(found) == ["Number 2: “%LON” is no longitude."]


def test_a_place_that_the_app_did_not_fill_in_is_told_as_it_stands() -> None:
    """So that whoever wrote the address sees what is wrong with it."""
    assert reasons(decoded(Protocol.GPSLOGGER, query="lat=1&lon=%LONG")) == ["“%LONG” is no longitude."]


def test_nothing_at_all_is_nothing() -> None:
    """Neither a query nor a body."""
    assert decoded(Protocol.GPSLOGGER) == Decoded(others=(Other.EMPTY,))
