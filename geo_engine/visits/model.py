"""The words of visits: a check-in, a photo as evidence, a reason with its weight, a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from geo_engine.errors import InvalidInput
from geo_engine.geofences import Geofence
from geo_engine.geofences.presences import Presence
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, DeviceId, PhotoId, SiteId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Track
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import Stop
from geo_engine.words import Message

MOST_POSITIONS = 20
TOO_MANY_POSITIONS = Message("A check-in has at most {most} positions.", {"most": MOST_POSITIONS})
LONGEST_NOTE = 2_000


class UnusableCheckIn(InvalidInput):
    """A check-in that says nothing that can be judged."""


class CheckInKind(StrEnum):
    """Which end of a visit a worker states."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInPosition:
    """Where the phone was, by itself, when somebody checked in; `tracked_at` is the position's own moment."""

    tracked_at: datetime
    position: Position
    accuracy_m: float | None = None
    is_mock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a phone says of somebody's arriving at a site, or of leaving it.

    Parameters
    ----------
    told_at, sent_at, received_at
        When it was stated and when it was sent, by the phone's clock; when it came, by ours.
    positions
        All that the phone had found out until it was stated, in order of time; none where it had no signal.
    photo_ids
        Of photos that are sent on their own, each once.
    clock_ahead
        How far the phone's clock is known to be ahead, see `put_right`.

    Raises
    ------
    UnusableCheckIn
        When it has more than 20 positions or a note of more than 2,000 characters.
    """

    id: CheckInId
    kind: CheckInKind
    site_id: SiteId
    told_at: datetime
    sent_at: datetime
    received_at: datetime
    positions: tuple[CheckInPosition, ...] = ()
    photo_ids: tuple[PhotoId, ...] = ()
    device_id: DeviceId | None = None
    note: str = ""
    clock_ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        if len(self.positions) > MOST_POSITIONS:
            raise UnusableCheckIn(TOO_MANY_POSITIONS)
        if len(self.note) > LONGEST_NOTE:
            raise UnusableCheckIn(Message("A note has at most {most} characters.", {"most": LONGEST_NOTE}))

    @property
    def stated_at(self) -> datetime:
        """When it was stated, with what is known of the phone's clock put right.

        Nobody states a position before it was found: a clock that says so is behind; but of one that is known to be
        ahead it has told the position's moment as well. And nothing is stated after it came.
        """
        by_clock = self.told_at - self.clock_ahead
        if self.positions and self.clock_ahead <= timedelta():
            by_clock = max(by_clock, *(one.tracked_at for one in self.positions))
        return min(by_clock, self.received_at)

    @property
    def found(self) -> tuple[CheckInPosition, ...]:
        """Its positions, each with its moment put right: what a clock that is ahead stamped seems found afterwards."""
        if self.clock_ahead <= timedelta():
            return self.positions
        return tuple(
            replace(one, tracked_at=one.tracked_at - self.clock_ahead) if one.tracked_at > self.stated_at else one
            for one in self.positions
        )

    def by(self, worker_id: WorkerId) -> "CheckIn":
        """Return it as what a worker states."""
        return CheckIn(worker_id=worker_id, **{one.name: getattr(self, one.name) for one in fields(Statement)})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Statement):
    """A worker's own statement of arriving at a site, or of leaving it."""

    worker_id: WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEvidence:
    """What a photo says by itself.

    Parameters
    ----------
    taken_at, position
        By what the camera wrote into it; None when it wrote nothing.
    shown_before
        Of each statement that shows the picture after another visit did: the photo that showed it then, itself when it
        is named again.
    """

    id: PhotoId
    taken_at: datetime | None = None
    position: Position | None = None
    shown_before: Mapping[CheckInId, PhotoId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceTrack:
    """What a device of the worker reported around a visit, and what was derived of it."""

    track: Track
    flags: Flags
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """All that is known of a visit that is said or thought to have taken place.

    Parameters
    ----------
    fence
        Of the site, as it was then.
    presence
        When the worker was inside of it, if that was seen.
    tracks
        Of the worker's devices, the one that told most first; as far as they were worn by the worker, on shift.
    """

    fence: Geofence
    presence: Presence | None = None
    check_ins: tuple[CheckIn, ...] = ()
    photos: tuple[PhotoEvidence, ...] = ()
    tracks: tuple[DeviceTrack, ...] = ()


class Verdict(StrEnum):
    """How far a visit can be believed: advice for whoever reviews it."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    INSUFFICIENT = "insufficient"
    CONTRADICTED = "contradicted"


class ReasonKind(StrEnum):
    """What speaks for a visit or against it."""

    STAYED = "stayed"
    TRACK_INSIDE = "track_inside"
    TRACK_OUTSIDE = "track_outside"
    NO_TRACK = "no_track"
    PASSED = "passed"
    CHECKED_IN_INSIDE = "checked_in_inside"
    CHECKED_IN_OUTSIDE = "checked_in_outside"
    CHECKED_IN_NOWHERE = "checked_in_nowhere"
    CHECKED_IN_BEFORE = "checked_in_before"
    FAR_FROM_TRACK = "far_from_track"
    MOCK = "mock"
    LEAP = "leap"
    RUSH = "rush"
    FROZEN = "frozen"
    FROZEN_ACCURACY = "frozen_accuracy"
    SPEED = "speed"
    CLOCK = "clock"
    DEVICES_APART = "devices_apart"
    PHOTO_THEN = "photo_then"
    PHOTO_THERE = "photo_there"
    PHOTO_OTHER_TIME = "photo_other_time"
    PHOTO_ELSEWHERE = "photo_elsewhere"
    PHOTO_REUSED = "photo_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that speaks for a visit (its weight is positive) or against it (negative), or explains (zero).

    Parameters
    ----------
    weight
        In natural logarithms of odds.
    span
        From when until when the fixes behind it are; None where no fix is.
    facts
        Figures of the sentence that tells it.
    """

    kind: ReasonKind
    weight: float
    span: TimeSpan | None = None
    facts: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, the sum of the weights, and the reasons, the weightiest first."""

    verdict: Verdict
    odds: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A figure that is not known exactly: at least, most likely and at most."""

    least: float
    likely: float
    most: float
