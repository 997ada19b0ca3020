"""What clients of OpenGTS send, sentences RMC, as fixes."""

from urllib.parse import quote

import pytest
from support.posts import decoded, fix, reasons

from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Decoded, Other, Protocol

GOLDEN = {
    "a tracker, its course empty": (
        "id=999000000000003&gprmc=$GPRMC,082202.0,A,5006.747329,N,01416.512315,E,0.0,,131018,1.2,E,A*2E",
        fix("999000000000003", "2018-10-13T08:22:02", 14.27520525, 50.11245548, speed_mps=0.0),
    ),
    "a tracker that prefixes its id": (
        "id=gprmc_999000000000003&gprmc=$GPRMC,143013.0,A,5006.728217,N,01416.437869,E,0.0,329.6,281017,1.2,E,A*0E",
        fix(
            "gprmc_999000000000003",
            "2017-10-28T14:30:13",
            14.27396448,
            50.11213695,
            speed_mps=0.0,
            heading_deg=329.6,
        ),
    ),
    "GPSLogger": (
        (
            "id=123456789012345&dev=dev_name&acct=account&batt=0&code=0xF020&alt=160.5"
            "&gprmc=$GPRMC,191555,A,5025.46624,N,3030.39937,E,0.000000,0.000000,200218,,*2F"
        ),
        fix(
            "123456789012345",
            "2018-02-20T19:15:55",
            30.50665617,
            50.42443733,
            altitude_m=160.5,
            speed_mps=0.0,
            heading_deg=0.0,
            battery_percent=0.0,
        ),
    ),
    "GPSLogger west of Greenwich, driving": (
        (
            "id=99&dev=99&acct=ACCT&batt=80&code=0xF020&alt=49.0"
            "&gprmc=$GPRMC,193353,A,5121.45778,N,011.73847,W,36.933045,22.000000,050316,,*0C"
        ),
        fix(
            "99",
            "2016-03-05T19:33:53",
            -0.19564117,
            51.35762967,
            altitude_m=49.0,
            speed_mps=19.0,
            heading_deg=22.0,
            battery_percent=80.0,
        ),
    ),
    "a Traccar server that forwards by address": (
        "fixTime=1451610123000&dev=test&gprmc=$GPRMC,010203.000,A,2000.0000,S,03000.0000,E,0.00,0.00,010116,,*05",
        fix("test", "2016-01-01T01:02:03", 30.0, -20.0, speed_mps=0.0, heading_deg=0.0),
    ),
    "an iPhone, account alone, fractions of a second": (
        "acct=testandr&gprmc=$GPRMC,204102.25,A,5640.2307,N,04327.5038,E,10.0,000.0,110613,,*11",
        fix("testandr", "2013-06-11T20:41:02.25", 43.45839667, 56.67051167, speed_mps=5.144444, heading_deg=0.0),
    ),
    "a receiver of several systems that lost 1,024 weeks": (
        "id=1&gprmc=$GNRMC,120000,A,0100.0,N,00200.0,E,,,120406",
        fix("1", "2025-11-26T12:00:00", 2.0, 1.0, is_rollover=True),
    ),
}


@pytest.mark.parametrize(("query", "expected"), GOLDEN.values(), ids=GOLDEN)
@pytest.mark.parametrize("place", ["query", "form", "escaped"])
def test_a_sentence_becomes_a_fix(query: str, expected: Fix, place: str) -> None:
    """From a query as from a form, whether or not $, commas and * are escaped."""
    sent = {"query": {"query": query}, "form": {"body": query}, "escaped": {"query": quote(query, safe="=&")}}[place]

    assert decoded(Protocol.OPENGTS, **sent) == Decoded(fixes=(expected,))


def test_the_body_may_be_sentences() -> None:
    """Those that say no position are passed over."""
    body = (
        "$GPGGA,082202,5006.7473,N,01416.5123,E,1,05,1.5,280.2,M,34.0,M,,*75\r\n"
        "$GPRMC,082202,A,5006.7473,N,01416.5123,E,0.0,,131018,,*0C\r\n"
        "\r\n"
        "$GPRMC,082203,A,5006.7473,N,01416.5123,E,0.0,,131018,,*0D\r\n"
    )

    found = decoded(Protocol.OPENGTS, body, query="id=7")

    assert [(one.device, one.tracked_at.second) for one in found.fixes] == [("7", 2), ("7", 3)]
    assert (found.others, found.dropped) == ((Other.UNNAMED,), ())


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("$GPRMC,082202,V,,,,,,,131018,,", "The device says that its position is not valid."),
        ("$GPRMC,082202,A,5006.7,N,01416.5,E", "“$GPRMC,082202,A,5006.7,N,01416.5,E” is no sentence RMC."),
        ("$GPRMC,252202,A,5006.7,N,01416.5,E,0,0,131018,,", "“131018 252202” is no time."),
        ("$GPRMC,082202,A,9106.7,N,01416.5,E,0,0,131018,,", "Latitude 91.11166667 is not between −90 and 90."),
        ("hello", "“hello” is no sentence RMC."),
        ("", "“” is no sentence RMC."),
    ],
)
def test_a_sentence_without_a_position_is_dropped_with_the_reason(sentence: str, reason: str) -> None:
    """Void, cut off, at no hour, beyond the pole, or none at all."""
    found = decoded(Protocol.OPENGTS, query=f"id=1&gprmc={sentence}")

    assert (found.fixes, reasons(found)) == ((), [reason])


def test_without_a_sentence_there_is_no_position() -> None:
    """A device that only says that it is there."""
    assert decoded(Protocol.OPENGTS, query="id=1&batt=50").others == (Other.HEARTBEAT,)
    assert decoded(Protocol.OPENGTS).others == (Other.EMPTY,)
