"""What Traccar Client posts, in each of its generations, as fixes."""

import pytest
from support.posts import decoded, fix, reasons

from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Decoded, Other, Protocol, answer

CLIENT_9 = (
    '{"location":{"timestamp":"2025-06-15T13:45:12.862Z","coords":{"latitude":37.4219983,"longitude":-122.084,'
    '"accuracy":5,"speed":0,"heading":-1,"altitude":5},"is_moving":false,"odometer":0,"event":"motionchange",'
    '"battery":{"level":1,"is_charging":false},"activity":{"type":"still"},"extras":{},'
    '"_":"&id=48241179&lat=37.4219983&lon=-122.084&timestamp=2025-06-15T13:45:12.862Z&"},"device_id":"48241179"}'
)

QUERIES = {
    "a Traccar Client 8 of Android, whose accuracy 0 is unknown": (
        (
            "id=123456&timestamp=1764158400&lat=41.1579&lon=-8.6291&speed=10.0&bearing=90.5&altitude=104.0&accuracy=0.0"
            "&batt=87.0&charge=true&mock=true"
        ),
        fix(
            "123456",
            "2025-11-26T12:00:00",
            -8.6291,
            41.1579,
            altitude_m=104.0,
            speed_mps=5.144444,
            heading_deg=90.5,
            battery_percent=87.0,
            is_mock=True,
        ),
    ),
    "ISO 8601": (
        "id=902064&lat=42.06288&lon=-88.23412&timestamp=2016-01-27T18%3A55%3A47Z&hdop=6.0&altitude=224.0&speed=0.0",
        fix("902064", "2016-01-27T18:55:47", -88.23412, 42.06288, altitude_m=224.0, speed_mps=0.0),
    ),
    "milliseconds": (
        "id=902064&lat=42.06288&lon=-88.23412&timestamp=1442068686579&hdop=6.0&altitude=224.0&speed=0.0",
        fix("902064", "2015-09-12T14:38:06.579", -88.23412, 42.06288, altitude_m=224.0, speed_mps=0.0),
    ),
    "a date and time, which are UTC": (
        "lat=49.60688&lon=6.15788&timestamp=2014-06-04+09%3A10%3A11&altitude=384.7&speed=0.0&id=353861053849681",
        fix("353861053849681", "2014-06-04T09:10:11", 6.15788, 49.60688, altitude_m=384.7, speed_mps=0.0),
    ),
    "an offset whose plus sign nobody escaped": (
        "id=1&lat=60.0&lon=30.0&timestamp=2026-11-26T19:00:00+08:00",
        fix("1", "2026-11-26T11:00:00", 30.0, 60.0),
    ),
    "seconds": (
        "id=123456&timestamp=1377177267&lat=60.0&lon=30.0&speed=0.0&bearing=0.0&altitude=0&hdop=0.0",
        fix("123456", "2013-08-22T13:14:27", 30.0, 60.0, altitude_m=0.0, speed_mps=0.0, heading_deg=0.0),
    ),
    "the least there is": (
        "id=123456&timestamp=1377177267&lat=60.0&lon=30.0",
        fix("123456", "2013-08-22T13:14:27", 30.0, 60.0),
    ),
    "0, which is 1970 and not missing": (
        "id=123456&timestamp=0&lat=60.0&lon=30.0",
        fix("123456", "1970-01-01T00:00:00", 30.0, 60.0),
    ),
    "a body that ends in a new line": (
        "id=902064&lat=42.06288&lon=-88.23412&timestamp=2016-01-27T18:55:47Z\n",
        fix("902064", "2016-01-27T18:55:47", -88.23412, 42.06288),
    ),
    "no time, and a device id of its other name": (
        "lat=60.0&lon=30.0&speed=0.0&heading=0.0&vacc=0&hacc=0&altitude=0&deviceid=123456",
        fix("123456", "2026-11-26T12:00:00", 30.0, 60.0, altitude_m=0.0, speed_mps=0.0, heading_deg=0.0),
    ),
    "a battery": (
        "id=861001000719969&lat=41.666667&lon=-0.883333&altitude=350.059479&speed=0.000000&batt=87&timestamp=1764158400",
        fix(
            "861001000719969",
            "2025-11-26T12:00:00",
            -0.883333,
            41.666667,
            altitude_m=350.059479,
            speed_mps=0.0,
            battery_percent=87.0,
        ),
    ),
    "latitude before longitude in one field": (
        "id=123456&timestamp=1377177267&location=60.0,30.0",
        fix("123456", "2013-08-22T13:14:27", 30.0, 60.0),
    ),
    "knots of a tracker": (
        (
            "id=123456789012345&timestamp=1504763810&lat=40.7232948571&lon=-74.0061408571&bearing=7.19889788244&speed=40"
            "&ignition=true&rpm=933&fuel=24"
        ),
        fix(
            "123456789012345",
            "2017-09-07T05:56:50",
            -74.0061408571,
            40.7232948571,
            speed_mps=20.577778,
            heading_deg=7.19889788244,
        ),
    ),
    "an id with leading zeros, spaces and other letters": (
        "id=+007%20%E6%89%8B%E6%9C%BA&timestamp=1377177267&lat=60.0&lon=30.0",
        fix("007 手机", "2013-08-22T13:14:27", 30.0, 60.0),
    ),
    "no id at all": (
        "timestamp=1377177267&lat=60.0&lon=30.0",
        fix(None, "2013-08-22T13:14:27", 30.0, 60.0),
    ),
    "a position that rounding carried over the 180th meridian": (
        "id=1&timestamp=1377177267&lat=60.0&lon=-180.0096",
        fix("1", "2013-08-22T13:14:27", -180.0, 60.0),
    ),
}


@pytest.mark.parametrize(("query", "expected"), QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("place", ["query", "form"])
def test_fields_become_a_fix_from_a_query_as_from_a_form(query: str, expected: Fix, place: str) -> None:
    """The apps up to 8 send a query, by GET or by an empty POST; 10 sends a form."""
    found = decoded(Protocol.TRACCAR, **({"query": query} if place == "query" else {"body": query}))

    assert found == Decoded(fixes=(expected,))


BODIES = {
    "at a stand, with the template of fields": (
        CLIENT_9,
        [
            fix(
                "48241179",
                "2025-06-15T13:45:12.862",
                -122.084,
                37.4219983,
                accuracy_m=5.0,
                altitude_m=5.0,
                speed_mps=0.0,
                battery_percent=100.0,
            )
        ],
    ),
    "the same, named by the template alone": (
        CLIENT_9.replace(',"device_id":"48241179"', ""),
        [
            fix(
                "48241179",
                "2025-06-15T13:45:12.862",
                -122.084,
                37.4219983,
                accuracy_m=5.0,
                altitude_m=5.0,
                speed_mps=0.0,
                battery_percent=100.0,
            )
        ],
    ),
    "made up by a simulator, everything else −1": (
        (
            '{"location":{"extras":{},"mock":true,"coords":{"speed_accuracy":-1,"speed":-1,"longitude":-122.406417,'
            '"ellipsoidal_altitude":0,"floor":null,"heading_accuracy":-1,"latitude":37.785834000000001,"accuracy":5,'
            '"altitude_accuracy":-1,"altitude":0,"heading":-1},"is_moving":false,"age":188,"odometer":0,'
            '"uuid":"2FB04C65-99CF-42AB-8DD3-EBCB4B108BF8","event":"motionchange","battery":{"level":-1,'
            '"is_charging":false},"activity":{"type":"unknown","confidence":100},"timestamp":"2025-05-09T04:11:30.579Z"},'
            '"device_id":"658765"}'
        ),
        [
            fix(
                "658765",
                "2025-05-09T04:11:30.579",
                -122.406417,
                37.785834,
                accuracy_m=5.0,
                altitude_m=0.0,
                is_mock=True,
            )
        ],
    ),
    "driving, in m/s": (
        (
            '{"location":{"event":"motionchange","is_moving":false,"uuid":"0e9a2473-a9a7-4c00-997b-fb97d2154e75",'
            '"timestamp":"2021-07-21T08:06:34.444Z","odometer":0,"coords":{"latitude":-6.1148096,"longitude":106.6837015,'
            '"accuracy":3.8,"speed":18.67,"speed_accuracy":0.26,"heading":63,"heading_accuracy":0.28,"altitude":35.7,'
            '"altitude_accuracy":3.8},"activity":{"type":"still","confidence":100},"battery":{"is_charging":false,'
            '"level":0.29},"extras":{}},"device_id":"8737767034"}'
        ),
        [
            fix(
                "8737767034",
                "2021-07-21T08:06:34.444",
                106.6837015,
                -6.1148096,
                accuracy_m=3.8,
                altitude_m=35.7,
                speed_mps=18.67,
                heading_deg=63.0,
                battery_percent=29.0,
            )
        ],
    ),
    "a batch in one message": (
        (
            '{"location":[{"timestamp":"2025-06-15T13:45:12Z","coords":{"latitude":1,"longitude":2}},'
            '{"timestamp":"2025-06-15T13:45:13Z","coords":{"latitude":1.5,"longitude":2}}],"device_id":48241179}'
        ),
        [fix("48241179", "2025-06-15T13:45:12", 2.0, 1.0), fix("48241179", "2025-06-15T13:45:13", 2.0, 1.5)],
    ),
    "a batch of messages": (
        (
            '[{"location":{"timestamp":"2025-06-15T13:45:12Z","coords":{"latitude":1,"longitude":2}},"device_id":"a"},'
            '{"location":{"timestamp":"2025-06-15T13:45:13Z","coords":{"latitude":1.5,"longitude":2}},"device_id":"b"}]'
        ),
        [fix("a", "2025-06-15T13:45:12", 2.0, 1.0), fix("b", "2025-06-15T13:45:13", 2.0, 1.5)],
    ),
    "flat, with the battery outside, as some servers' clients have it": (
        (
            '{"location":{"latitude":1,"longitude":2,"timestamp":"2025-06-15T13:45:12Z","speed":3},'
            '"battery":{"level":0.5},"device_id":"a"}'
        ),
        [fix("a", "2025-06-15T13:45:12", 2.0, 1.0, speed_mps=3.0, battery_percent=50.0)],
    ),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_json_becomes_fixes(body: str, expected: list[Fix]) -> None:
    """Traccar Client 9 says m/s and a level from 0 to 1; −1 is unknown."""
    assert decoded(Protocol.TRACCAR, body) == Decoded(fixes=tuple(expected))


def test_the_query_names_the_device_of_json_that_does_not() -> None:
    """A query without a position does not hide the body."""
    body = '{"location":{"timestamp":"2025-06-15T13:45:12Z","coords":{"latitude":1,"longitude":2}}}'

    (found,) = decoded(Protocol.TRACCAR, body, query="id=7").fixes

    assert found.device == "7"


def test_a_position_in_the_query_is_all_that_counts() -> None:
    """As Traccar has it."""
    (found,) = decoded(Protocol.TRACCAR, CLIENT_9, query="id=7&lat=1&lon=2&timestamp=1764158400").fixes

    assert found == fix("7", "2025-11-26T12:00:00", 2.0, 1.0)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("id=123456&timestamp=1764158400&batt=80&charge=false", ""),
        ("", "id=123456&timestamp=1764158400&batt=80.0&charge=false"),
        ("id=123456&timestamp=1377177267&cell=257,02,16,2224&cell=257,02,16,2223,-90&wifi=00-14-22-01-23-45,-80", ""),
        ("", '{"location":{"timestamp":"2025-06-15T13:45:12Z","event":"heartbeat"},"device_id":"a"}'),
    ],
)
def test_a_heartbeat_gives_no_fix(query: str, body: str) -> None:
    """No position is said, least of all 0, 0."""
    assert decoded(Protocol.TRACCAR, body, query=query) == Decoded(others=(Other.HEARTBEAT,))


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("id=1&timestamp=1764158400&lat=1", "It says no position."),
        ("id=1&timestamp=1764158400&lat=1&lon=", "“” is no longitude."),
        ("id=1&timestamp=&lat=1&lon=2", "“” is no time."),
        ("id=1&timestamp=1764158400&lat=1&lon=2&valid=false", "The device says that its position is not valid."),
    ],
)
def test_a_position_that_is_none_is_dropped_with_the_reason(query: str, reason: str) -> None:
    """It is acknowledged, as it would otherwise come again for ever."""
    found = decoded(Protocol.TRACCAR, query=query)

    assert (found.fixes, reasons(found)) == ((), [reason])


def test_a_sample_of_the_sdk_is_not_kept() -> None:
    """It says itself that it is none of the track."""
    body = '{"location":{"sample":true,"timestamp":"2025-06-15T13:45:12Z","coords":{"latitude":1,"longitude":2}}}'

    assert decoded(Protocol.TRACCAR, body) == Decoded(others=(Other.UNNAMED,))


def test_one_bad_location_of_a_batch_costs_no_other() -> None:
    """The bad one is named by its number."""
    good = '{"timestamp":"2025-06-15T13:45:12Z","coords":{"latitude":1,"longitude":2}}'
    bad = '{"timestamp":"2025-06-15T13:45:12Z","coords":{"latitude":1e400,"longitude":2}}'

    found = decoded(Protocol.TRACCAR, f'{{"location":[{good},{bad},7,{good}],"device_id":"a"}}')

    assert len(found.fixes) == 2
    assert reasons(found) == ["Number 2: “inf” is no latitude.", "Number 3: It is no JSON object."]


def test_the_answer_is_a_plain_ok() -> None:
    """The apps look at the status alone."""
    told = answer(Protocol.TRACCAR, decoded(Protocol.TRACCAR, "nonsense"))

    assert (told.status, told.content_type, told.body) == (200, "text/plain; charset=utf-8", b"OK")
