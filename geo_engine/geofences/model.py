"""The words of arrivals: a geofence with its shape and its hours, and the transitions across it."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import shapely

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, MemberId, SiteId
from geo_engine.timespan import ClockWindow
from geo_engine.words import Message

LEAST_RADIUS_M = 5.0
MOST_RADIUS_M = 100_000.0
MOST_VERTICES = 20_000
DEFAULT_RADIUS_M = 100.0
"""Of a site that nobody has drawn a fence for."""
EVERY_DAY = frozenset(range(1, 8))


class UnusableFence(InvalidInput):
    """A fence that nobody can be inside of, or that is no fence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """All that is within a distance of a place.

    Raises
    ------
    UnusableFence
        When the radius is not between 5 m and 100 km.
    """

    centre: Position
    radius_m: float

    def __post_init__(self) -> None:
        told = Message("The radius {value} m of a fence is not between {least} m and {most} m.", _bounds(self.radius_m))
        _require_length(self.radius_m, told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """One or more areas, with or without holes.

    Parameters
    ----------
    areas
        WGS 84, (lon, lat), valid, not empty.

    Raises
    ------
    UnusableFence
        When it is empty, crosses itself, leaves the range of degrees or has more than 20,000 vertices.
    """

    areas: shapely.MultiPolygon

    def __post_init__(self) -> None:
        _require_coordinates(self.areas)
        if not shapely.is_valid(self.areas):
            reason = shapely.is_valid_reason(self.areas)
            raise UnusableFence(Message("The fence's outline is not valid: {reason}.", {"reason": reason}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """All that is within half a width of a line.

    Parameters
    ----------
    lines
        WGS 84, (lon, lat).
    width_m
        From edge to edge.

    Raises
    ------
    UnusableFence
        When a line is empty, or the width is not between 5 m and 100 km.
    """

    lines: shapely.MultiLineString
    width_m: float

    def __post_init__(self) -> None:
        _require_coordinates(self.lines)
        told = Message("The width {value} m of a fence is not between {least} m and {most} m.", _bounds(self.width_m))
        _require_length(self.width_m, told)


type Shape = Circle | Polygon | Corridor


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a fence counts, by the clocks of its company's zone; always, unless said otherwise.

    Parameters
    ----------
    windows
        Times of a day; one that reaches past midnight belongs to the day on which it begins.
    weekdays
        Days of the week on which they begin, 1 (Monday) to 7.
    """

    windows: tuple[ClockWindow, ...] = ()
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise UnusableFence(Message("Days of the week are numbers from 1 (Monday) to 7, at least one."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Geofence:
    """A region whose crossing matters, as it is in one of its versions.

    Parameters
    ----------
    id
        What the company calls it.
    site_id
        Whose fence it is; None for one that stands for itself.
    dwell_s
        From how long a stay on it counts as a dwell; None takes what is usual.
    version
        1 for the first; each change is another one.
    valid_from
        Since when it is so; None for ever.
    valid_until
        Until when it was so, itself not in it; None as long as it is.
    is_automatic
        Whether it is the circle of a site that nobody has drawn a fence for; it follows the site.
    """

    id: GeofenceId
    name: str
    shape: Shape
    site_id: SiteId | None = None
    schedule: Schedule = field(default_factory=Schedule)
    dwell_s: int | None = None
    version: int = 1
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    is_automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceVersion:
    """A fence as it was, and who made it so.

    Parameters
    ----------
    made_by
        None for the system and the installation's own operator.
    maker
        What that member is called; empty for nobody, and for who is no member any more.
    """

    fence: Geofence
    made_by: MemberId | None
    maker: str = ""


class TransitionKind(StrEnum):
    """What happened between a device and a fence."""

    ENTER = "enter"
    EXIT = "exit"
    DWELL = "dwell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A device came into a fence, has been in it for long enough, or left it.

    Parameters
    ----------
    at
        The most likely moment.
    earliest_at, latest_at
        Between which moments it was; for a dwell those of the enter, so much later.
    probability
        How sure it is that the device was inside at all: of the span between enter and exit, the same for its three.
    """

    kind: TransitionKind
    fence_id: GeofenceId
    fence_version: int
    at: datetime
    earliest_at: datetime
    latest_at: datetime
    probability: float


def _require_length(value_m: float, told: Message) -> None:
    if not (math.isfinite(value_m) and LEAST_RADIUS_M <= value_m <= MOST_RADIUS_M):
        raise UnusableFence(told)


def _bounds(value_m: float) -> dict[str, float]:
    return {"value": value_m, "least": LEAST_RADIUS_M, "most": MOST_RADIUS_M}


def _require_coordinates(geometry: shapely.MultiPolygon | shapely.MultiLineString) -> None:
    if geometry.is_empty:
        raise UnusableFence(Message("The fence is empty."))
    count = shapely.get_num_coordinates(geometry)
    if count > MOST_VERTICES:
        facts = {"count": int(count), "most": MOST_VERTICES}
        raise UnusableFence(Message("The fence has {count} vertices, more than {most}.", facts))
    coordinates = shapely.get_coordinates(geometry)
    for lon, lat in (coordinates.min(axis=0), coordinates.max(axis=0)):
        Position(float(lon), float(lat))
