"""What a worker's devices told on a day, each while the worker wore it, or why they told nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId, WorkerId
from geo_engine.tenancy.model import TrackingRule
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import derived_store
from geo_engine.tracks.driven import DrivenTrip, trip_within
from geo_engine.tracks.driving_store import find_driven
from geo_engine.tracks.fix_store import count_fixes, get_track
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.gaps import explain_gaps
from geo_engine.tracks.live_store import list_shift_spans
from geo_engine.tracks.model import Flag, Gap, Stop, Track, Trip, concatenate, select_fixes, to_microseconds
from geo_engine.tracks.trajectories import TrajectoryPiece
from geo_engine.tracks.trajectory_store import list_pieces
from geo_engine.tracks.trips import detect_trips
from geo_engine.workforce.device_model import Wearing
from geo_engine.workforce.device_store import find_names, list_wearings

_A_DAY = timedelta(days=1)


class Silence(StrEnum):
    """Why nothing is known of a worker's day."""

    NOT_BEGUN = "not_begun"
    EXPIRED = "expired"
    NOT_WORN = "not_worn"
    OFF_SHIFT = "off_shift"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class WornDevice:
    """A device that a worker wore on a day.

    Parameters
    ----------
    name
        What people call it.
    fix_count
        How many fixes it reported while it was worn.
    """

    device_id: DeviceId
    name: str
    fix_count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WornTrack:
    """What a device reported while a worker wore it, and what was derived from it, as far as the worker wore it.

    Parameters
    ----------
    span
        From when until when it was worn; in between somebody else may have.
    track, flags
        Its fixes, and bits of `Flag`, one number per fix. Of an outline they are the places of its trajectory: where
        it moved through its usable fixes, without what they say of themselves, and the ends of its stops.
    fix_count
        How many fixes it reported.
    driven
        What is known of trips, by when they began, as far as the device was worn; without roads nothing is, and of the
        last trips not.
    """

    device_id: DeviceId
    span: TimeSpan
    fix_count: int
    is_outline: bool
    track: Track
    flags: NDArray[np.uint16]
    stops: tuple[Stop, ...]
    trips: tuple[Trip, ...]
    gaps: tuple[Gap, ...]
    driven: Mapping[datetime, DrivenTrip]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDay:
    """A day of a worker: what each device told that was worn, the one that told most first."""

    worker_id: WorkerId
    name: str
    service_on: date
    zone: ZoneInfo
    worn: tuple[WornTrack, ...]


def day_span(service_on: date, zone: ZoneInfo) -> TimeSpan:
    """Return a day from midnight to midnight, by the clocks of a zone."""
    midnights = (datetime.combine(day, time(), tzinfo=zone) for day in (service_on, service_on + _A_DAY))
    start_at, end_at = (midnight.astimezone(UTC) for midnight in midnights)
    return TimeSpan(start_at=start_at, end_at=end_at)


def worn_within(wearing: Wearing, span: TimeSpan) -> Sequence[TimeSpan]:
    """Return the part of a span in which a device was worn; none or one."""
    start_at = max(wearing.worn_from, span.start_at)
    end_at = span.end_at if wearing.worn_until is None else min(wearing.worn_until, span.end_at)
    return (TimeSpan(start_at=start_at, end_at=end_at),) if start_at < end_at else ()


def kept_from(tracking: TrackingRule, now: datetime) -> datetime:
    """Return since when fixes may be looked at: the partitions of some last a month longer."""
    return now - timedelta(days=tracking.retention_days)


def is_expired(day: TimeSpan, tracking: TrackingRule, now: datetime) -> bool:
    """Return whether fixes of a day, or of a part of it, are no longer kept."""
    return day.start_at < kept_from(tracking, now)


def worn_spans(
    session: Session, worker_id: WorkerId, day: TimeSpan, *, since: datetime
) -> dict[DeviceId, list[TimeSpan]]:
    """Return when a worker wore which device on a day and since a moment, in order of time, the first worn first."""
    found: dict[DeviceId, list[TimeSpan]] = {}
    for wearing in list_wearings(session, earliest_at=day.start_at, latest_at=day.end_at, worker_ids=[worker_id]):
        for span in worn_within(wearing, day):
            if since < span.end_at:
                kept = TimeSpan(start_at=max(since, span.start_at), end_at=span.end_at)
                found.setdefault(wearing.device_id, []).append(kept)
    return found


def list_worn(session: Session, worker_id: WorkerId, day: TimeSpan, *, since: datetime) -> tuple[WornDevice, ...]:
    """Return what a worker wore on a day and since a moment, and how much it told, whichever was worn first first."""
    worn = worn_spans(session, worker_id, day, since=since)
    names = find_names(session, worn)
    return tuple(
        WornDevice(device_id=device_id, name=names[device_id], fix_count=count_worn(session, device_id, spans))
        for device_id, spans in worn.items()
    )


def count_worn(session: Session, device_id: DeviceId, spans: Sequence[TimeSpan]) -> int:
    """Return how many fixes a device reported in the spans in which a worker wore it."""
    return sum(count_fixes(session, device_id, from_at=span.start_at, until_at=span.end_at) for span in spans)


def list_worked(session: Session, worker_id: WorkerId, day: TimeSpan, *, now: datetime) -> list[TimeSpan]:
    """Return when a worker may be tracked: what has passed of the spans that reach into a day, whole."""
    found = list_shift_spans(session, worker_id, earliest_at=day.start_at, latest_at=day.end_at)
    return [TimeSpan(start_at=start_at, end_at=min(end_at, now)) for start_at, end_at in found if start_at < now]


def get_worn_track(
    session: Session, device_id: DeviceId, spans: Sequence[TimeSpan], *, worked: Sequence[TimeSpan]
) -> WornTrack:
    """Return what a device reported in the spans in which a worker wore it, and what was derived from it.

    Parameters
    ----------
    worked
        When the worker was to be tracked: gaps are told by it.
    """
    read = [get_track(session, device_id, from_at=span.start_at, until_at=span.end_at) for span in spans]
    track, received_us = concatenate([part for part, _, _ in read]), np.concatenate([part for _, part, _ in read])
    said = np.concatenate([part for _, _, part in read]).astype(np.uint16)
    flags = flag_fixes(track, received_us=received_us) | (said & np.uint16(Flag.ROLLOVER))
    worn = _worn(session, device_id, spans, track=track, flags=flags, outline_of=None)
    return _explained(worn, spans, worked)


def get_outline(
    session: Session, device_id: DeviceId, spans: Sequence[TimeSpan], *, worked: Sequence[TimeSpan], fix_count: int
) -> WornTrack:
    """Return where a device was in the spans in which a worker wore it, as its trajectory tells.

    Notes
    -----
    A day of 86,400 fixes is 24 rows: read in 15 ms, where its fixes take 250.
    """
    pieces = [_places(piece, span) for span in spans for piece in list_pieces(session, device_id, span)]
    track = concatenate(pieces)
    flags = np.zeros(len(track), dtype=np.uint16)
    worn = _worn(session, device_id, spans, track=track, flags=flags, outline_of=fix_count)
    return _explained(worn, spans, worked)


def find_silence(
    session: Session, worker_id: WorkerId, day: TimeSpan, *, tracking: TrackingRule, now: datetime
) -> Silence:
    """Return why nothing is known of a day of which nothing is."""
    if now < day.start_at:
        return Silence.NOT_BEGUN
    since = kept_from(tracking, now)
    if day.end_at <= since:
        return Silence.EXPIRED
    worn = worn_spans(session, worker_id, day, since=since)
    if not worn:
        return Silence.NOT_WORN
    worked = list_worked(session, worker_id, day, now=now)
    is_on_shift = any(
        one.start_at < span.end_at and span.start_at < one.end_at
        for one in worked
        for spans in worn.values()
        for span in spans
    )
    return Silence.SILENT if is_on_shift else Silence.OFF_SHIFT


def _worn(
    session: Session,
    device_id: DeviceId,
    spans: Sequence[TimeSpan],
    *,
    track: Track,
    flags: NDArray[np.uint16],
    outline_of: int | None,
) -> WornTrack:
    kept = [(span, derived_store.list_spans(session, device_id, span)) for span in spans]
    derived = [part for span, found in kept for one in found for part in _cut(one, span, track, flags)]
    trips = {one.started_at: one for one in derived if isinstance(one, Trip)}
    driven = {
        began_at: trip_within(trip, span)
        for span in spans
        for at, trip in find_driven(session, device_id, span).items()
        if (began_at := max(at, span.start_at)) in trips
    }
    return WornTrack(
        device_id=device_id,
        span=TimeSpan(start_at=spans[0].start_at, end_at=spans[-1].end_at),
        fix_count=len(track) if outline_of is None else outline_of,
        is_outline=outline_of is not None,
        track=track,
        flags=flags,
        stops=tuple(one for one in derived if isinstance(one, Stop)),
        trips=tuple(trips.values()),
        gaps=tuple(one for one in derived if isinstance(one, Gap)),
        driven=driven,
    )


def _explained(worn: WornTrack, spans: Sequence[TimeSpan], worked: Sequence[TimeSpan]) -> WornTrack:
    """Return it with its gaps as the shifts explain them."""
    gaps = [
        gap for span in spans for gap in explain_gaps(worn.track, worn.flags, worn.gaps, span=span, on_shift=worked)
    ]
    return replace(worn, gaps=tuple(gaps))


def _places(piece: TrajectoryPiece, span: TimeSpan) -> Track:
    """Return the places of a piece that lie in a span as a track that says nothing else."""
    within = slice(*np.searchsorted(piece.times_us, [to_microseconds(span.start_at), to_microseconds(span.end_at)]))
    times_us = piece.times_us[within]
    unknown = np.full(len(times_us), np.nan)
    return Track(
        times_us=times_us,
        lons_deg=piece.lons_deg[within],
        lats_deg=piece.lats_deg[within],
        accuracies_m=unknown,
        altitudes_m=unknown,
        speeds_mps=unknown,
        headings_deg=unknown,
        batteries_percent=unknown,
        mocks=np.zeros(len(times_us), dtype=np.bool_),
    )


def _cut(
    one: Stop | Trip | Gap, span: TimeSpan, track: Track, flags: NDArray[np.uint16]
) -> Iterator[Stop | Trip | Gap]:
    """Yield what of something derived lies in a span: before and after it is another day, or another worker's."""
    started_at, ended_at = max(one.started_at, span.start_at), min(one.ended_at, span.end_at)
    if _is_within(one, span):
        yield one
    elif started_at < ended_at:
        part = replace(one, started_at=started_at, ended_at=ended_at)
        yield _measured(part, track, flags) if isinstance(part, Trip) else part


def _is_within(one: Stop | Trip | Gap, span: TimeSpan) -> bool:
    return span.start_at <= one.started_at and one.ended_at <= span.end_at


def _measured(trip: Trip, track: Track, flags: NDArray[np.uint16]) -> Trip:
    """Return a part of a trip with the way and the fixes of that part alone."""
    started_us, ended_us = to_microseconds(trip.started_at), to_microseconds(trip.ended_at)
    chosen = np.flatnonzero((track.times_us >= started_us) & (track.times_us <= ended_us))
    moves = detect_trips(select_fixes(track, chosen), flags[chosen], ())
    return replace(
        trip,
        distance_m=sum(move.distance_m for move in moves),
        fix_count=sum(move.fix_count for move in moves),
    )
