"""What apps send is what their decoders read: each within what its protocol can say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.simulation.phones import MOST_FIXES, PROTOCOLS, Phone, is_taken, request_of, said_fixes
from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Decoded, answer

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
# How finely each app says a position (degrees), time (s), speed (m/s) and whole numbers (1) or not.
FINENESS = {
    Phone.OWNTRACKS: (0.0, 0.0, 0.15, 0.5),
    Phone.TRACCAR_8: (0.0, 0.0, 0.001, 0.0),
    Phone.TRACCAR_9: (0.0, 0.0, 0.0, 0.0),
    Phone.TRACCAR_10: (0.0, 0.0, 0.005, 0.0),
    Phone.OSMAND: (1.6e-5, 0.0, 0.0, 0.0),
    Phone.OVERLAND: (0.0, 0.0, 0.5, 0.5),
    Phone.GPSLOGGER: (0.0, 0.0, 0.0, 0.0),
    Phone.BATCH: (0.0, 0.0, 0.0, 0.0),
}
SAYS_NO_DEVICE = {Phone.OSMAND}
SAYS_NO_BATTERY = {Phone.OSMAND}


def _measures(least: float, most: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(least, most).map(lambda value: round(value, 2))


fixes = st.builds(
    Fix,
    device=st.just("van-7"),
    tracked_at=st.integers(0, 86_400 * 300).map(lambda second: NOW - timedelta(seconds=second)),
    position=st.builds(
        Position,
        st.floats(-180, 180).map(lambda degrees: round(degrees, 7) or 0.0000001),
        st.floats(-90, 90).map(lambda degrees: round(degrees, 7) or 0.0000001),
    ),
    accuracy_m=_measures(1.0, 500.0),
    altitude_m=_measures(1.0, 4000.0),
    speed_mps=_measures(0.0, 40.0),
    heading_deg=_measures(0.0, 359.4),
    battery_percent=st.none() | st.integers(1, 100).map(float),
)


@pytest.mark.parametrize("phone", Phone)
@settings(max_examples=40)
@given(fixes)
def test_what_is_read_is_what_was_said(phone: Phone, fix: Fix) -> None:
    """decode(encode(fix)) = fix, as finely as the protocol says it; the unknown stays so, or is 0 where it must be."""
    (read,) = said_fixes(phone, request_of(phone, [fix], device="van-7"), received_at=NOW)

    degrees, seconds, mps, whole = FINENESS[phone]
    assert read.device == (None if phone in SAYS_NO_DEVICE else fix.device)
    assert abs((read.tracked_at - fix.tracked_at).total_seconds()) <= seconds
    assert read.position.lon == pytest.approx(fix.position.lon, abs=degrees, rel=0)
    assert read.position.lat == pytest.approx(fix.position.lat, abs=degrees, rel=0)
    _assert_close(read.accuracy_m, fix.accuracy_m, whole)
    _assert_close(read.altitude_m, fix.altitude_m, whole)
    _assert_close(read.heading_deg, fix.heading_deg, whole)
    _assert_close(read.speed_mps, fix.speed_mps, mps)
    _assert_close(read.battery_percent, None if phone in SAYS_NO_BATTERY else fix.battery_percent, 0.01)


def _assert_close(read: float | None, said: float | None, fineness: float) -> None:
    if said is None:
        assert not read
    elif read is None:
        assert said <= fineness  # what is nearly 0 is left out
    else:
        assert read == pytest.approx(said, abs=fineness + 1e-9, rel=0)


@pytest.mark.parametrize("phone", MOST_FIXES)
def test_apps_that_batch_say_all_fixes_at_once(phone: Phone) -> None:
    """A batch says as many fixes as it was given, in order."""
    many = [
        Fix(device="van-7", tracked_at=NOW - timedelta(seconds=60 - second), position=Position(7.42, 43.73))
        for second in range(50)
    ]

    read = said_fixes(phone, request_of(phone, many, device="van-7"), received_at=NOW)

    assert [fix.tracked_at for fix in read] == [fix.tracked_at for fix in many]


def test_owntracks_says_when_a_report_was_built() -> None:
    """The age of a backlog is in the message."""
    fix = Fix(device="van-7", tracked_at=NOW - timedelta(hours=2), position=Position(7.42, 43.73), sent_at=NOW)

    (read,) = said_fixes(Phone.OWNTRACKS, request_of(Phone.OWNTRACKS, [fix], device="van-7"), received_at=NOW)

    assert read == replace(fix, speed_mps=None)


@pytest.mark.parametrize("phone", Phone)
def test_the_real_answer_is_taken(phone: Phone) -> None:
    """Each app takes what our server answers to its protocol, and nothing that failed."""
    told = answer(PROTOCOLS[phone], Decoded())

    assert is_taken(phone, told.status, told.content_type, told.body)
    assert not is_taken(phone, 503, told.content_type, told.body)
    assert not is_taken(phone, 404, "text/html", b"<p>not here</p>")


def test_overland_wants_to_be_told_ok() -> None:
    """Any other answer than its own keeps Overland's queue, whatever the status."""
    assert is_taken(Phone.OVERLAND, 200, "application/json", b'{"result":"ok","geocode":{}}')
    assert not is_taken(Phone.OVERLAND, 200, "text/html", b'{"result":"ok"}')
    assert not is_taken(Phone.OVERLAND, 200, "application/json", b'{"error":"no"}')
    assert not is_taken(Phone.OVERLAND, 200, "application/json", b"<html>")
