"""What the apps on phones send: fixes as each app's own request, as read from the apps' sources."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlencode

import numpy as np

from geo_engine.tables.json_text import find_json
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.model import to_microseconds
from geo_engine.tracks.protocols import Post, Protocol, decode
from geo_engine.tracks.protocols.batch import encode_columns

_KNOTS_PER_MPS = 1.94384
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_MSGPACK = "application/msgpack"
_TRACCAR_9_TAKEN = (200, 201, 204)


class Phone(StrEnum):
    """An app and its generation."""

    OWNTRACKS = "owntracks"
    TRACCAR_8 = "traccar-8"
    TRACCAR_9 = "traccar-9"
    TRACCAR_10 = "traccar-10"
    OSMAND = "osmand"
    OVERLAND = "overland"
    GPSLOGGER = "gpslogger"
    BATCH = "batch"
    """Whoever sends our own batches, in columns of msgpack."""


PROTOCOLS: Mapping[Phone, Protocol] = {
    Phone.OWNTRACKS: Protocol.OWNTRACKS,
    Phone.TRACCAR_10: Protocol.TRACCAR,
    Phone.TRACCAR_9: Protocol.TRACCAR,
    Phone.TRACCAR_8: Protocol.TRACCAR,
    Phone.OSMAND: Protocol.OSMAND,
    Phone.OVERLAND: Protocol.OVERLAND,
    Phone.GPSLOGGER: Protocol.GPSLOGGER,
    Phone.BATCH: Protocol.BATCH,
}
"""What each speaks; of several that speak one the usual is first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRequest:
    """One HTTP request of an app.

    Parameters
    ----------
    query
        To be put behind the address that was entered in the app, with a question mark; empty for none.
    """

    method: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""


def request_of(phone: Phone, fixes: Sequence[Fix], *, device: str) -> PhoneRequest:
    """Return the request by which an app sends fixes.

    Parameters
    ----------
    fixes
        One; where the app batches, up to `MOST_FIXES` of it.
    device
        What the app calls itself.
    """
    return _ENCODERS[phone](fixes, device)


def _owntracks(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    """Return OwnTracks' (Android 2.5): velocity in km/h, whole numbers; what is unknown or 0 is left out."""
    fix = fixes[0]
    message = {
        "_type": "location",
        "acc": _whole(fix.accuracy_m),
        "alt": _whole(fix.altitude_m),
        "batt": _whole(fix.battery_percent),
        "bs": 1,
        "cog": _whole(fix.heading_deg),
        "conn": "m",
        "created_at": None if fix.sent_at is None else _seconds(fix.sent_at),
        "lat": fix.position.lat,
        "lon": fix.position.lon,
        "m": 1,
        "t": "v",
        "tid": device[-2:],
        "topic": f"owntracks/user/{device}",
        "tst": _seconds(fix.tracked_at),
        "vel": None if fix.speed_mps is None else _whole(3.6 * fix.speed_mps),
    }
    return PhoneRequest(
        method="POST",
        headers={"Content-Type": f"{_JSON}; charset=utf-8", "X-Limit-U": "user", "X-Limit-D": device},
        body=_json({key: value for key, value in message.items() if value}),
    )


def _traccar_8(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    """Return Traccar Client's up to 8 (iOS): a query, knots, seconds, and 0 for what is unknown."""
    fix = fixes[0]
    said = {
        "id": device,
        "timestamp": _seconds(fix.tracked_at),
        "lat": fix.position.lat,
        "lon": fix.position.lon,
        "speed": _KNOTS_PER_MPS * (fix.speed_mps or 0.0),
        "bearing": fix.heading_deg or 0.0,
        "altitude": fix.altitude_m or 0.0,
        "accuracy": fix.accuracy_m or 0.0,
        "batt": fix.battery_percent or 0.0,
    }
    return PhoneRequest(method="POST", query=urlencode(said))


def _traccar_9(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    """Return Traccar Client's 9: JSON, m/s, a level of 0 to 1, and −1 for what is unknown."""
    fix = fixes[0]
    template = {
        "id": device,
        "lat": fix.position.lat,
        "lon": fix.position.lon,
        "timestamp": _iso_milliseconds(fix.tracked_at),
    }
    location = {
        "timestamp": _iso_milliseconds(fix.tracked_at),
        "coords": {
            "latitude": fix.position.lat,
            "longitude": fix.position.lon,
            "accuracy": _known(fix.accuracy_m),
            "speed": _known(fix.speed_mps),
            "heading": _known(fix.heading_deg),
            "altitude": fix.altitude_m or 0.0,
        },
        "is_moving": bool(fix.speed_mps),
        "odometer": 0.0,
        "event": "",
        "battery": {"level": _known(_part(fix.battery_percent)), "is_charging": False},
        "activity": {"type": "in_vehicle" if fix.speed_mps else "still"},
        "extras": {},
        "_": f"&{urlencode(template)}&",
    }
    return PhoneRequest(
        method="POST", headers={"Content-Type": _JSON}, body=_json({"location": location, "device_id": device})
    )


def _traccar_10(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    """Return Traccar Client's 10: a form, knots of two decimals; what is unknown is left out."""
    fix = fixes[0]
    said = {
        "id": device,
        "timestamp": _seconds(fix.tracked_at),
        "lat": fix.position.lat,
        "lon": fix.position.lon,
        "speed": None if fix.speed_mps is None else round(_KNOTS_PER_MPS * fix.speed_mps, 2),
        "bearing": fix.heading_deg,
        "altitude": fix.altitude_m,
        "accuracy": fix.accuracy_m,
        "batt": fix.battery_percent,
        "charge": "false",
    }
    return PhoneRequest(method="POST", headers={"Content-Type": _FORM}, body=_form(said))


def _osmand(fixes: Sequence[Fix], _device: str) -> PhoneRequest:
    """Return OsmAnd's own: a query, coordinates of single precision, milliseconds, m/s, and 0.0 for the unknown."""
    fix = fixes[0]
    said = {
        "lat": np.float32(fix.position.lat),
        "lon": np.float32(fix.position.lon),
        "timestamp": to_microseconds(fix.tracked_at) // 1000,
        "hdop": fix.accuracy_m or 0.0,
        "altitude": fix.altitude_m or 0.0,
        "speed": fix.speed_mps or 0.0,
        "bearing": fix.heading_deg or 0.0,
    }
    return PhoneRequest(method="GET", query=urlencode(said))


def _overland(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    """Return Overland's: a batch of GeoJSON features, whole numbers, and −1 for what is unknown."""
    return PhoneRequest(
        method="POST",
        headers={"Content-Type": _JSON},
        body=_json({"locations": [_feature(fix, device) for fix in fixes]}),
    )


def _feature(fix: Fix, device: str) -> dict[str, object]:
    properties = {
        "timestamp": fix.tracked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "altitude": round(fix.altitude_m or 0.0),
        "speed": _known(_whole(fix.speed_mps)),
        "course": _known(_whole(fix.heading_deg)),
        "horizontal_accuracy": _known(_whole(fix.accuracy_m)),
        "vertical_accuracy": -1,
        "motion": ["driving"] if fix.speed_mps else ["stationary"],
        "battery_state": "unplugged",
        "battery_level": _known(_part(fix.battery_percent)),
        "device_id": device,
        "wifi": "",
    }
    geometry = {"type": "Point", "coordinates": [fix.position.lon, fix.position.lat]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _gpslogger(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    """Return GPSLogger's with all it can say: a form, m/s, seconds and ISO, and 0.0 or nothing for the unknown."""
    fix = fixes[0]
    said = {
        "lat": fix.position.lat,
        "lon": fix.position.lon,
        "sat": 0,
        "desc": "",
        "alt": fix.altitude_m or 0.0,
        "acc": fix.accuracy_m or 0.0,
        "dir": fix.heading_deg or 0.0,
        "prov": "gps",
        "spd_kph": 3.6 * (fix.speed_mps or 0.0),
        "spd": fix.speed_mps or 0.0,
        "timestamp": _seconds(fix.tracked_at),
        "timeoffset": fix.tracked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+00:00",
        "time": _iso_milliseconds(fix.tracked_at),
        "batt": "" if fix.battery_percent is None else fix.battery_percent,
        "ischarging": "false",
        "aid": device,
        "ser": device,
        "act": "",
    }
    return PhoneRequest(method="POST", headers={"Content-Type": _FORM}, body=_form(said))


def _batch(fixes: Sequence[Fix], device: str) -> PhoneRequest:
    return PhoneRequest(
        method="POST", headers={"Content-Type": _MSGPACK}, body=encode_columns(Track.of(fixes), device=device)
    )


_ENCODERS: Mapping[Phone, Callable[[Sequence[Fix], str], PhoneRequest]] = {
    Phone.OWNTRACKS: _owntracks,
    Phone.TRACCAR_8: _traccar_8,
    Phone.TRACCAR_9: _traccar_9,
    Phone.TRACCAR_10: _traccar_10,
    Phone.OSMAND: _osmand,
    Phone.OVERLAND: _overland,
    Phone.GPSLOGGER: _gpslogger,
    Phone.BATCH: _batch,
}

MOST_FIXES: Mapping[Phone, int] = {Phone.OVERLAND: 200, Phone.BATCH: 500}
"""How many fixes an app puts into one request, where more than one."""


def is_taken(phone: Phone, status: int, content_type: str, body: bytes) -> bool:
    """Return whether an app takes an answer to mean that it may forget what it sent."""
    if phone is Phone.TRACCAR_9:
        return status in _TRACCAR_9_TAKEN
    if phone is Phone.OVERLAND:
        return 200 <= status < 300 and "json" in content_type and _says_ok(body)
    return 200 <= status < 300


def _says_ok(body: bytes) -> bool:
    answer = find_json(body)
    return isinstance(answer, dict) and answer.get("result") == "ok"


def said_fixes(phone: Phone, request: PhoneRequest, *, received_at: datetime) -> tuple[Fix, ...]:
    """Return the fixes of a request as whoever reads its protocol understands them."""
    post = Post(
        query=request.query,
        content_type=request.headers.get("Content-Type", ""),
        body=request.body,
        headers={name.lower(): value for name, value in request.headers.items()},
    )
    return decode(PROTOCOLS[phone], post, received_at=received_at).fixes


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _iso_milliseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _part(percent: float | None) -> float | None:
    return None if percent is None else percent / 100.0


def _known(value: float | None) -> float:
    return -1 if value is None else value


def _json(said: object) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode()


def _form(said: Mapping[str, object]) -> bytes:
    return urlencode({key: value for key, value in said.items() if value is not None}).encode()
