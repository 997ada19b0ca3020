"""OpenGTS: an NMEA sentence RMC in the field gprmc or as the body; minutes, knots, years of two digits."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import collect, read_fields, read_text
from geo_engine.tracks.protocols.model import Decoded, Other, Post, Unusable
from geo_engine.words import Message

_LONGEST_SENTENCE = 200
_FIRST_YEAR = 80
"""Of GPS: years from here on are of the 20th century."""
_DEGREE_DECIMALS = 8
_RMC = re.compile(
    r"\$?[A-Z]{2}RMC,(?P<clock>\d{6}(?:\.\d+)?),A,"
    r"(?P<lat>\d{1,2})(?P<lat_min>\d\d(?:\.\d*)?),(?P<ns>[NS]),"
    r"(?P<lon>\d{1,3})(?P<lon_min>\d\d(?:\.\d*)?),(?P<ew>[EW]),"
    r"(?P<speed>[\d.]*),(?P<course>[\d.]*),(?P<date>\d{6})(?:[,*].*)?",
    re.ASCII,
)
_VOID = re.compile(r"\$?[A-Z]{2}RMC,[^,]*,V,")


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post.

    Notes
    -----
    A sentence's checksum is not asked for: it guards the wire between receiver and tracker, HTTP guards the rest,
    and clients exist that compute it wrongly for sentences that are right.
    """
    fields = read_fields(post.query)
    text = read_text(post.body)
    if text.startswith("$"):
        sentences = text.split()
    else:
        fields = read_fields(text) | fields
        sentences = [fields["gprmc"].strip()] if "gprmc" in fields else []
    if not sentences:
        return Decoded(others=(Other.HEARTBEAT if fields else Other.EMPTY,))
    return collect(sentences, lambda sentence: _read(sentence, fields, received_at))


def _read(sentence: str, fields: Mapping[str, str], received_at: datetime) -> Fix | Other:
    parts = _RMC.fullmatch(sentence) if len(sentence) <= _LONGEST_SENTENCE else None
    if parts is None:
        return _other(sentence)
    tracked_at, is_rollover = read.read_tracked_at(_moment(parts["date"], parts["clock"]), received_at)
    lat = _degrees(parts["lat"], parts["lat_min"], is_negative=parts["ns"] == "S")
    lon = _degrees(parts["lon"], parts["lon_min"], is_negative=parts["ew"] == "W")
    return Fix(
        device=read.read_device(fields.get("id") or fields.get("dev") or fields.get("acct")),
        tracked_at=tracked_at,
        position=read.read_position(lon, lat),
        altitude_m=read.read_altitude_m(fields.get("alt")),
        speed_mps=read.read_speed_mps(parts["speed"], read.MPS_PER_KNOT),
        heading_deg=read.read_heading_deg(parts["course"]),
        battery_percent=read.read_battery_percent(fields.get("batt")),
        is_rollover=is_rollover,
    )


def _other(sentence: str) -> Other:
    """Return what a sentence is that says no position; raise for what is none, or says that there is none."""
    if _VOID.match(sentence):
        raise Unusable(Message("The device says that its position is not valid."))
    if sentence.startswith("$") and sentence[3:6] != "RMC":
        return Other.UNNAMED
    raise Unusable(Message("“{value}” is no sentence RMC.", {"value": read.shown(sentence)}))


def _moment(date: str, clock: str) -> object:
    """Return the moment of ddmmyy and hhmmss.sss, or the two as they are where there is none."""
    day, month, year = int(date[:2]), int(date[2:4]), int(date[4:])
    hour, minute, second = int(clock[:2]), int(clock[2:4]), float(clock[4:])
    century = 1900 if year >= _FIRST_YEAR else 2000
    try:
        whole = datetime(century + year, month, day, hour, minute, int(second), tzinfo=UTC)
    except ValueError:
        return f"{date} {clock}"
    return whole.replace(microsecond=min(round(second % 1 * 1_000_000), 999_999))


def _degrees(degrees: str, minutes: str, *, is_negative: bool) -> float:
    found = round(int(degrees) + float(minutes) / 60, _DEGREE_DECIMALS)
    return -found if is_negative else found
