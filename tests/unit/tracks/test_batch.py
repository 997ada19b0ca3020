"""Our own batches: rows and columns, JSON and msgpack, and back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgpack
import numpy as np
import pytest
from support.posts import NOW, decoded, fix, moment, post, reasons

from geo_engine.geometry import Position
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.protocols import (
    Decoded,
    DecodedColumns,
    Other,
    Protocol,
    answer,
    decode_batch_columns,
    encode_columns,
    encode_rows,
)

ROW = {
    "tracked_at": "2026-11-26T08:00:00.5Z",
    "lon": -8.6109,
    "lat": 41.1496,
    "accuracy_m": 6.0,
    "altitude_m": 104.0,
    "speed_mps": 3.5,
    "heading_deg": 271.0,
    "battery_percent": 80.0,
    "is_mock": True,
    "sent_at": "2026-11-26T08:00:02Z",
}
FIX = fix(
    "van 7",
    "2026-11-26T08:00:00.5",
    -8.6109,
    41.1496,
    accuracy_m=6.0,
    altitude_m=104.0,
    speed_mps=3.5,
    heading_deg=271.0,
    battery_percent=80.0,
    is_mock=True,
    sent_at=moment("2026-11-26T08:00:02"),
)


def packed(document: object, kind: str) -> bytes:
    """Return a document as JSON or as msgpack."""
    data: bytes = json.dumps(document).encode() if kind == "json" else msgpack.packb(document)
    return data


def batch(document: object, kind: str = "json") -> Decoded:
    """Return what becomes of a batch."""
    return decoded(Protocol.BATCH, packed(document, kind))


@pytest.mark.parametrize("kind", ["json", "msgpack"])
def test_a_full_row_is_read_in_every_field(kind: str) -> None:
    """As it is documented."""
    assert batch({"version": 1, "device": "van 7", "fixes": [ROW]}, kind) == Decoded(fixes=(FIX,))


@pytest.mark.parametrize("kind", ["json", "msgpack"])
@pytest.mark.parametrize("document", [ROW | {"device": "van 7"}, [ROW | {"device": "van 7"}]])
def test_rows_may_stand_alone(document: object, kind: str) -> None:
    """One, or a list of them."""
    assert batch(document, kind).fixes == (FIX,)


def test_a_rows_own_device_outweighs_the_batchs() -> None:
    """A gateway sends several devices at once."""
    found = batch({"device": "van 7", "fixes": [ROW, ROW | {"device": "van 8"}, ROW | {"device": 9}]})

    assert [one.device for one in found.fixes] == ["van 7", "van 8", "9"]


@pytest.mark.parametrize(
    "tracked_at",
    [
        "2026-11-26T16:00:00+08:00",
        1795680000,
        1795680000000,
        msgpack.Timestamp(1795680000),
        msgpack.Timestamp.from_datetime(datetime(2026, 11, 26, 3, tzinfo=timezone(timedelta(hours=-5)))),
    ],
)
def test_a_moment_is_said_in_any_usual_way(tracked_at: object) -> None:
    """ISO 8601, seconds or milliseconds since 1970, or as msgpack has it."""
    (found,) = batch([ROW | {"tracked_at": tracked_at}], "msgpack").fixes

    assert found.tracked_at == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_null_is_unknown() -> None:
    """As is what is left out."""
    unknown = dict.fromkeys(("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent", "sent_at"))
    least = {key: ROW[key] for key in ("tracked_at", "lon", "lat")}

    assert batch([least | unknown]) == batch([least])
    assert batch([least]).fixes == (fix(None, "2026-11-26T08:00:00.5", -8.6109, 41.1496),)


@pytest.mark.parametrize("kind", ["json", "msgpack"])
def test_one_bad_row_costs_no_other(kind: str) -> None:
    """The bad ones are named by their numbers."""
    rows = [ROW, ROW | {"lat": 91}, "row", {**ROW, "tracked_at": None}, ROW]

    found = batch({"device": "van 7", "fixes": rows}, kind)

    assert found.fixes == (FIX, FIX)
    assert reasons(found) == [
        "Number 2: Latitude 91.0 is not between −90 and 90.",
        "Number 3: It is no JSON object.",
        "Number 4: It says no time.",
    ]


def test_another_version_is_not_guessed_at() -> None:
    """Its fixes might mean something else."""
    assert reasons(batch({"version": 2, "fixes": [ROW]})) == ["Version 2 of a batch is not known."]


def track(count: int, *, seed: int = 1) -> Track:
    """Return a track in which everything is known, in the order of time."""
    random = np.random.default_rng(seed)
    return Track(
        times_us=1_795_680_000_000_000 + np.arange(count) * 1_000_000,
        lons_deg=random.uniform(-180, 180, count),
        lats_deg=random.uniform(-90, 90, count),
        accuracies_m=random.uniform(1, 50, count),
        altitudes_m=random.uniform(-10, 3000, count),
        speeds_mps=random.uniform(0, 30, count),
        headings_deg=random.uniform(0, 360, count),
        batteries_percent=random.uniform(0, 100, count),
        mocks=random.uniform(0, 1, count) > 0.5,
    )


def columns_of(body: bytes) -> DecodedColumns:
    """Return what becomes of a batch that is known to be columns."""
    found = decode_batch_columns(post(body), received_at=NOW)
    assert isinstance(found, DecodedColumns)
    return found


def as_lists(one: Track) -> dict[str, list[Any]]:
    """Return the columns of a track as JSON has them."""
    return {name: getattr(one, name).tolist() for name in Track.__dataclass_fields__}


def assert_equal(one: Track, other: Track) -> None:
    """Fail unless the tracks are equal in every column, unknown values included."""
    for name in Track.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_columns_come_back_as_they_were_sent() -> None:
    """Bit for bit, with their device."""
    sent = track(1_000)

    found = columns_of(encode_columns(sent, device="van 7"))

    assert_equal(found.track, sent)
    assert (found.device, found.dropped, found.rollovers.any()) == ("van 7", (), np.False_)


@pytest.mark.parametrize("kind", ["json", "msgpack"])
def test_columns_may_be_lists(kind: str) -> None:
    """For whoever has no typed arrays."""
    sent = track(20)

    found = columns_of(packed({"version": 1, "device": "van 7", "columns": as_lists(sent)}, kind))

    assert_equal(found.track, sent)


def test_columns_of_single_precision_are_read() -> None:
    """Half the size, where a decimetre does not matter."""
    sent = track(20)
    columns = {name: np.asarray(column, dtype="<f4").tobytes() for name, column in as_lists(sent).items()}
    columns |= {"times_us": sent.times_us.tobytes(), "mocks": sent.mocks.tobytes()}

    found = columns_of(packed({"columns": columns}, "msgpack"))

    np.testing.assert_array_equal(found.track.lons_deg, sent.lons_deg.astype(np.float32).astype(np.float64))


def test_columns_out_of_order_are_put_in_order() -> None:
    """As a track is, whatever order they were sent in."""
    sent = track(50)
    shuffled = np.random.default_rng(2).permutation(50)
    mixed = Track(**{name: getattr(sent, name)[shuffled] for name in Track.__dataclass_fields__})

    assert_equal(columns_of(encode_columns(mixed, device=None)).track, sent)


def test_columns_and_rows_of_the_same_fixes_are_judged_alike() -> None:
    """Every oddity that either may meet: kept, repaired, unknown or dropped, never otherwise in one of the two."""
    odd = {
        "lons_deg": [0.0, -180.0096, 180.01, 180.02, float("nan"), float("inf"), -0.0],
        "lats_deg": [0.0, 90.005, -90.005, 91.0, -90.0, 1e300],
        "times_us": [0, 1, -1, 2**60, 1_144_843_200_000_000, 600_000_000_000_000, 315_964_800_000_000, 10**17],
        "accuracies_m": [0.0, -1.0, 5e-324, 1e300, float("inf")],
        "altitudes_m": [-1e6, 1e6, -12.5],
        "speeds_mps": [-1.0, 1e5, 0.0, -0.0],
        "headings_deg": [-1.0, 360.0, 360.1],
        "batteries_percent": [-1.0, 100.0, 100.1],
    }
    plain = as_lists(track(1))
    rows = [
        {name: values[0] for name, values in plain.items()} | {name: value}
        for name, values in odd.items()
        for value in values
    ]
    columns = {name: np.array([row[name] for row in rows], dtype=np.asarray(plain[name]).dtype) for name in plain}
    names = dict(zip(plain, ("tracked_at", "lon", "lat", *list(ROW)[3:9]), strict=True))
    as_rows = [{names[name]: value for name, value in row.items()} for row in rows]
    for row in as_rows:
        row["tracked_at"] = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(row["tracked_at"], 2**57))
        row["tracked_at"] = row["tracked_at"].isoformat()

    by_columns = decoded(Protocol.BATCH, encode_columns(Track(**columns), device="a"))
    by_rows = decoded(Protocol.BATCH, msgpack.packb({"device": "a", "fixes": as_rows}))

    assert sorted(map(repr, by_columns.fixes)) == sorted(map(repr, by_rows.fixes))
    assert [reason.facts["number"] for reason in by_columns.dropped] == [
        reason.facts["number"] for reason in by_rows.dropped
    ]
    assert 0 < len(by_rows.dropped) < len(rows)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"times_us": None}, "times_us"),
        ({"times_us": b"1234567"}, "times_us"),
        ({"lons_deg": None}, "lons_deg"),
        ({"lats_deg": [1.0]}, "lats_deg"),
        ({"lats_deg": b"\0" * 9}, "lats_deg"),
        ({"speeds_mps": {"a": 1}}, "speeds_mps"),
        ({"mocks": b"\0"}, "mocks"),
        ({"mocks": "yes"}, "mocks"),
    ],
)
def test_a_column_that_does_not_fit_is_named(change: dict[str, Any], column: str) -> None:
    """No fix is made of columns that do not belong together."""
    found = decoded(Protocol.BATCH, packed({"columns": as_lists(track(3)) | change}, "msgpack"))

    assert (found.fixes, reasons(found)) == ((), [f"The column {column} cannot be read."])


def test_of_very_many_bad_fixes_the_rest_is_counted() -> None:
    """A hundred reasons are enough for anybody."""
    sent = track(300)
    bad = replace(sent, lats_deg=np.full(300, 91.0))

    told = reasons(decoded(Protocol.BATCH, encode_columns(bad, device="a")))

    assert told[0] == "Number 1: It says no position that there is."
    assert (len(told), told[-1]) == (101, "200 others could not be used either.")
    assert len(reasons(batch([1] * 300))) == 101


def test_rows_and_nothing_are_no_columns() -> None:
    """They are decoded as ever, so that a caller asks once."""
    assert decode_batch_columns(post(encode_rows([FIX])), received_at=NOW) == Decoded(fixes=(FIX,))
    assert decode_batch_columns(post(), received_at=NOW) == Decoded(others=(Other.EMPTY,))
    assert batch({"fixes": []}) == batch({"columns": as_lists(track(0))}) == Decoded(others=(Other.EMPTY,))


def test_the_answer_says_what_could_not_be_used() -> None:
    """Who writes a client wants to know."""
    told = answer(Protocol.BATCH, batch([ROW, ROW | {"lon": "x"}]))

    assert json.loads(told.body) == {"fixes": 1, "dropped": ["Number 2: “x” is no longitude."]}


def test_rows_come_back_as_they_were_sent() -> None:
    """A fix with everything, and one with the least."""
    least = Fix(device=None, tracked_at=FIX.tracked_at, position=Position(0.1, -0.2))

    assert decoded(Protocol.BATCH, encode_rows([FIX, least])).fixes == (FIX, least)
