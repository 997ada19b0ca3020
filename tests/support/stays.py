"""Visits of past days with a beginning and an end, as deriving them leaves them; and what was learned of some."""

from datetime import date, datetime, timedelta

from geo_engine.db.session import Session
from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.ids import GeofenceId, SiteId, WorkerId
from geo_engine.planning.travel.learned import HoldOut, LearnedService, LearnedTimes, LearnedTravel, Learning
from geo_engine.planning.versions.learned_store import replace_learning
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits.building import visit_id_of
from geo_engine.visits.day import Candidate, PlannedStop, Visit
from geo_engine.visits.model import Judgement, Verdict
from geo_engine.visits.visit_store import replace_day


def crossing(at: datetime, room_s: float = 20.0) -> Crossing:
    """Return a crossing that is known but for some seconds."""
    at_us, half_us = to_microseconds(at), round(room_s * 500_000)
    return Crossing(at_us=at_us, earliest_us=at_us - half_us, latest_us=at_us + half_us)


def stayed(came_at: datetime, took_s: float, *, room_s: float = 20.0) -> Presence:
    """Return a presence of which both ends are known but for some seconds."""
    left = crossing(came_at + timedelta(seconds=took_s), room_s)
    return Presence(
        device=0, fence=0, entered=crossing(came_at, room_s), seen_until_us=left.at_us, left=left, evidence=5.0
    )


def stay_at(
    worker_id: WorkerId,
    site_id: SiteId,
    service_on: date,
    presence: Presence | None,
    *,
    number: int = 1,
    stop: PlannedStop | None = None,
    verdict: Verdict = Verdict.CONFIRMED,
    candidates: tuple[Candidate, ...] = (),
) -> Visit:
    """Return a worker's visit of a past day."""
    return Visit(
        id=visit_id_of(worker_id, service_on, site_id, number),
        worker_id=worker_id,
        service_on=service_on,
        site_id=site_id,
        stop=stop,
        presence=presence,
        fence_id=GeofenceId(f"site/{site_id}"),
        fence_version=1,
        candidates=candidates,
        check_ins=(),
        photos=(),
        judgement=Judgement(verdict=verdict, odds=4.0, reasons=()),
    )


def keep_stays(
    session: Session,
    worker_id: WorkerId,
    site_id: SiteId,
    *,
    took_s: list[float],
    last: datetime,
    verdict: Verdict = Verdict.CONFIRMED,
) -> None:
    """Keep a visit a day of a worker, the last one on the day of a moment, that lasted so long each."""
    for back, one_s in enumerate(reversed(took_s)):
        came_at = last - timedelta(days=back)
        visit = stay_at(worker_id, site_id, came_at.date(), stayed(came_at, one_s), verdict=verdict)
        replace_day(session, worker_id, came_at.date(), [visit], rules="1", now=came_at + timedelta(hours=3))


def keep_learned(
    session: Session, site_id: SiteId, *, given_s: int, service_s: int, factor: float | None = None, now: datetime
) -> None:
    """Keep what was learned of one site, and of driving where a factor is told, and that it held on the last days."""
    travel = None if factor is None else LearnedTravel(factor=factor, leg_count=30)
    service = LearnedService(given_s=given_s, service_s=service_s, visit_count=9)
    times = LearnedTimes(services={site_id: service}, travel=travel)
    told = HoldOut(kind="service", learned_count=9, count=3, given_off_s=840.0, learned_off_s=120.0)
    on = now.date()
    learning = Learning(since=on - timedelta(days=30), before=on, times=times, held_out=(told,))
    replace_learning(session, learning, now=now)
