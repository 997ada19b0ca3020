"""What a broken rule is called in words a dispatcher understands."""

from geo_engine.planning import Violation, ViolationKind
from geo_engine.planning.day import DayPlan
from geo_engine.reports.names import site_name, worker_name
from geo_engine.words import Message


def violation_message(violation: Violation, day_plan: DayPlan) -> Message:
    """Return the sentence for a violation, with the names of the worker and the site it concerns."""
    facts = {
        "worker": worker_name(violation.worker_id, day_plan) if violation.worker_id else "–",
        "site": site_name(violation.job_id, day_plan) if violation.job_id else "–",
        "minutes": -(-violation.excess // 60),
        "excess": violation.excess,
    }
    if violation.kind is ViolationKind.UNKNOWN and violation.job_id is None:
        return Message(_UNKNOWN_WORKER.template, facts)
    if violation.kind is ViolationKind.AFTER and not violation.excess:
        return Message(_WITHOUT_FIRST.template, facts)
    return Message(_TEMPLATES[violation.kind].template, facts)


_UNKNOWN_WORKER = Message("The plan names the worker {worker}, who is not in the list.")
_WITHOUT_FIRST = Message("{worker} visits {site}, but what must come first is on no route.")
_TEMPLATES = {
    ViolationKind.WINDOW: Message("{worker} begins at {site} {minutes} min outside its time windows."),
    ViolationKind.SHIFT: Message("{worker}'s route lies {minutes} min outside the shift."),
    ViolationKind.BREAK: Message("{worker} does not get a break as agreed."),
    ViolationKind.SKILL: Message("{worker} lacks a skill that {site} needs."),
    ViolationKind.WORKER: Message("{worker} may not go to {site}."),
    ViolationKind.CAPACITY: Message("{worker} carries {excess} more than the vehicle holds."),
    ViolationKind.MAX_VISITS: Message("{worker} has {excess} visits too many."),
    ViolationKind.MAX_DRIVING: Message("{worker} drives {minutes} min longer than allowed."),
    ViolationKind.MAX_DISTANCE: Message("{worker} travels {excess} m farther than allowed."),
    ViolationKind.NO_PATH: Message("{worker} cannot reach {site} by road."),
    ViolationKind.SHIPMENT: Message(
        "{worker} has {site} without what it is fetched from or brought to, in that order."
    ),
    ViolationKind.SAME_WORKER: Message("{worker} visits {site}, but another worker has the visit that belongs to it."),
    ViolationKind.AFTER: Message("{worker} begins at {site} {minutes} min before what must come first is done."),
    ViolationKind.LOCKED: Message("{worker} does not begin with {site}, which is locked."),
    ViolationKind.REQUIRED: Message("{site} must be visited but is on no route."),
    ViolationKind.DUPLICATE: Message("{site} is visited more than once."),
    ViolationKind.UNKNOWN: Message("The plan names {site}, which is not in the list."),
}
