"""The words of tracking: a fix, what may be wrong with it, the track of a device, and what is derived from it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import IntFlag, StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position

MICROSECONDS_PER_S = 1_000_000


class Flag(IntFlag):
    """What is doubtful about a fix. A flagged fix is kept; flags can be computed again."""

    DUPLICATE = 1
    """Said before: the same moment and place of the same device."""
    FUTURE = 2
    """Later than we received it: the device's clock is ahead."""
    STALE = 4
    """Older than any device keeps fixes. On record only: late data derive the same as timely ones."""
    INACCURATE = 8
    """Its accuracy is worse than the limit."""
    JUMP = 16
    """Nobody gets there and on from there in time."""
    FROZEN = 32
    """The same coordinates for long while the device says it moves."""
    MOCK = 64
    """The device says that a program made the position up."""
    ROLLOVER = 128
    """Its date was moved by 1,024 weeks, which the receiver had lost count of."""
    ZERO = 256
    """At longitude 0 and latitude 0, where broken receivers are."""


UNUSABLE = Flag.DUPLICATE | Flag.FUTURE | Flag.INACCURATE | Flag.JUMP | Flag.FROZEN | Flag.ZERO
"""Flags that keep a fix out of what is derived; the others only go on record."""


class GapCause(StrEnum):
    """Why a device was silent."""

    OFFLINE = "offline"
    NO_PERMISSION = "no_permission"
    BATTERY = "battery"
    OFF_SHIFT = "off_shift"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One position report of one device; what is None the device did not know or say.

    Parameters
    ----------
    device
        What the report calls its device; None when it names none and its credential says who it is.
    tracked_at
        When the position held, by the device.
    sent_at
        When the device built the report, by the device.
    accuracy_m
        Radius within which the position lies with a probability of about 68 %.
    altitude_m
        Above the ellipsoid or mean sea level, as the device has it: not to be compared across devices.
    heading_deg
        Clockwise from true north, 0 to 360.
    is_rollover
        Whether its date was moved by the weeks that the receiver had lost count of (`Flag.ROLLOVER`).
    """

    device: str | None
    tracked_at: datetime
    position: Position
    accuracy_m: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    battery_percent: float | None = None
    is_mock: bool = False
    sent_at: datetime | None = None
    is_rollover: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """The fixes of one device as columns, ordered by time; all arrays have one length.

    Parameters
    ----------
    times_us
        Microseconds since 1970 (UTC), ascending; equal ones may follow each other.
    lons_deg, lats_deg
        WGS 84.
    accuracies_m, altitudes_m, speeds_mps, headings_deg, batteries_percent
        NaN where unknown.
    mocks
        Whether the device says that the position was made up.
    """

    times_us: NDArray[np.int64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    accuracies_m: NDArray[np.float64]
    altitudes_m: NDArray[np.float64]
    speeds_mps: NDArray[np.float64]
    headings_deg: NDArray[np.float64]
    batteries_percent: NDArray[np.float64]
    mocks: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.times_us)

    @classmethod
    def of(cls, fixes: Sequence[Fix]) -> Self:
        """Return fixes as a track; in which order they come does not matter."""
        return cls.in_order(sorted(fixes, key=_order))

    @classmethod
    def in_order(cls, fixes: Sequence[Fix]) -> Self:
        """Return fixes as columns in the order in which they come, which is the caller's to answer for."""
        return cls(
            times_us=np.array([to_microseconds(fix.tracked_at) for fix in fixes], dtype=np.int64),
            lons_deg=_column([fix.position.lon for fix in fixes]),
            lats_deg=_column([fix.position.lat for fix in fixes]),
            accuracies_m=_column([fix.accuracy_m for fix in fixes]),
            altitudes_m=_column([fix.altitude_m for fix in fixes]),
            speeds_mps=_column([fix.speed_mps for fix in fixes]),
            headings_deg=_column([fix.heading_deg for fix in fixes]),
            batteries_percent=_column([fix.battery_percent for fix in fixes]),
            mocks=np.array([fix.is_mock for fix in fixes], dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A span in which a device stayed within one small place.

    Parameters
    ----------
    position
        Its middle, weighted by accuracy.
    radius_m
        Within which the device stayed, as well as its fixes tell.
    fix_count
        How many usable fixes it stands on.
    """

    started_at: datetime
    ended_at: datetime
    position: Position
    radius_m: float
    fix_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """The move between two stops, or between a stop and an end of the track or of a long silence.

    Parameters
    ----------
    distance_m
        Along the usable fixes; jitter of a standing device adds nothing.
    fix_count
        How many usable fixes it stands on.
    """

    started_at: datetime
    ended_at: datetime
    distance_m: float
    fix_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A span that should have been tracked and has no usable fix."""

    started_at: datetime
    ended_at: datetime
    cause: GapCause = GapCause.UNKNOWN


def concatenate(tracks: Sequence[Track]) -> Track:
    """Return tracks as one, each behind the one before; none gives a track of no fix."""
    whole = [Track.in_order([]), *tracks]
    return Track(**{one.name: np.concatenate([getattr(track, one.name) for track in whole]) for one in fields(Track)})


def select_fixes(track: Track, chosen: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Track:
    """Return some of a track's fixes, in the order in which they are chosen."""
    return Track(**{one.name: getattr(track, one.name)[chosen] for one in fields(Track)})


def to_microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970, exactly.

    Examples
    --------
    >>> to_microseconds(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC))
    1000005
    """
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * MICROSECONDS_PER_S + since.microseconds


def to_moment(microseconds: int) -> datetime:
    """Return microseconds since 1970 as a moment (UTC), exactly.

    Examples
    --------
    >>> to_moment(1_000_005).isoformat()
    '1970-01-01T00:00:01.000005+00:00'
    """
    return _EPOCH + timedelta(microseconds=microseconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _order(fix: Fix) -> tuple[datetime, float, float, float]:
    # Of two at one moment and place the more accurate is first.
    return fix.tracked_at, fix.position.lon, fix.position.lat, np.inf if fix.accuracy_m is None else fix.accuracy_m


def _column(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
