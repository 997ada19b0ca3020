"""Laws of decoding: nothing that a client sends can hurt, and nothing it means is lost."""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.posts import NOW, post

from geo_engine.geometry import Position
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.protocols import (
    Decoded,
    DecodedColumns,
    Protocol,
    decode,
    decode_batch_columns,
    encode_columns,
    encode_rows,
    fix_row,
)
from geo_engine.words import Language

FEW = settings(max_examples=20)

KEYS = (
    *("_type", "lat", "lon", "tst", "tid", "topic", "acc", "alt", "vel", "cog", "batt", "created_at", "data"),
    *("id", "deviceid", "timestamp", "location", "coords", "latitude", "longitude", "accuracy", "speed", "heading"),
    *("altitude", "battery", "level", "device_id", "_", "mock", "sample", "valid", "bearing", "hdop", "time", "spd"),
    *("locations", "current", "type", "geometry", "coordinates", "properties", "course", "horizontal_accuracy"),
    *("battery_level", "action", "gprmc", "dev", "position", "device", "uniqueId", "fixTime", "attributes", "outdated"),
    *("version", "fixes", "columns", "tracked_at", "accuracy_m", "altitude_m", "speed_mps", "heading_deg", "is_mock"),
    *("times_us", "lons_deg", "lats_deg", "accuracies_m", "altitudes_m", "speeds_mps", "mocks", "sent_at"),
)
WORDS = st.sampled_from(
    [
        *("location", "encrypted", "transition", "trip", "visit", "1e400", "NaN", "-1", "0", "1764158400", "60.0,30.0"),
        *("2026-11-26T08:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z", "٣", "\ud800", "\x00", ""),
        *("$GPRMC,082202,A,,,,,,,131018,,", "$GPRMC,082202,A,5006.7,N,01416.5,E,0,0,131018,,", "1" * 70),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(1_000_000_000, 2_000_000_000)
    | st.sampled_from([2**63, -(2**63), 10**30, 1_764_158_400, 1_764_158_400_000, 0, -1])
    | st.floats()
    | st.floats(-200, 200)
    | WORDS
    | st.text(max_size=5)
)
SAID = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8)
        | st.fixed_dictionaries({"_type": st.just("location")}, optional=dict.fromkeys(KEYS[1:12], inner))
    ),
    max_leaves=25,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Return bytes: any, or JSON, msgpack or a form that is nearly right, perhaps cut off."""
    said = draw(SAID)
    kind = draw(st.sampled_from(["bytes", "json", "msgpack", "form", "text"]))
    if kind == "bytes":
        return draw(st.binary(max_size=60))
    if kind == "json":
        whole = json.dumps(said).encode()
    elif kind == "msgpack":
        whole = msgpack.packb(said, default=str, unicode_errors="surrogatepass") if _packs(said) else b"\xc1"
    elif kind == "form":
        whole = _form(draw).encode("utf-8", "replace")
    else:
        whole = draw(WORDS).encode("utf-8", "replace")
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


def _packs(said: object) -> bool:
    try:
        msgpack.packb(said, unicode_errors="surrogatepass")
    except OverflowError:
        return False
    return True


def _form(draw: st.DrawFn) -> str:
    fields = draw(st.dictionaries(st.sampled_from(KEYS), SCALARS, max_size=10))
    return (
        urlencode(fields, errors="replace") if draw(st.booleans()) else "&".join(f"{k}={v}" for k, v in fields.items())
    )


QUERIES = st.just("") | st.composite(_form)() | st.text(max_size=30)


def assert_sound(decoded: Decoded) -> None:
    """Fail unless every fix is in range, finite and storable, and every reason can be told."""
    for fix in decoded.fixes:
        assert Position(fix.position.lon, fix.position.lat) == fix.position
        assert datetime(1970, 1, 1, tzinfo=UTC) <= fix.tracked_at < datetime(2100, 1, 1, tzinfo=UTC)
        assert fix.sent_at is None or fix.sent_at.utcoffset() == timedelta(0)
        assert fix.device is None or (fix.device.isprintable() or "\ud800" not in fix.device)
        assert fix.accuracy_m is None or 0 < fix.accuracy_m <= 1e7
        assert fix.altitude_m is None or -1e5 <= fix.altitude_m <= 1e5
        assert fix.speed_mps is None or 0 <= fix.speed_mps <= 1e4
        assert fix.heading_deg is None or 0 <= fix.heading_deg <= 360
        assert fix.battery_percent is None or 0 <= fix.battery_percent <= 100
        assert "NaN" not in (line := json.dumps(fix_row(fix), ensure_ascii=False))
        assert line.encode()
    for reason in decoded.dropped:
        assert reason.render(Language.EN).encode()
        assert reason.render(Language.ZH_CN).encode()


@pytest.mark.parametrize("protocol", Protocol)
@FEW
@given(body=bodies(), query=QUERIES, device=st.text(max_size=5))
def test_whatever_is_posted_becomes_sound_fixes_and_reasons(
    protocol: Protocol, body: bytes, query: str, device: str
) -> None:
    """Never an error, and never a number that a database refuses."""
    sent = post(body, query=query, headers={"x-limit-d": device})

    assert_sound(decode(protocol, sent, received_at=NOW, secret="geo"))  # noqa: S106


MOMENTS = st.integers(NOW.toordinal() - 7_000, NOW.toordinal()).flatmap(
    lambda day: st.builds(
        lambda us: datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=day - 1, microseconds=us),
        st.integers(0, 86_400_000_000 - 1),
    )
)


def _or_none(floats: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.none() | floats


FIXES = st.builds(
    Fix,
    device=st.sampled_from([None, "van 7", "手机", "007"]),
    tracked_at=MOMENTS,
    position=st.builds(Position, st.floats(-180, 180).map(abs), st.floats(-90, 90).map(abs)),
    accuracy_m=_or_none(st.floats(0.1, 1e6)),
    altitude_m=_or_none(st.floats(1, 9000)),
    speed_mps=_or_none(st.floats(0.1, 300)),
    heading_deg=_or_none(st.floats(0.1, 360)),
    battery_percent=_or_none(st.floats(1, 100)),
    is_mock=st.booleans(),
    sent_at=st.none() | MOMENTS,
)


@FEW
@given(st.lists(FIXES, max_size=5))
def test_rows_come_back_as_they_were_sent(fixes: list[Fix]) -> None:
    """In JSON and in msgpack, to the last bit and microsecond."""
    body = encode_rows(fixes)

    by_json = decode(Protocol.BATCH, post(body), received_at=NOW)
    by_msgpack = decode(Protocol.BATCH, post(msgpack.packb(json.loads(body))), received_at=NOW)

    assert by_json.fixes == by_msgpack.fixes == tuple(fixes)


@FEW
@given(st.lists(FIXES, max_size=8))
def test_columns_come_back_as_they_were_sent(fixes: list[Fix]) -> None:
    """As a track of the same fixes, unknown values included."""
    sent = Track.of(fixes)

    found = decode_batch_columns(post(encode_columns(sent, device="a")), received_at=NOW)

    assert isinstance(found, DecodedColumns)
    for name in Track.__dataclass_fields__:
        pairs = zip(getattr(found.track, name).tolist(), getattr(sent, name).tolist(), strict=True)
        assert all(one == other or (math.isnan(one) and math.isnan(other)) for one, other in pairs), name


OVERLAND = {"geometry": {"coordinates": [2, 1]}, "properties": {"timestamp": "2026-11-26T08:00:00Z"}}
TRACCAR = {"timestamp": "2026-11-26T08:00:00Z", "coords": {"latitude": 1, "longitude": 2}}
FORWARD = {"position": {"fixTime": "2026-11-26T08:00:00Z", "latitude": 1, "longitude": 2}}
GOOD: dict[Protocol, tuple[Any, Any]] = {
    Protocol.OWNTRACKS: ({"_type": "location", "lat": 1, "lon": 2, "tst": 1795680000}, lambda said: said),
    Protocol.TRACCAR: (TRACCAR, lambda said: {"location": said}),
    Protocol.OVERLAND: (OVERLAND, lambda said: {"locations": said}),
    Protocol.GPSLOGGER: ({"lat": 1, "lon": 2, "time": "2026-11-26T08:00:00Z"}, lambda said: said),
    Protocol.OSMAND: ({"lat": 1, "lon": 2, "timestamp": 1795680000000}, lambda said: said),
    Protocol.TRACCAR_FORWARD: (FORWARD, lambda said: said),
    Protocol.BATCH: ({"tracked_at": "2026-11-26T08:00:00Z", "lon": 2, "lat": 1}, lambda said: {"fixes": said}),
}


@pytest.mark.parametrize("protocol", GOOD)
@FEW
@given(before=st.lists(SAID, max_size=3), after=st.lists(SAID, max_size=3))
def test_a_good_fix_survives_any_neighbours(protocol: Protocol, before: list[Any], after: list[Any]) -> None:
    """And comes out as it does alone, between what became of them."""
    good, wrap = GOOD[protocol]
    expected = decode(protocol, post(json.dumps(wrap([good]))), received_at=NOW).fixes

    found = decode(protocol, post(json.dumps(wrap([*before, good, *after]))), received_at=NOW)

    assert len(expected) == 1
    assert expected[0] in found.fixes
    assert_sound(found)
