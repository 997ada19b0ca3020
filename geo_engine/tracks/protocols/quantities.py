"""What clients say of a fix, in whatever type and unit, as our quantities.

Clients mean the same thing by a number, a text that holds one, a key left out, null, 0 and −1. What a fix needs
(time, place) is refused when it is not there; all else is then unknown. Nothing that comes out is infinite, out of
its range, or text that cannot be stored.
"""

import math
from datetime import UTC, datetime, timedelta

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.ids import parse_id
from geo_engine.tracks.protocols.model import Unusable
from geo_engine.words import Message

MPS_PER_KNOT = 1852 / 3600
MPS_PER_KMH = 1 / 3.6

ROLLOVER_AGE = timedelta(weeks=1024) - timedelta(days=90)
"""Older than this no device keeps fixes; its receiver has lost count of the weeks (GPS counts 1,024)."""
ROLLOVER = timedelta(weeks=1024)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
"""Week 0: no receiver says an earlier time, however many weeks it has lost."""
MILLISECONDS_BEGIN = 315_964_800_000
"""GPS began so many milliseconds after 1970: a number below counts seconds, any other milliseconds."""
AHEAD = timedelta(days=3653)
"""How far ahead a clock may be; a fix from later has no date that could be kept."""

OVER_THE_EDGE_DEG = 0.01
"""How far beyond ±180 and ±90 rounding carries a position that lies on the edge."""
MOST_ACCURACY_M = 10_000_000.0
MOST_ALTITUDE_M = 100_000.0
MOST_SPEED_MPS = 10_000.0

_SIGNIFICANT_DECIMALS = 6
_PERCENT_DECIMALS = 2
_LONGEST_NUMBER = 64
_LONGEST_SHOWN = 40
_LONGEST_DEVICE = 1_000
_DATE_LENGTH = len("2026-11-26")


def read_number(value: object) -> float | None:
    """Return a finite number said as a number or a text; None for anything else.

    Examples
    --------
    >>> read_number("12.5"), read_number(3), read_number("NaN"), read_number(True), read_number(10**400)
    (12.5, 3.0, None, None, None)
    """
    kind = type(value)
    if kind is str:
        if len(value) > _LONGEST_NUMBER or "_" in value:  # type: ignore[arg-type,operator]
            return None
    elif kind is not float and kind is not int:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None
    return number + 0.0 if math.isfinite(number) else None  # + 0.0: there is no −0


def read_moment(value: object) -> datetime | None:
    """Return a moment said in seconds or milliseconds since 1970 or as ISO 8601 (UTC unless it says otherwise).

    Examples
    --------
    >>> read_moment(1377177267).isoformat(), read_moment("1377177267500").isoformat()
    ('2013-08-22T13:14:27+00:00', '2013-08-22T13:14:27.500000+00:00')
    >>> read_moment("2015-10-01T08:00:00-0700").isoformat()
    '2015-10-01T15:00:00+00:00'
    """
    if type(value) is datetime:
        return value
    try:
        if type(value) is str and value[4:5] == "-" and len(value) <= _LONGEST_NUMBER:
            return _read_iso(value.strip())
        number = read_number(value)
        if number is None:
            return None
        return datetime.fromtimestamp(number if number < MILLISECONDS_BEGIN else number / 1000.0, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_iso(text: str) -> datetime:
    if len(text) <= _DATE_LENGTH:
        raise ValueError(text)  # a date alone is no moment
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        # “+08:00” in a query that nobody escaped arrives as “ 08:00”.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_tracked_at(value: object, received_at: datetime) -> tuple[datetime, bool]:
    """Return when a position held, and whether its date was moved by the weeks that the receiver lost.

    Raises
    ------
    Unusable
        When it is no time, or one that no device's clock shows.

    Notes
    -----
    A receiver counts weeks modulo 1,024; one that lost count says a date about 19.6 years back. Traccar repairs
    such dates in the same way.
    """
    moment = read_moment(value)
    if moment is None:
        raise Unusable(
            Message("It says no time.") if value is None else Message("“{value}” is no time.", {"value": shown(value)})
        )
    oldest = received_at - ROLLOVER_AGE
    if moment >= oldest:
        if moment > received_at + AHEAD:
            raise Unusable(Message("The time {time} is years ahead.", {"time": moment.isoformat()}))
        return moment, False
    if moment < EPOCH:
        raise Unusable(Message("The time {time} is before 1970.", {"time": moment.isoformat()}))
    if moment < GPS_EPOCH:
        return moment, False
    while moment < oldest:
        moment += ROLLOVER
    return moment, True


def read_sent_at(value: object, received_at: datetime) -> datetime | None:
    """Return when a report was built; a time that no clock shows is unknown."""
    moment = read_moment(value)
    return None if moment is None or not EPOCH <= moment <= received_at + AHEAD else moment


def read_position(lon: object, lat: object) -> Position:
    """Return a position; one that rounding carried a little over the edge lies on it.

    Raises
    ------
    InvalidInput
        When a coordinate is no number or out of its range.
    """
    lon_deg, lat_deg = read_number(lon), read_number(lat)
    if lon_deg is None or lat_deg is None:
        raise Unusable(_no_position(lon, lat))
    return Position(_on_edge(lon_deg, 180.0), _on_edge(lat_deg, 90.0))


def read_accuracy_m(value: object) -> float | None:
    """Return an accuracy; 0 and less mean that it is unknown."""
    number = read_number(value)
    return None if number is None or number <= 0.0 else min(number, MOST_ACCURACY_M)


def read_altitude_m(value: object) -> float | None:
    """Return an altitude."""
    number = read_number(value)
    return None if number is None or abs(number) > MOST_ALTITUDE_M else number


def read_speed_mps(value: object, mps_per_unit: float = 1.0) -> float | None:
    """Return a speed; less than 0 means that it is unknown."""
    number = read_number(value)
    if number is None or not 0.0 <= number <= MOST_SPEED_MPS:
        return None
    return number if mps_per_unit == 1.0 else round(number * mps_per_unit, _SIGNIFICANT_DECIMALS)


def read_heading_deg(value: object) -> float | None:
    """Return a heading; what is no angle from 0 to 360 is unknown."""
    number = read_number(value)
    return None if number is None or not 0.0 <= number <= 360.0 else number


def read_battery_percent(value: object, percent_per_unit: float = 1.0) -> float | None:
    """Return how full a battery is; less than 0 means that it is unknown."""
    number = read_number(value)
    if number is None:
        return None
    percent = number if percent_per_unit == 1.0 else round(number * percent_per_unit, _PERCENT_DECIMALS)
    return percent if 0.0 <= percent <= 100.0 else None


def read_device(value: object) -> str | None:
    r"""Return what a client calls its device, or None when it says nothing that could name one.

    Examples
    --------
    >>> read_device(" 007 "), read_device(48241179), read_device(""), read_device(None), read_device("a\x00")
    ('007', '48241179', None, None, None)
    """
    if type(value) is int:
        value = str(value)
    if type(value) is not str or not 0 < len(value) <= _LONGEST_DEVICE:
        return None
    try:
        return parse_id(value)
    except InvalidInput:
        return None


def shown(value: object) -> str:
    """Return the beginning of what a client said, fit to be shown and kept."""
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    text = value if isinstance(value, str) else str(value)
    clipped = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in clipped)


def _no_position(lon: object, lat: object) -> Message:
    if lon is None or lat is None:
        return Message("It says no position.")
    if read_number(lon) is None:
        return Message("“{value}” is no longitude.", {"value": shown(lon)})
    return Message("“{value}” is no latitude.", {"value": shown(lat)})


def _on_edge(degrees: float, most_deg: float) -> float:
    is_beyond = most_deg < abs(degrees) <= most_deg + OVER_THE_EDGE_DEG
    return math.copysign(most_deg, degrees) if is_beyond else degrees
