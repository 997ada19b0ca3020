"""What was derived of a visit as JSON, and back: what the columns of its row do not say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, GeofenceId, JobId, PhotoId, SiteId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_microseconds, to_moment
from geo_engine.visits.day import Candidate, PlannedStop, Visit
from geo_engine.visits.model import CheckIn, Judgement, PhotoEvidence, Reason, ReasonKind, Verdict


def as_document(visit: Visit) -> dict[str, Any]:
    """Return a visit as JSON can hold it, always the same for the same visit."""
    return {
        "stop": None if visit.stop is None else _stop_document(visit.stop),
        "presence": None if visit.presence is None else _presence_document(visit.presence),
        "fence": None if visit.fence_id is None else [visit.fence_id, visit.fence_version],
        "candidates": [[one.site_id, one.share] for one in visit.candidates],
        "check_ins": [[str(one.id), one.clock_ahead.total_seconds()] for one in visit.check_ins],
        "photos": [_photo_document(one) for one in visit.photos],
        "odds": visit.judgement.odds,
        "reasons": [_reason_document(reason) for reason in visit.judgement.reasons],
        "is_assigned": visit.is_assigned,
    }


def read_document(
    told: Mapping[str, Any],
    *,
    visit_id: VisitId,
    worker_id: WorkerId,
    service_on: date,
    site_id: SiteId,
    verdict: Verdict,
    check_ins: Mapping[CheckInId, CheckIn],
) -> Visit:
    """Return the visit of a document and of its row's columns; statements that were erased are left out."""
    fence = told["fence"]
    reasons = tuple(_reason(one) for one in told["reasons"])
    found = [
        replace(check_in, clock_ahead=timedelta(seconds=ahead_s))
        for one, ahead_s in told["check_ins"]
        if (check_in := check_ins.get(CheckInId(UUID(one)))) is not None
    ]
    return Visit(
        id=visit_id,
        worker_id=worker_id,
        service_on=service_on,
        site_id=site_id,
        stop=None if told["stop"] is None else read_stop(told["stop"]),
        presence=None if told["presence"] is None else read_presence(told["presence"]),
        fence_id=None if fence is None else GeofenceId(fence[0]),
        fence_version=None if fence is None else fence[1],
        candidates=tuple(Candidate(site_id=SiteId(one), share=share) for one, share in told["candidates"]),
        check_ins=tuple(found),
        photos=tuple(map(_photo, told["photos"])),
        judgement=Judgement(verdict=verdict, odds=told["odds"], reasons=reasons),
        is_assigned=told["is_assigned"],
    )


def _stop_document(stop: PlannedStop) -> list[Any]:
    moments = (stop.arrival_at, stop.start_at, stop.end_at)
    return [stop.number, stop.job_id, stop.site_id, *(moment.isoformat() for moment in moments)]


def read_stop(told: list[Any]) -> PlannedStop:
    """Return the planned visit of a part of a document."""
    number, job_id, site_id, *moments = told
    arrival_at, start_at, end_at = map(datetime.fromisoformat, moments)
    return PlannedStop(
        number=number,
        job_id=JobId(job_id),
        site_id=SiteId(site_id),
        arrival_at=arrival_at,
        start_at=start_at,
        end_at=end_at,
    )


def _presence_document(presence: Presence) -> dict[str, Any]:
    return {
        "entered": list(presence.entered),
        "seen_until": presence.seen_until_us,
        "left": None if presence.left is None else list(presence.left),
        "evidence": presence.evidence,
        "device": presence.device,
    }


def read_presence(told: Mapping[str, Any]) -> Presence:
    """Return the presence of a part of a document."""
    return Presence(
        device=told["device"],
        fence=0,
        entered=Crossing(*told["entered"]),
        seen_until_us=told["seen_until"],
        left=None if told["left"] is None else Crossing(*told["left"]),
        evidence=told["evidence"],
    )


def _photo_document(photo: PhotoEvidence) -> list[Any]:
    taken_at, position = photo.taken_at, photo.position
    return [
        str(photo.id),
        None if taken_at is None else taken_at.astimezone(UTC).isoformat(),
        None if position is None else [position.lon, position.lat],
    ]


def _photo(told: list[Any] | str) -> PhotoEvidence:
    """Return what a photo says of itself; documents of before it was kept have its id alone."""
    if isinstance(told, str):
        return PhotoEvidence(id=PhotoId(UUID(told)))
    photo_id, taken_at, position = told
    return PhotoEvidence(
        id=PhotoId(UUID(photo_id)),
        taken_at=None if taken_at is None else datetime.fromisoformat(taken_at),
        position=None if position is None else Position(*position),
    )


def _reason_document(reason: Reason) -> list[Any]:
    span = reason.span
    span_us = None if span is None else [to_microseconds(span.start_at), to_microseconds(span.end_at)]
    return [reason.kind.value, round(reason.weight, 3), span_us, dict(reason.facts)]


def _reason(told: list[Any]) -> Reason:
    kind, weight, span_us, facts = told
    span = None if span_us is None else TimeSpan(start_at=to_moment(span_us[0]), end_at=to_moment(span_us[1]))
    return Reason(kind=ReasonKind(kind), weight=weight, span=span, facts=facts)
