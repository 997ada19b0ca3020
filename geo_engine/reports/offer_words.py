"""What prevents a job from being placed, and what would make room for it, in words a dispatcher understands."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from geo_engine.ids import JobId
from geo_engine.planning import Violation, ViolationKind
from geo_engine.planning.day import DayPlan
from geo_engine.planning.explain.offers import BestPlace, Lever, Offer, Relaxation
from geo_engine.reports.names import site_name, worker_name
from geo_engine.timespan import local_clock
from geo_engine.words import Message


def hindrance_words(place: BestPlace, job_id: JobId, day: DayPlan) -> Message:
    """Return what first prevents a job at its best place with a worker; that nothing does when it fits."""
    if not place.broken:
        return Message("nothing: it fits as it is")
    first, more = place.broken[0], len(place.broken) - 1
    said = _hindrance(first, place, job_id, day)
    return Message("{first}; and {count} more", {"first": said, "count": more}) if more else said


def _hindrance(broken: Violation, place: BestPlace, job_id: JobId, day: DayPlan) -> Message:
    facts = {
        "minutes": -(-broken.excess // 60),
        "count": broken.excess,
        "site": site_name(broken.job_id or job_id, day),
        "skills": _missing_skills(place, job_id, day),
    }
    if broken.kind is ViolationKind.MAX_VISITS and broken.excess == 1:
        return Message("one visit too many")
    if broken.kind is ViolationKind.WINDOW and broken.job_id != job_id:
        return Message("the visit to {site} would begin {minutes} min too late", facts)
    return Message(_HINDRANCES[broken.kind].template, facts)


def _missing_skills(place: BestPlace, job_id: JobId, day: DayPlan) -> str:
    site, worker = day.sites.get(job_id), day.workers.get(place.worker_id)
    return ", ".join(sorted(site.skills - worker.skills)) if site and worker else ""


_HINDRANCES = {
    ViolationKind.NO_PATH: Message("no road leads there and on"),
    ViolationKind.WORKER: Message("may not go there"),
    ViolationKind.SKILL: Message("lacks the skill: {skills}"),
    ViolationKind.CAPACITY: Message("the load is {count} too much"),
    ViolationKind.MAX_VISITS: Message("{count} visits too many"),
    ViolationKind.WINDOW: Message("the arrival is {minutes} min too late"),
    ViolationKind.BREAK: Message("the break would begin {minutes} min too late"),
    ViolationKind.SHIFT: Message("the shift is {minutes} min too short"),
    ViolationKind.MAX_DRIVING: Message("{minutes} min more driving than allowed"),
    ViolationKind.MAX_DISTANCE: Message("{count} m farther than allowed"),
    ViolationKind.LOCKED: Message("what the route begins with is settled"),
}


def offer_words(offer: Offer, day: DayPlan) -> Message:
    """Return an offer as a sentence: who would go, after which stop, what gives way, and the way it takes."""
    facts = {
        "worker": worker_name(offer.worker_id, day),
        "number": offer.position + 1,
        "changes": change_words(offer, day),
        "minutes": abs(round(offer.travel_s / 60)),
    }
    if offer.travel_s < 0:
        return Message("{worker}, stop {number}: {changes}; {minutes} min less travel", facts)
    return Message("{worker}, stop {number}: {changes}; {minutes} min more travel", facts)


def change_words(offer: Offer, day: DayPlan) -> Message:
    """Return what gives way for an offer; that it fits when nothing has to."""
    changes = [_relaxation(one, offer, day) for one in offer.relaxations]
    if offer.leaves_out is not None:
        site = day.sites.get(offer.leaves_out)
        facts = {"site": site_name(offer.leaves_out, day), "priority": site.priority if site else 0}
        changes.append(Message("leave out {site} (priority {priority}) instead", facts))
    return _joined(changes or [Message("it fits as it is")])


def _joined(parts: Sequence[Message]) -> Message:
    return reduce(lambda first, then: Message("{first}, and {then}", {"first": first, "then": then}), parts)


def _relaxation(one: Relaxation, offer: Offer, day: DayPlan) -> Message:
    facts = {
        "minutes": one.amount // 60,
        "count": one.amount,
        "number": one.number + 1,
        "skills": ", ".join(one.skills),
        "site": site_name(one.job_id or offer.job_id, day),
        "clock": _clock(one.to_at, day),
    }
    if one.lever is Lever.MAX_VISITS and one.amount == 1:
        return Message("one visit more")
    if one.lever is Lever.WINDOW_LATER and one.job_id != offer.job_id:
        return Message("+{minutes} min on the window of {site}, until {clock}", facts)
    return Message(_RELAXATIONS[one.lever].template, facts)


def _clock(moment: datetime | None, day: DayPlan) -> str:
    return "" if moment is None else local_clock(moment, service_on=day.service_on, zone=day.zone)


_RELAXATIONS = {
    Lever.WINDOW_LATER: Message("+{minutes} min on the window, until {clock}"),
    Lever.WINDOW_EARLIER: Message("+{minutes} min on the window, from {clock}"),
    Lever.SHIFT_LATER: Message("overtime {minutes} min, until {clock}"),
    Lever.SHIFT_EARLIER: Message("start work {minutes} min earlier, at {clock}"),
    Lever.BREAK_LATER: Message("break up to {minutes} min later, by {clock}"),
    Lever.SERVICE_SHORTER: Message("{minutes} min shorter service"),
    Lever.MAX_DRIVING: Message("{minutes} min more driving allowed"),
    Lever.MAX_VISITS: Message("{count} visits more"),
    Lever.CAPACITY: Message("{count} more of capacity {number}"),
    Lever.SKILL: Message("the skill: {skills}"),
    Lever.WORKER: Message("leave to go there"),
}
