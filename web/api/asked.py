"""How what phones send is read: each field once, and what is wrong with it said by its name."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs, position_in, to_wgs84
from geo_engine.ids import CheckInId, DeviceId, PhotoId, SiteId, parse_id
from geo_engine.visits import CheckInKind
from geo_engine.visits.model import MOST_POSITIONS, TOO_MANY_POSITIONS, CheckInPosition, Statement, UnusableCheckIn
from geo_engine.words import Message

_MOST_PHOTOS = 20
_TOO_MANY_PHOTOS = Message("A check-in has at most {most} photos.", {"most": _MOST_PHOTOS})
_LARGEST_ACCURACY_M = 1e6
_YEARS = range(1900, 2200)
"""What a phone's clock can show, however wrong: beyond, nothing can be reckoned with it, nor shown in every zone."""


class FieldUnreadable(InvalidInput):
    """A field is missing, or not what it should be."""

    def __init__(self, field: str) -> None:
        super().__init__(Message("The field {field} is missing or cannot be read.", {"field": field}))


def read_statement(body: object, *, device_id: DeviceId, now: datetime) -> Statement:
    """Return what a phone states.

    Raises
    ------
    InvalidInput
        When a field is missing or no such thing; the first is named.
    """
    told = _fields(body, "body")
    positions = _list(told, "positions", TOO_MANY_POSITIONS, MOST_POSITIONS)
    listed = _list(told, "photo_ids", _TOO_MANY_PHOTOS, _MOST_PHOTOS)
    photos = (_read({"photo_ids": one}, "photo_ids", _uuid) for one in listed)
    return Statement(
        id=CheckInId(_read(told, "id", _uuid)),
        kind=_read(told, "kind", CheckInKind),
        site_id=SiteId(_read(told, "site_id", lambda value: parse_id(_text(value)))),
        told_at=_read(told, "told_at", _moment),
        sent_at=_read(told, "sent_at", _moment),
        received_at=now,
        positions=tuple(sorted((_position(one) for one in positions), key=lambda one: one.tracked_at)),
        photo_ids=tuple(dict.fromkeys(map(PhotoId, photos))),
        device_id=device_id,
        note=_read(told, "note", _note) if told.get("note") is not None else "",
    )


def _position(value: object) -> CheckInPosition:
    told = _fields(value, "positions")
    crs = _read(told, "crs", Crs) if told.get("crs") is not None else Crs.WGS84
    lon, lat = (_read(told, name, _number) for name in ("lon", "lat"))
    accuracy_m = None if told.get("accuracy_m") is None else _read(told, "accuracy_m", _accuracy)
    return CheckInPosition(
        tracked_at=_read(told, "tracked_at", _moment),
        position=to_wgs84(position_in(crs, lon, lat)),
        accuracy_m=accuracy_m,
        is_mock=told.get("is_mock") is True,
    )


def _fields(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FieldUnreadable(field)
    return value


def _list(told: Mapping[str, Any], field: str, refusal: Message, most: int) -> list[Any]:
    value = told.get(field, [])
    if not isinstance(value, list):
        raise FieldUnreadable(field)
    if len(value) > most:
        raise UnusableCheckIn(refusal)
    return value


def _read[T](told: Mapping[str, Any], field: str, read: Callable[[Any], T]) -> T:
    try:
        return read(told[field])
    except UnusableCheckIn:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, InvalidInput):
        raise FieldUnreadable(field) from None


def _text(value: object) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    return value


def _note(value: object) -> str:
    """Return a note as it can be kept: JSON can spell half a character, and apps cut notes in the middle of one."""
    return _text(value).encode("utf-8", "replace").decode("utf-8")


def _uuid(value: object) -> UUID:
    return UUID(_text(value))


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    if moment.year not in _YEARS:
        raise ValueError(value)
    return moment.astimezone(UTC)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return float(value)


def _accuracy(value: object) -> float:
    accuracy_m = _number(value)
    if not 0.0 < accuracy_m <= _LARGEST_ACCURACY_M:
        raise ValueError(value)
    return accuracy_m
