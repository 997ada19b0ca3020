"""All that is known of a worker's day and of what of the days beside it belongs to it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.geofences import Geofence
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import Sightings, sightings_of
from geo_engine.geofences.transitions import detect_presences
from geo_engine.ids import DeviceId, SiteId, WorkerId
from geo_engine.planning.versions.model import WorkerDay
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Track
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import select_fixes, to_microseconds
from geo_engine.tracks.worker_days import WornTrack, count_worn, get_worn_track, list_worked, worn_spans
from geo_engine.visits import check_in_store, visit_store
from geo_engine.visits.clocks import put_right_each
from geo_engine.visits.day import Assignment, DayEvidence, Seen
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.model import CheckIn, DeviceTrack
from geo_engine.visits.planned_actual import planned_stop_of
from geo_engine.visits.service_days import HEARD_WITHIN, Days, beside, looked_at
from geo_engine.visits.showing import photo_evidence
from geo_engine.visits.stays import part_long_stays

_UTC = ZoneInfo("UTC")
_PARAMS = TransitionParams()


def gather_day(
    session: Session,
    of: visit_store.WorkerDate,
    days: Days,
    *,
    worn: Sequence[WornTrack],
    planned: WorkerDay | None,
    index: FenceIndex,
) -> DayEvidence:
    """Return all that is known of a worker's day.

    Parameters
    ----------
    index
        The fences of sites around the day, all versions.
    """
    worker_id, service_on = of
    own, around = list_stated(session, worker_id, days)
    tracks = tuple(DeviceTrack(track=one.track, flags=one.flags, stops=one.stops) for one in worn)
    seen = find_seen(tracks, index, get_tenant(session).zone or _UTC)
    decisions = visit_store.list_decisions(session, [(worker_id, day) for day in beside(service_on)])
    return DayEvidence(
        worker_id=worker_id,
        service_on=service_on,
        tracks=tracks,
        seen=tuple(part_long_stays(seen, days[1])),
        fences=_fences_then(index.fences, (*own, *around)),
        stops=() if planned is None else tuple(map(planned_stop_of, planned.ordered_visits)),
        check_ins=own,
        photos=photo_evidence(session, (*own, *around)),
        assignments=tuple(
            Assignment(
                visit_id=one.visit_id,
                from_us=to_microseconds(one.span.start_at),
                until_us=to_microseconds(one.span.end_at),
                site_id=one.site_id,
            )
            for one in decisions
            if one.kind is DecisionKind.ASSIGNED and one.site_id is not None
        ),
        span=days[1],
        stated_around=around,
    )


def list_stated(session: Session, worker_id: WorkerId, days: Days) -> tuple[tuple[CheckIn, ...], tuple[CheckIn, ...]]:
    """Return what was stated on a day, and near it on the days beside it; clocks are put right by all of each day."""
    before, own, behind = (
        tuple(put_right_each(check_in_store.list_check_ins(session, worker_id, day))) for day in days
    )
    near = looked_at(days[1])
    return own, tuple(one for one in (*before, *behind) if near.start_at <= one.stated_at < near.end_at)


def read_worn(
    session: Session, worker_id: WorkerId, day: TimeSpan, *, since: datetime, now: datetime
) -> tuple[WornTrack, ...]:
    """Return what the worker's devices told on a day, the one that told most first.

    Where a device was heard around the end of the day, or its beginning, it is read as far beyond it as a stay may
    last.
    """
    around = looked_at(day)
    worked = list_worked(session, worker_id, around, now=now)
    worn = worn_spans(session, worker_id, around, since=since)
    wanted = {device_id: list(_heard(session, device_id, spans, day)) for device_id, spans in worn.items()}
    found = [get_worn_track(session, one, spans, worked=worked) for one, spans in wanted.items() if spans]
    return tuple(sorted(found, key=lambda one: (-one.fix_count, one.device_id)))


def fixes_within(worn: WornTrack, span: TimeSpan) -> tuple[Track, Flags]:
    """Return a device's fixes of a span, and the bits of their flags."""
    times_us = worn.track.times_us
    is_within = (times_us >= to_microseconds(span.start_at)) & (times_us < to_microseconds(span.end_at))
    return select_fixes(worn.track, is_within), worn.flags[is_within]


def _heard(session: Session, device_id: DeviceId, spans: Sequence[TimeSpan], day: TimeSpan) -> Iterator[TimeSpan]:
    """Yield what is read of the spans in which a device was worn: the day, and beyond it where it was heard there."""

    def is_heard_around(at: datetime) -> bool:
        sides = (TimeSpan(start_at=at - HEARD_WITHIN, end_at=at), TimeSpan(start_at=at, end_at=at + HEARD_WITHIN))
        return all(count_worn(session, device_id, list(_within(spans, side))) for side in sides)

    around = looked_at(day)
    start_at = around.start_at if is_heard_around(day.start_at) else day.start_at
    end_at = around.end_at if is_heard_around(day.end_at) else day.end_at
    yield from _within(spans, TimeSpan(start_at=start_at, end_at=end_at))


def _within(spans: Sequence[TimeSpan], limits: TimeSpan) -> Iterator[TimeSpan]:
    for span in spans:
        start_at, end_at = max(span.start_at, limits.start_at), min(span.end_at, limits.end_at)
        if start_at < end_at:
            yield TimeSpan(start_at=start_at, end_at=end_at)


def find_seen(tracks: Sequence[DeviceTrack], index: FenceIndex, zone: ZoneInfo) -> tuple[Seen, ...]:
    """Return where the devices of a worker were in fences of sites, while those counted by the clocks of a zone."""
    if not tracks:
        return ()
    sightings = [sightings_of(one.track, one.flags, one.stops, _PARAMS) for one in tracks]
    presences = detect_presences(index, Sightings.joined(sightings), zone=zone)
    return tuple(
        Seen(presence=one, fence=fence, site_id=fence.site_id, device=one.device)
        for one in presences
        if (fence := index.fences[one.fence]).site_id is not None
    )


def _fences_then(fences: Sequence[Geofence], check_ins: Sequence[CheckIn]) -> Mapping[SiteId, Geofence]:
    """Return the fence of each site that was checked in at, as it was when the first statement was made."""
    first = {one.site_id: one.stated_at for one in sorted(check_ins, key=lambda one: one.stated_at, reverse=True)}
    return {
        fence.site_id: fence for fence in fences if fence.site_id in first and _was_valid(fence, first[fence.site_id])
    }


def _was_valid(fence: Geofence, moment: datetime) -> bool:
    began = fence.valid_from is None or fence.valid_from <= moment
    return began and (fence.valid_until is None or moment < fence.valid_until)
