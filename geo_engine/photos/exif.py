"""What a picture says of itself in EXIF, read as evidence: anything that cannot be understood is unknown."""

import math
import re
import struct
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.photos.model import PictureEvidence

# All that reading a damaged directory was seen to raise.
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, ZeroDivisionError, AttributeError),
    *(SyntaxError, EOFError, OSError, MemoryError, RecursionError, AssertionError, struct.error),
)
_CLOCK = re.compile(r"(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_YEARS = range(1980, 2200)
_LONGEST_TEXT = 100
_FARTHEST_ERROR_M = 1e6
# The clock when the picture was taken, then when it was scanned, then when the file was changed, each with its zone.
_CLOCKS = (
    (Base.DateTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.OffsetTimeDigitized),
    (Base.DateTime, Base.OffsetTime),
)

type _Tags = Mapping[int, Any]


def read_evidence(content: bytes) -> PictureEvidence:
    """Return what the EXIF of a picture says.

    Parameters
    ----------
    content
        With or without the six bytes ``Exif``, 0, 0 in front; nothing when the picture has none.

    Notes
    -----
    Exif 3.0 (CIPA DC-008). A position without its hemispheres, on another datum than WGS 84, marked void, or at 0, 0
    is unknown.
    """
    tags, gps = _directories(content)
    position = _position(gps)
    return PictureEvidence(
        clock_at=_clock_at(tags),
        gps_at=_gps_at(gps),
        position=position,
        position_error_m=None if position is None else _error_m(gps),
        make=_text(tags, Base.Make),
        model=_text(tags, Base.Model),
        software=_text(tags, Base.Software),
    )


def _directories(content: bytes) -> tuple[_Tags, _Tags]:
    """Return what is said of the picture and the camera, and what of the place."""
    exif = Image.Exif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow tells the console of damage
        _read(lambda: exif.load(content))
        first: _Tags = _read(lambda: dict(exif)) or {}
        details: _Tags = _read(lambda: exif.get_ifd(IFD.Exif)) or {}
        gps: _Tags = _read(lambda: exif.get_ifd(IFD.GPSInfo)) or {}
    return {**first, **details}, gps


def _read[T](read: Callable[[], T]) -> T | None:
    try:
        return read()
    except _UNREADABLE:
        return None


def _text(tags: _Tags, tag: int) -> str | None:
    value = _read(lambda: tags.get(tag))
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if not isinstance(value, str):
        return None
    value = value.split("\0", 1)[0]
    shown = "".join(one if one.isprintable() else " " for one in value)
    return " ".join(shown.split())[:_LONGEST_TEXT].strip() or None


def _clock_at(tags: _Tags) -> datetime | None:
    for clock_tag, offset_tag in _CLOCKS:
        found = _CLOCK.match(_text(tags, clock_tag) or "")
        clock = None if found is None else _moment(*(int(one or 0) for one in found.groups()))
        if clock is not None:
            return clock.replace(tzinfo=_zone(_text(tags, offset_tag) or ""))
    return None


def _moment(*parts: int) -> datetime | None:
    # No zone is known here: the clock shows what it shows.
    moment = _read(lambda: datetime(*parts))  # type: ignore[arg-type]  # noqa: DTZ001
    return moment if moment is not None and moment.year in _YEARS else None


def _zone(text: str) -> timezone | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return UTC if text == "Z" else None
    sign, hours, minutes = found.groups()
    distance = timedelta(hours=int(hours), minutes=int(minutes))
    return _read(lambda: timezone(-distance if sign == "-" else distance))


def _gps_at(gps: _Tags) -> datetime | None:
    day = re.match(r"(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})$", _text(gps, GPS.GPSDateStamp) or "")
    clock = _numbers(gps, GPS.GPSTimeStamp)
    if day is None or clock is None:
        return None
    midnight = _moment(*(int(one) for one in day.groups()))
    hours, minutes, seconds = clock
    if midnight is None or not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds <= 60):
        return None
    return midnight.replace(tzinfo=UTC) + timedelta(seconds=round(hours * 3600 + minutes * 60 + seconds))


def _position(gps: _Tags) -> Position | None:
    datum = (_text(gps, GPS.GPSMapDatum) or "WGS").upper()
    if _text(gps, GPS.GPSStatus) == "V" or not datum.startswith("WGS"):
        return None
    lat = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "NS")
    lon = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "EW")
    if lat is None or lon is None or lat == lon == 0:
        return None
    try:
        return Position(lon, lat)
    except InvalidInput:
        return None


def _degrees(gps: _Tags, tag: int, hemisphere_tag: int, hemispheres: str) -> float | None:
    parts, hemisphere = _numbers(gps, tag), (_text(gps, hemisphere_tag) or "").upper()
    if parts is None or len(hemisphere) != 1 or hemisphere not in hemispheres or min(parts) < 0:
        return None
    degrees, minutes, seconds = parts
    size = degrees + minutes / 60 + seconds / 3600
    return size if hemisphere == hemispheres[0] else -size


def _error_m(gps: _Tags) -> float | None:
    value = _number(_read(lambda: gps.get(GPS.GPSHPositioningError)))
    return value if value is not None and 0 < value <= _FARTHEST_ERROR_M else None


def _numbers(gps: _Tags, tag: int) -> tuple[float, float, float] | None:
    """Return three rationals, of which the last may be missing."""
    values = _read(lambda: [_number(one) for one in gps[tag]]) or []
    if len(values) == 2:
        values.append(0.0)
    first, second, third = values if len(values) == 3 else (None, None, None)
    return None if first is None or second is None or third is None else (first, second, third)


def _number(value: object) -> float | None:
    """Return a rational as a number; None when its denominator is 0."""
    number = _read(lambda: float(value))  # type: ignore[arg-type]
    return number if number is not None and math.isfinite(number) else None
