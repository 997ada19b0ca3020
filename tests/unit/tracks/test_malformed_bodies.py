"""What each of many malformed bodies gets: never an error, never a number that a database refuses."""

import json
import time

import msgpack
import pytest
from support.posts import decoded, reasons

from geo_engine.tracks.protocols import Decoded, Protocol, answer

OT, TC, OA, OV, GL, OG, TF, BA = Protocol

NOT_JSON = "The body is not JSON."
TOO_DEEP = "The body is nested too deeply."
NO_OBJECT = "It is no JSON object."
NO_TIME = "It says no time."
NO_POSITION = "It says no position."
NOT_VALID = "The device says that its position is not valid."
NOT_MSGPACK = "The body is not msgpack, or a list in it is longer than 50000."
DAMAGED = "It is encrypted with another secret, or damaged."
EMPTY = "There is nothing in it."
HEARTBEAT = "This is a heartbeat, not a position."


def location(**changes: str) -> str:
    """Return a location of OwnTracks with some of its JSON written otherwise."""
    said = {"_type": '"location"', "tid": '"JL"', "tst": "1795680000", "lat": "41.1", "lon": "-8.6"} | changes
    return "{" + ",".join(f'"{key}":{value}' for key, value in said.items()) + "}"


def query(**changes: str) -> str:
    """Return a query of Traccar Client with some of its fields written otherwise."""
    said = {"id": "7", "timestamp": "1795680000", "lat": "41.1", "lon": "-8.6"} | changes
    return "&".join(f"{key}={value}" for key, value in said.items())


def feature(coordinates: str, timestamp: str = '"2026-11-26T08:00:00Z"') -> str:
    """Return a batch of Overland with one feature."""
    point = f'{{"type":"Point","coordinates":{coordinates}}}'
    return f'{{"locations":[{{"geometry":{point},"properties":{{"timestamp":{timestamp}}}}}]}}'


NO_FIX: list[tuple[Protocol, bytes | str, str]] = [
    # Numbers that are none, or none of a place.
    (OT, location(lat="NaN"), "“nan” is no latitude."),
    (OT, location(lon="Infinity"), "“inf” is no longitude."),
    (OT, location(lon="-Infinity"), "“-inf” is no longitude."),
    (OT, location(lat="1e400"), "“inf” is no latitude."),
    (OT, location(lat="91"), "Latitude 91.0 is not between −90 and 90."),
    (OT, location(lat="-90.02"), "Latitude -90.02 is not between −90 and 90."),
    (OT, location(lon="180.5"), "Longitude 180.5 is not between −180 and 180."),
    (OT, location(lon="9223372036854775807"), "Longitude 9.223372036854776e+18 is not between −180 and 180."),
    (OT, location(lat="1" + "0" * 400), "“1000000000000000000000000000000000000000…” is no latitude."),
    (OT, location(lat="1" + "0" * 5000), NO_POSITION),
    (OT, location(lat="true"), "“True” is no latitude."),
    (OT, location(lat="null"), NO_POSITION),
    (OT, location(lat='"41,1"'), "“41,1” is no latitude."),
    (OT, location(lat='"4_1"'), "“4_1” is no latitude."),
    (OT, location(lat="[41.1]"), "“[…]” is no latitude."),
    (OT, location(lon='{"deg":8}'), "“{…}” is no longitude."),
    (OT, '{"_type":"location","tid":"JL","tst":1795680000}', NO_POSITION),
    (TC, query(lat="nan"), "“nan” is no latitude."),
    (TC, query(lon="-Infinity"), "“-Infinity” is no longitude."),
    (TC, query(lat="1e400"), "“1e400” is no latitude."),
    (TC, query(lat="9" * 70), "“9999999999999999999999999999999999999999…” is no latitude."),
    (TC, query(lat="%00"), "“\N{REPLACEMENT CHARACTER}” is no latitude."),
    (TC, "id=7&timestamp=1795680000&location=60", "“” is no longitude."),
    (TC, "id=7&timestamp=1795680000&location=,", "“” is no longitude."),
    (OV, feature("[200, 10]"), "Longitude 200.0 is not between −180 and 180."),
    (OV, feature("[]"), NO_POSITION),
    (OV, feature("[[2, 1], [3, 1]]"), "“[…]” is no longitude."),
    (OV, feature("null"), NO_POSITION),
    # Times that are none, or none that a clock shows.
    (OT, location(tst="null"), NO_TIME),
    (OT, location(tst='"soon"'), "“soon” is no time."),
    (OT, location(tst="-1"), "The time 1969-12-31T23:59:59+00:00 is before 1970."),
    (OT, location(tst="9223372036854775807"), "“9223372036854775807” is no time."),
    (OT, location(tst="4102444800"), "The time 2100-01-01T00:00:00+00:00 is years ahead."),
    (OT, location(tst="253402300799"), "The time 9999-12-31T23:59:59+00:00 is years ahead."),
    (OT, location(tst="253402300799000"), "The time 9999-12-31T23:59:59+00:00 is years ahead."),
    (OT, location(tst="[]"), "“[…]” is no time."),
    (OV, feature("[2, 1]", '"9999-12-31T23:59:59Z"'), "The time 9999-12-31T23:59:59+00:00 is years ahead."),
    (OV, feature("[2, 1]", '"0001-01-01T00:00:00Z"'), "The time 0001-01-01T00:00:00+00:00 is before 1970."),
    (OV, feature("[2, 1]", '"0001-01-01T00:00:00+23:59"'), "“0001-01-01T00:00:00+23:59” is no time."),
    (OV, feature("[2, 1]", '"9999-12-31T23:59:59-23:59"'), "“9999-12-31T23:59:59-23:59” is no time."),
    (OV, feature("[2, 1]", '"2026-11-26"'), "“2026-11-26” is no time."),
    (OV, feature("[2, 1]", '"2026-02-30T08:00:00Z"'), "“2026-02-30T08:00:00Z” is no time."),
    (OV, feature("[2, 1]", '"2026-11-26T25:00:00Z"'), "“2026-11-26T25:00:00Z” is no time."),
    (TC, query(timestamp="1e400"), "“1e400” is no time."),
    (OG, "id=1&gprmc=$GPRMC,236060,A,5006.7,N,01416.5,E,0,0,311399,,", "“311399 236060” is no time."),
    # What is no message at all.
    (OT, "", EMPTY),
    (OT, "null", NO_OBJECT),
    (OT, '"location"', NO_OBJECT),
    (OT, "lat=1&lon=2", NOT_JSON),
    (OT, "{}", "A message of the kind “None” is not expected here."),
    (OT, '{"_type":["location"]}', "A message of the kind “[…]” is not expected here."),
    (OT, "[]", EMPTY),
    (OT, "[[]]", NO_OBJECT),
    (OT, location()[:-1], NOT_JSON),
    (OT, b"\xff\xfe{\x00}\x00", NOT_JSON),
    (OT, b"\x00" * 1000, NOT_JSON),
    (OT, "[" * 2_000_000, TOO_DEEP),
    (OT, '{"a":' * 400_000, TOO_DEEP),
    (OT, '{"_type":"encrypted","data":' + "[" * 20_000 + "]" * 20_000 + "}", TOO_DEEP),
    (OT, '{"_type":"encrypted","data":"AAAA"}', DAMAGED),
    (OT, '{"_type":"encrypted","data":"' + "A" * 2_000_000 + '"}', DAMAGED),
    (OV, "[]", NO_OBJECT),
    (OV, '{"locations":{}}', "It has no list of locations."),
    (OV, '{"locations":[null]}', NO_OBJECT),
    (OV, '{"locations":[]}', EMPTY),
    (OV, "[" * 2_000_000, TOO_DEEP),
    (TC, "[" * 2_000_000, TOO_DEEP),
    (TC, "[1]", NO_OBJECT),
    (TC, '{"location":{"coords":[1,2]}}', HEARTBEAT),
    (TC, '{"location":{"coords":{"latitude":1}}}', NO_POSITION),
    (TC, "&&&===", EMPTY),
    (TC, "a" * 2_000_000, EMPTY),
    (TC, query(valid="0"), NOT_VALID),
    (GL, "{", NOT_JSON),
    (GL, "{}", NO_POSITION),
    (GL, "lat=%LAT&lon=%LONG", "“%LONG” is no longitude."),
    (OA, "lat={0}&lon={1}", "“{1}” is no longitude."),
    (OG, "gprmc=" + "1" * 2_000_000, EMPTY),
    (OG, "gprmc=" + "1" * 60_000, "“1111111111111111111111111111111111111111…” is no sentence RMC."),
    (OG, "gprmc=$GPRMC," + "," * 200, "“$GPRMC,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,…” is no sentence RMC."),
    (TF, '{"position":[]}', NO_POSITION),
    (TF, '{"position":{"latitude":1,"longitude":2}}', NO_TIME),
    # Our own, in msgpack.
    (BA, msgpack.packb([{"tracked_at": 1795680000, "lon": 2, "lat": 1}])[:-1], NOT_MSGPACK),
    (BA, msgpack.packb([{"tracked_at": 1795680000, "lon": 2, "lat": 1}]) + b"\x00", NOT_MSGPACK),
    (BA, b"\xdd\xff\xff\xff\xff", NOT_MSGPACK),
    (BA, b"\xdf\xff\xff\xff\xff", NOT_MSGPACK),
    (BA, b"\xdc\xc3\x50" * 1_000, NOT_MSGPACK),
    (BA, b"\x91" * 2_000_000, NOT_MSGPACK),
    (BA, b"\x81\x01\x02", NOT_MSGPACK),
    (BA, b"\x91\xc1", NOT_MSGPACK),
    (BA, b"\x90", EMPTY),
    (BA, b"\x80", NO_TIME),
    (BA, b"\x01", NOT_JSON),
    (BA, b"\xc0", NO_OBJECT),
    (BA, msgpack.packb([{"tracked_at": msgpack.ExtType(5, b"x"), "lon": 2, "lat": 1}]), "is no time."),
    (BA, msgpack.packb([{"tracked_at": msgpack.Timestamp(2**60), "lon": 2, "lat": 1}]), "is no time."),
    (BA, msgpack.packb([{"tracked_at": 1795680000, "lon": b"2", "lat": 1}]), "is no longitude."),
    (BA, msgpack.packb({"columns": [1, 2]}), NO_OBJECT),
    (BA, msgpack.packb({"columns": {}}), "The column times_us cannot be read."),
    (BA, msgpack.packb({"version": "1", "fixes": []}), "Version 1 of a batch is not known."),
]


def label(value: object) -> str | None:
    """Return the beginning of a body for the name of its test."""
    return None if isinstance(value, Protocol) else ascii(value[:30]) if isinstance(value, bytes | str) else None


@pytest.mark.parametrize(("protocol", "body", "reason"), NO_FIX, ids=label)
def test_a_malformed_body_gives_no_fix_and_a_reason(protocol: Protocol, body: bytes | str, reason: str) -> None:
    """At once, and the client is told that it may forget it: it would otherwise come again for ever."""
    began = time.process_time()

    found = decoded(protocol, body, secret="geo")  # noqa: S106

    assert time.process_time() - began < 2
    assert found.fixes == ()
    assert [told for told in reasons(found) if reason in told] == reasons(found) != []
    assert answer(protocol, found).status == 200


SURVIVES: list[tuple[Protocol, bytes | str, dict[str, object]]] = [
    # Beside the place, what cannot be read is unknown.
    (OT, location(acc="NaN", alt="1e400", vel='"fast"', cog="720", batt="101"), {}),
    (OT, location(acc="-5", alt="[]", vel="-1", cog="-1", batt="-1"), {}),
    (OT, location(acc="0", created_at='"soon"'), {}),
    (OT, location(acc="1" + "0" * 5000), {}),
    (OT, location(alt="1" + "0" * 4000, created_at="253402300799000"), {}),
    (OT, location(acc="1e300"), {"accuracy_m": 1e7}),
    (OT, location(SSID='"\\ud800"', inregions="[1,2,{}]", image='"' + "A" * 1_000_000 + '"'), {}),
    # Of a key that is there twice the last counts.
    (OT, location()[:-1] + ',"acc":7,"acc":9}', {"accuracy_m": 9.0}),
    (TC, "lat=1&" + query(), {"device": "7"}),
    # Bytes that are no UTF-8 cost only what they are in.
    (OT, location(desc='"\xff"').encode("latin-1"), {}),
    (OT, b"\xef\xbb\xbf" + location().encode(), {}),
    (OT, location(tid='"\\ud800"'), {"device": None}),
    (OT, location(tid='"a\\u0000b"'), {"device": None}),
    (OT, location(tid='"' + "x" * 1_000_000 + '"'), {"device": None}),
    (OT, location(tid="007"[:1]), {"device": "0"}),
    (OT, location(tid="[1]"), {"device": None}),
    (OT, location(topic='"///"'), {}),
    (OT, location(topic="5"), {}),
    (TC, query(id="%FF"), {"device": "\N{REPLACEMENT CHARACTER}"}),
    (TC, query(speed="x", bearing="", accuracy="-0", altitude="1e9", batt="150"), {"device": "7"}),
    (TC, query() + "&x" * 2_000, {"device": "7"}),
    (BA, b'{"lat":41.1,"lon":-8.6,"tracked_at":1795680000,"device":"JL","is_mock":"yes"}', {}),
]


@pytest.mark.parametrize(("protocol", "body", "known"), SURVIVES, ids=label)
def test_a_good_position_survives_what_is_malformed_beside_it(
    protocol: Protocol, body: bytes | str, known: dict[str, object]
) -> None:
    """All else is unknown, except where something is expected to be known."""
    (found,) = decoded(protocol, body).fixes

    unknown = dict.fromkeys(("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent", "sent_at"))
    for name, value in ({"device": "JL", "is_mock": False} | unknown | known).items():
        assert getattr(found, name) == value
    assert (found.position.lon, found.position.lat) == (-8.6, 41.1)
    assert found.tracked_at.timestamp() == 1795680000


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("body", [b"", b"\x00", b"\xff" * 100, b"[" * 2_000_000, b"%" * 2_000_000, b"[1," * 600_000])
def test_no_client_can_be_made_to_wait_for_nonsense(protocol: Protocol, body: bytes) -> None:
    """Nor can one stop the process, whatever it speaks."""
    began = time.process_time()

    found = decoded(protocol, body)

    assert found.fixes == ()
    assert time.process_time() - began < 2


@pytest.mark.parametrize("protocol", [OT, TC, OV, GL, TF, BA])
def test_a_list_of_a_million_things_is_refused(protocol: Protocol) -> None:
    """Before each of them is looked at."""
    body = "[" + "1," * 900_000 + "1]"
    began = time.process_time()

    found = decoded(protocol, f'{{"locations":{body}}}' if protocol is OV else body)

    assert time.process_time() - began < 3
    assert (found.fixes, reasons(found)) == ((), ["It lists more than 50000 things."])


def test_an_unknown_word_of_a_client_is_answered_like_any_other() -> None:
    """Nobody is told to send again what will never be understood."""
    assert {answer(protocol, Decoded()).status for protocol in Protocol} == {200}


def test_a_reason_can_be_kept_as_text() -> None:
    """Whatever was said: cut short, and without what cannot be stored."""
    (reason,) = reasons(decoded(OT, location(lat=json.dumps("\x00\ud800" + "é" * 100))))

    assert reason == "“" + "\N{REPLACEMENT CHARACTER}" * 2 + "é" * 38 + "…” is no latitude."
