"""`geo-engine decode`: fixes on stdout, reasons on stderr, 2 where there is no fix."""

import json
from typing import Any

import msgpack
import pytest
from click.testing import CliRunner, Result

from geo_engine.cli import geo_engine

KEYS = [
    *("device", "tracked_at", "lon", "lat", "accuracy_m", "altitude_m", "speed_mps", "heading_deg"),
    *("battery_percent", "is_mock"),
]
LOCATION = '{"_type":"location","lat":41.1496,"lon":-8.6109,"tst":1764158400,"tid":"JL"}'


def run(*arguments: str, body: bytes | str = b"", lang: str = "en") -> Result:
    """Run the command to its end."""
    return CliRunner().invoke(geo_engine, ["--lang", lang, "decode", *arguments], input=body)


def lines(result: Result) -> list[dict[str, Any]]:
    """Return what was printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_fix_is_a_line_of_json_with_its_keys_in_order() -> None:
    """All of them, null where unknown; a whole second has no fraction, a converted number no noise."""
    query = "id=7&lat=41.1496&lon=-8.6109&timestamp=1764158400&speed=10&batt=80"

    result = run("traccar", "--query", query)

    (line,) = lines(result)
    assert list(line) == KEYS
    assert list(line.values()) == [
        "7",
        "2025-11-26T12:00:00Z",
        -8.6109,
        41.1496,
        None,
        None,
        5.144444,
        None,
        80.0,
        False,
    ]
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("timestamp", "printed"),
    [
        ("1764158400", "2025-11-26T12:00:00Z"),
        ("1764158400500", "2025-11-26T12:00:00.500Z"),
        ("2025-11-26T13:00:00.000007%2B01:00", "2025-11-26T12:00:00.000007Z"),
    ],
)
def test_a_moment_is_printed_in_utc_with_no_more_digits_than_it_has(timestamp: str, printed: str) -> None:
    """Seconds, milliseconds or microseconds."""
    (line,) = lines(run("traccar", "--query", f"id=7&lat=1&lon=2&timestamp={timestamp}"))

    assert line["tracked_at"] == printed


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("owntracks", LOCATION),
        ("traccar", "id=JL&lat=41.1496&lon=-8.6109&timestamp=1764158400"),
        ("osmand", "id=JL&lat=41.1496&lon=-8.6109&timestamp=1764158400000"),
        (
            "overland",
            (
                '{"locations":[{"geometry":{"coordinates":[-8.6109,41.1496]},'
                '"properties":{"timestamp":"2025-11-26T12:00:00Z","device_id":"JL"}}]}'
            ),
        ),
        ("gpslogger", "ser=JL&lat=41.1496&lon=-8.6109&time=2025-11-26T12:00:00Z"),
        ("opengts", "dev=JL&gprmc=$GPRMC,120000,A,4108.976,N,00836.654,W,,,261125,,"),
        (
            "traccar-forward",
            (
                '{"position":{"fixTime":"2025-11-26T12:00:00Z","latitude":41.1496,"longitude":-8.6109},'
                '"device":{"uniqueId":"JL"}}'
            ),
        ),
        ("batch", '{"device":"JL","fixes":[{"tracked_at":1764158400,"lon":-8.6109,"lat":41.1496}]}'),
        (
            "batch",
            msgpack.packb({"device": "JL", "fixes": [{"tracked_at": 1764158400, "lon": -8.6109, "lat": 41.1496}]}),
        ),
    ],
)
def test_every_protocol_is_spoken(protocol: str, body: bytes | str) -> None:
    """The same fix from each."""
    (line,) = lines(run(protocol, "--content-type", "text/plain", body=body))

    assert list(line.values())[:4] == ["JL", "2025-11-26T12:00:00Z", -8.6109, 41.1496]


def test_a_line_that_was_printed_is_a_row_of_a_batch() -> None:
    """So a fix can be sent on."""
    printed = run("owntracks", body=LOCATION).stdout

    assert run("batch", body=printed).stdout == printed


@pytest.mark.parametrize(
    ("protocol", "body", "lang", "reason"),
    [
        ("owntracks", '{"_type":"transition","lat":1,"lon":2}', "en", "This is a transition, not a position."),
        ("owntracks", '{"_type":"waypoint","lat":1,"lon":2}', "en", "This is a waypoint, not a position."),
        ("traccar", "id=7&timestamp=1764158400&batt=80", "en", "This is a heartbeat, not a position."),
        ("traccar", "id=7&timestamp=1764158400&batt=80", "zh-CN", "这是一条心跳消息，不是位置。"),
        ("traccar", "id=7&lat=91&lon=2", "en", "Latitude 91.0 is not between −90 and 90."),
        ("overland", "", "en", "There is nothing in it."),
        ("overland", '{"locations":[]}', "en", "There is nothing in it."),
    ],
)
def test_without_a_fix_nothing_is_printed_and_the_reason_is_told(
    protocol: str, body: str, lang: str, reason: str
) -> None:
    """In the reader's language, with the exit code of unusable input."""
    result = run(protocol, body=body, lang=lang)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{reason}\n")


def test_bad_fixes_of_a_batch_are_told_and_the_good_ones_printed() -> None:
    """Each with its own reason; it is a success."""
    rows = [{"tracked_at": 1764158400, "lon": lon, "lat": 1} for lon in (1, 200, 2, "x")]

    result = run("batch", body=json.dumps({"device": "a", "fixes": rows}))

    assert [line["lon"] for line in lines(result)] == [1.0, 2.0]
    assert result.stderr.splitlines() == [
        "Number 2: Longitude 200.0 is not between −180 and 180.",
        "Number 4: “x” is no longitude.",
    ]
    assert result.exit_code == 0


def test_every_reason_is_told_where_all_are_bad() -> None:
    """The last as well as the first."""
    result = run("batch", body='[{"tracked_at":1764158400,"lon":200,"lat":1},7]')

    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Number 1: Longitude 200.0 is not between −180 and 180.",
        "Number 2: It is no JSON object.",
    ]


def test_a_body_with_neither_id_nor_credential_has_no_fix() -> None:
    """Nobody could say whose it is."""
    result = run("traccar", "--query", "lat=1&lon=2&timestamp=1764158400")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "It names no device, and no credential is given that does.\n"


@pytest.mark.parametrize(
    ("protocol", "body", "device"),
    [
        ("overland", '{"locations":[{"geometry":{"coordinates":[2,1]},"properties":{"timestamp":1764158400}}]}', "W1"),
        ("owntracks", LOCATION, "W1"),
        ("batch", '{"fixes":[{"tracked_at":1764158400,"lon":2,"lat":1}]}', "W1"),
        ("batch", '{"device":"van 7","fixes":[{"tracked_at":1764158400,"lon":2,"lat":1}]}', "van 7"),
    ],
)
def test_a_credential_names_the_device(protocol: str, body: str, device: str) -> None:
    """Before what the body says, unless one credential speaks for many devices."""
    (line,) = lines(run(protocol, "--device", "W1", body=body))

    assert line["device"] == device


def test_an_encrypted_location_needs_its_secret() -> None:
    """Made by libsodium with a key of “geo”."""
    data = (
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXeETvaoH2ksoPI21pGffsHjHxcAI4Io9Huy2IMhD9lNw2+l1zrrHJN3GsgeesqM+XIGRMPCY0XpsJ0gKJ"
        "S98uLevtPv7qcHCdRaya5Ft4++b/lwTDn0SCYiIj8rA="
    )
    body = json.dumps({"_type": "encrypted", "data": data})

    assert [line["device"] for line in lines(run("owntracks", "--secret", "geo", body=body))] == ["JL"]
    assert run("owntracks", "--secret", "oeg", body=body).exit_code == 2
    assert run("owntracks", body=body).stderr == "It is encrypted, and its secret is not known here.\n"


def test_the_time_of_receipt_stands_where_the_client_says_none() -> None:
    """And tells what is a date that its receiver lost."""
    received = ("--received-at", "2026-11-26T20:00:00+08:00")

    (nameless,) = lines(run("traccar", *received, "--query", "?id=7&lat=1&lon=2"))
    (lost,) = lines(run("traccar", *received, "--query", "id=7&lat=1&lon=2&timestamp=1144843200"))

    assert (nameless["tracked_at"], lost["tracked_at"]) == ("2026-11-26T12:00:00Z", "2025-11-26T12:00:00Z")


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_time_of_receipt_that_is_none_is_refused(text: str) -> None:
    """Before anything is decoded."""
    result = run("traccar", "--received-at", text, "--query", "id=7&lat=1&lon=2")

    assert (result.exit_code, result.stdout) == (2, "")
    assert text in result.stderr


def test_an_unknown_protocol_is_named_with_those_that_are_known() -> None:
    """By click, as any wrong choice."""
    result = run("mqtt", body="x")

    assert result.exit_code == 2
    assert "traccar-forward" in result.stderr
