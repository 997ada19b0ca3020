"""What really happened on a worker's day: each stay and each statement is of a visit, planned or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from geo_engine.geofences import Geofence
from geo_engine.geofences.presences import Presence
from geo_engine.ids import GeofenceId, JobId, PhotoId, SiteId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.model import CheckIn, DeviceTrack, Judgement, PhotoEvidence

SURE_SHARE = 0.8
"""From which share on nobody is asked of which site a stay was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A presence in the fence of a site, as the fence was then; `device` is the number of the track that shows it."""

    presence: Presence
    fence: Geofence
    site_id: SiteId
    device: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """A planned visit of the worker's day, as the plan that was published last has it; `number` is from 1."""

    number: int
    job_id: JobId
    site_id: SiteId
    arrival_at: datetime
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A site that a stay may have been of, and how likely: shares of a stay add up to 1."""

    site_id: SiteId
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A person's word that the stay which lasted so long (microseconds since 1970), a visit then, was of a site."""

    visit_id: VisitId
    from_us: int
    until_us: int
    site_id: SiteId


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What really happened at a site.

    Parameters
    ----------
    id
        See `keep_ids`: the same whenever the day is derived anew.
    stop
        The planned visit it is; None for one that was not planned.
    presence
        What the own track shows; None where only statements say it.
    fence_id, fence_version
        The site's fence as it was then; None where the site had none.
    candidates
        The sites the stay may have been of, the likeliest first; more than one where nothing says which.
    is_assigned
        Whether a person has said of which site it was.
    """

    id: VisitId
    worker_id: WorkerId
    service_on: date
    site_id: SiteId
    stop: PlannedStop | None
    presence: Presence | None
    fence_id: GeofenceId | None
    fence_version: int | None
    candidates: tuple[Candidate, ...]
    check_ins: tuple[CheckIn, ...]
    photos: tuple[PhotoEvidence, ...]
    judgement: Judgement
    is_assigned: bool = False

    @property
    def is_ambiguous(self) -> bool:
        """Whether a person should say of which site it was."""
        return not self.is_assigned and bool(self.candidates) and self.candidates[0].share < SURE_SHARE

    @property
    def began_us(self) -> int:
        """When it began, microseconds since 1970: by the track, else by the first statement."""
        if self.presence is not None:
            return self.presence.entered.at_us
        return min(to_microseconds(check_in.stated_at) for check_in in self.check_ins)

    @property
    def dwell_s(self) -> tuple[float, float, float] | None:
        """How long the worker was there: at least, most likely, at most; None where no track shows both ends."""
        if self.presence is None or self.presence.left is None:
            return None
        entered, left = self.presence.entered, self.presence.left
        spans_us = (
            left.earliest_us - entered.latest_us,
            left.at_us - entered.at_us,
            left.latest_us - entered.earliest_us,
        )
        least_s, likely_s, most_s = (max(span_us, 0) / MICROSECONDS_PER_S for span_us in spans_us)
        return least_s, likely_s, most_s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayEvidence:
    """All that is known of a worker's day.

    Parameters
    ----------
    fences
        Of the sites that statements name, as they were then.
    photos
        By id; only what arrived.
    span
        From when until when a visit has to have begun to be of this day: what is known reaches beyond it, so that those
        that go on are whole. None: all that is known is of the day.
    stated_around
        What was stated on the days before and behind, its clocks put right by them.
    """

    worker_id: WorkerId
    service_on: date
    tracks: tuple[DeviceTrack, ...] = ()
    seen: tuple[Seen, ...] = ()
    fences: Mapping[SiteId, Geofence] = field(default_factory=dict)
    stops: tuple[PlannedStop, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    photos: Mapping[PhotoId, PhotoEvidence] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    span: TimeSpan | None = None
    stated_around: tuple[CheckIn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedDay:
    """What comes of a day.

    Parameters
    ----------
    visits
        Of the day, in order of time.
    going_on
        Visits of the day before that went on into this one, by their stay or by what was stated of them, as this one
        knows of them, not judged.
    """

    visits: tuple[Visit, ...]
    going_on: tuple[Visit, ...] = ()
