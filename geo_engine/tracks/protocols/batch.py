"""Our own batches, as JSON or as msgpack: rows for whoever writes a client, columns for bulk.

A batch is an object, version 1::

    {"version": 1, "device": "van 7", "fixes": [
        {"tracked_at": "2026-11-26T08:00:00.5Z", "lon": -8.6109, "lat": 41.1496, "accuracy_m": 6.0,
         "altitude_m": 104.0, "speed_mps": 3.5, "heading_deg": 271.0, "battery_percent": 80.0, "is_mock": false,
         "sent_at": "2026-11-26T08:00:02Z", "device": "van 8"}]}

Only `tracked_at`, `lon` and `lat` are needed, null is unknown. A moment is ISO 8601 (UTC unless it says otherwise),
seconds or milliseconds since 1970, or a timestamp of msgpack; a row's own `device` outweighs the batch's. One row, or
a list of rows, may stand alone. `geo-engine decode` prints rows.

Instead of `fixes` a batch of one device may have `columns`, all of one length, in any order::

    {"version": 1, "device": "van 7", "columns": {
        "times_us": …, "lons_deg": …, "lats_deg": …, "accuracies_m": …, "altitudes_m": …, "speeds_mps": …,
        "headings_deg": …, "batteries_percent": …, "mocks": …}}

The first three are needed. Each is a list (null is unknown) or, in msgpack, little-endian bytes (NaN is unknown):
`times_us`, microseconds since 1970, as int64; `mocks` as one byte each; the others as float64 or float32. Of
rows, and of items of a list in msgpack, there are at most 50,000.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgpack

from geo_engine.timespan import moment_text
from geo_engine.tracks.model import Fix, Track
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import (
    MOST_SAID,
    as_list,
    as_object,
    collect,
    dropped,
    read_json,
    read_text,
)
from geo_engine.tracks.protocols.columns import (
    DecodedColumns,
    Said,
    column_fixes,
    columns_document,
    decode_columns,
)
from geo_engine.tracks.protocols.model import Decoded, Other, Post, Unusable
from geo_engine.words import Message

VERSION = 1
_FROM_MSGPACK = 0x80
"""Maps and lists of msgpack begin with a byte from here on, those of JSON with one below."""


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post."""
    found = decode_batch_columns(post, received_at=received_at)
    return column_fixes(found) if isinstance(found, DecodedColumns) else found


def decode_batch_columns(post: Post, *, received_at: datetime) -> DecodedColumns | Decoded:
    """Return a batch of columns as a track, without a fix being made; anything else as `decode` does."""
    if not post.body.strip():
        return Decoded(others=(Other.EMPTY,))
    try:
        document = _read_document(post.body)
        columns = _find_columns(document)
        if columns is not None:
            return decode_columns(columns, received_at)
        rows, device = _rows(document)
    except Unusable as error:
        return dropped(error.message)
    return collect(rows, lambda row: _read_row(as_object(row), device, received_at))


def _read_document(body: bytes) -> object:
    if body[0] < _FROM_MSGPACK or body.startswith(BOM_UTF8):
        return read_json(read_text(body))
    try:
        return msgpack.unpackb(body, unicode_errors="replace", max_array_len=MOST_SAID)
    except (ValueError, msgpack.UnpackException) as error:
        reason = Message("The body is not msgpack, or a list in it is longer than {most}.", {"most": MOST_SAID})
        raise Unusable(reason) from error


def _find_columns(document: object) -> Said | None:
    if not isinstance(document, dict) or "columns" not in document:
        return None
    _demand_version(document)
    return Said(device=read.read_device(document.get("device")), columns=as_object(document["columns"]))


def _rows(document: object) -> tuple[Sequence[object], str | None]:
    """Return the rows and the device of those that name none."""
    if not isinstance(document, dict) or "fixes" not in document:
        return as_list(document), None
    _demand_version(document)
    return as_list(document["fixes"]), read.read_device(document.get("device"))


def _demand_version(document: Mapping[str, object]) -> None:
    version = document.get("version", VERSION)
    if version != VERSION:
        raise Unusable(Message("Version {version} of a batch is not known.", {"version": read.shown(version)}))


def _read_row(row: Mapping[str, object], device: str | None, received_at: datetime) -> Fix:
    tracked_at, is_rollover = read.read_tracked_at(_moment(row.get("tracked_at")), received_at)
    return Fix(
        device=read.read_device(row.get("device")) or device,
        tracked_at=tracked_at,
        position=read.read_position(row.get("lon"), row.get("lat")),
        accuracy_m=read.read_accuracy_m(row.get("accuracy_m")),
        altitude_m=read.read_altitude_m(row.get("altitude_m")),
        speed_mps=read.read_speed_mps(row.get("speed_mps")),
        heading_deg=read.read_heading_deg(row.get("heading_deg")),
        battery_percent=read.read_battery_percent(row.get("battery_percent")),
        is_mock=row.get("is_mock") is True,
        sent_at=read.read_sent_at(_moment(row.get("sent_at")), received_at),
        is_rollover=is_rollover,
    )


def _moment(value: object) -> object:
    if not isinstance(value, msgpack.Timestamp):
        return value
    try:
        return value.to_datetime()
    except (OverflowError, ValueError):
        return str(value.seconds)


def fix_row(fix: Fix) -> dict[str, object]:
    """Return a fix as a row of a batch, its keys in the order of the documentation."""
    return {
        "device": fix.device,
        "tracked_at": moment_text(fix.tracked_at),
        "lon": fix.position.lon,
        "lat": fix.position.lat,
        "accuracy_m": fix.accuracy_m,
        "altitude_m": fix.altitude_m,
        "speed_mps": fix.speed_mps,
        "heading_deg": fix.heading_deg,
        "battery_percent": fix.battery_percent,
        "is_mock": fix.is_mock,
    }


def encode_rows(fixes: Sequence[Fix]) -> bytes:
    """Return fixes as a batch of rows in JSON."""
    rows = [fix_row(fix) | ({} if fix.sent_at is None else {"sent_at": moment_text(fix.sent_at)}) for fix in fixes]
    return json.dumps({"version": VERSION, "fixes": rows}, ensure_ascii=False).encode()


def encode_columns(track: Track, *, device: str | None) -> bytes:
    """Return a track as a batch of columns in msgpack."""
    packed: bytes = msgpack.packb({"version": VERSION, "device": device, "columns": columns_document(track)})
    return packed
