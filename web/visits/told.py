"""Visits as people read them: clock times of the company, lateness and stays with their bounds, what was decided.

Clock times behind midnight of the visit's day carry ``+1``, as they do on plans.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.timespan import local_clock
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_moment
from geo_engine.visits.day import PlannedStop, Visit
from geo_engine.visits.kept import Decision, DecisionKind
from geo_engine.visits.legs import Leg
from geo_engine.visits.model import Bounds
from geo_engine.visits.verdict_words import lasting_words, length_words
from geo_engine.words import Message

OFF_FROM_M = 200.0
"""From how far off the way along roads somebody certainly was it is worth telling."""
_NEXT_DOOR_M = 50.0
LATE_FROM_S = 300.0
"""From how much later than planned somebody certainly is who is called late."""
_A_MINUTE_S, _AN_HOUR_S = 60.0, 3_600.0
_DECIDED = {
    DecisionKind.ACCEPTED: Message("Accepted"),
    DecisionKind.REJECTED: Message("Rejected"),
    DecisionKind.ASSIGNED: Message("Site chosen"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A figure in words, and between which it lies; None where it is known to the minute."""

    likely: Message
    between: Message | None = None


def crossing_told(crossing: Crossing, service_on: date, zone: ZoneInfo) -> tuple[str, str | None]:
    """Return when a fence's edge was crossed, and between which minutes; None when that is one minute."""
    likely, earliest, latest = (
        local_clock(to_moment(one), service_on=service_on, zone=zone)
        for one in (crossing.at_us, crossing.earliest_us, crossing.latest_us)
    )
    return likely, None if earliest == latest else f"{earliest}–{latest}"


def planned_told(stop: PlannedStop, service_on: date, zone: ZoneInfo) -> Message:
    """Return when somebody was to be somewhere; when they were to arrive as well where they were to wait a minute."""
    moments = {"start": stop.start_at, "end": stop.end_at, "arrival": stop.arrival_at}
    facts = {name: local_clock(moment, service_on=service_on, zone=zone) for name, moment in moments.items()}
    if (stop.start_at - stop.arrival_at).total_seconds() < _A_MINUTE_S:
        return Message("{start}–{end}", {name: facts[name] for name in ("start", "end")})
    return Message("there {arrival}, {start}–{end}", facts)


def late_told(late_s: Bounds) -> Told:
    """Return how much later than planned somebody came, or earlier; plans are of minutes, so less than one is none."""
    return Told(likely=_lateness(late_s.likely), between=_between(late_s))


def is_late(late_s: Bounds | None) -> bool:
    """Return whether somebody certainly came too late."""
    return late_s is not None and late_s.least >= LATE_FROM_S


def stay_told(visit: Visit) -> Told | None:
    """Return how long somebody was there; None where no track shows it."""
    if visit.presence is None:
        return None
    if visit.dwell_s is None:
        return Told(likely=Message("{duration} at least", {"duration": _seen_for(visit.presence)}))
    least_s, likely_s, most_s = visit.dwell_s
    between = None
    if most_s - least_s >= _A_MINUTE_S:
        facts = {"least": lasting_words(least_s), "most": lasting_words(most_s)}
        between = Message("{least} to {most}", facts)
    return Told(likely=lasting_words(likely_s), between=between)


def stayed_told(visit: Visit) -> Told | None:
    """Return a stay as a sentence says it; None where no track shows it."""
    told = stay_told(visit)
    if told is None or visit.presence is None:
        return None
    if visit.dwell_s is None:
        return Told(likely=Message("stayed at least {duration}", {"duration": _seen_for(visit.presence)}))
    return Told(likely=Message("stayed {duration}", {"duration": told.likely}), between=told.between)


def driven_told(driven_m: Bounds, *, is_so_far: bool = False) -> Told:
    """Return how far somebody went, or has so far, and between what where a figure of that many digits is not exact."""
    distance = {"distance": length_words(driven_m.likely)}
    likely = Message("{distance} driven so far", distance) if is_so_far else Message("{distance} driven", distance)
    least = length_words(driven_m.least)
    if math.isinf(driven_m.most):
        return Told(likely=likely, between=Message("at least {distance}", {"distance": least}))
    most = length_words(driven_m.most)
    if least == most:
        return Told(likely=likely)
    return Told(likely=likely, between=Message("{least} to {most}", {"least": least, "most": most}))


def planned_way_told(planned_m: float, *, is_so_far: bool = False) -> Message:
    """Return how far was planned; beside how far somebody has gone so far, that it is all of the day."""
    distance = {"distance": length_words(planned_m)}
    return Message("{distance} planned, all day", distance) if is_so_far else Message("{distance} planned", distance)


def off_told(leg: Leg) -> Message | None:
    """Return how far off the way along roads somebody went; None where nobody can say they did."""
    if leg.off_m is None or leg.off_m.least < OFF_FROM_M:
        return None
    return Message("up to {distance} off the direct way", {"distance": length_words(leg.off_m.likely)})


def way_told(leg: Leg) -> tuple[Told, ...]:
    """Return how far somebody went to a visit, beside the plan and the way along roads; nothing of going next door."""
    if leg.driven_m.most < _NEXT_DOOR_M:
        return ()
    planned = None if leg.planned_m is None else planned_way_told(leg.planned_m)
    direct = None if leg.direct_m is None else Message("{distance} direct", {"distance": length_words(leg.direct_m)})
    more = (Told(likely=one) for one in (planned, direct, off_told(leg)) if one is not None)
    return driven_told(leg.driven_m), *more


def decision_told(decision: Decision | None) -> Message | None:
    """Return what somebody decided, and who that was; None where nobody did."""
    if decision is None:
        return None
    said = _DECIDED[decision.kind]
    return Message("{decision} by {name}", {"decision": said, "name": decision.decider}) if decision.decider else said


def clock_told(visit: Visit) -> Message | None:
    """Return how far the clock was wrong of the phone a visit was stated with; None where it was right."""
    ahead = max((one.clock_ahead for one in visit.check_ins), key=abs, default=timedelta())
    if not ahead:
        return None
    duration = {"duration": lasting_words(abs(ahead.total_seconds()))}
    if ahead < timedelta():
        return Message("phone's clock {duration} behind", duration)
    return Message("phone's clock {duration} ahead", duration)


def tags_told(visit: Visit, *, is_planned: bool) -> tuple[Message, ...]:
    """Return what of a visit nobody is to overlook, whatever the verdict."""
    wrong_clock = clock_told(visit)
    return (
        *(Message("Not planned"),) * (not is_planned),
        *(Message("Site unclear"),) * visit.is_ambiguous,
        *(() if wrong_clock is None else (wrong_clock,)),
    )


def _seen_for(presence: Presence) -> Message:
    return lasting_words(max(presence.seen_until_us - presence.entered.latest_us, 0) / MICROSECONDS_PER_S)


def _lateness(seconds: float) -> Message:
    if abs(seconds) < _A_MINUTE_S:
        return Message("on time")
    duration = {"duration": lasting_words(abs(seconds))}
    return Message("{duration} late", duration) if seconds > 0 else Message("{duration} early", duration)


def _between(bounds: Bounds) -> Message | None:
    """Return between what somebody was late; in minutes unless it takes hours to say it."""
    ends = bounds.least, bounds.most
    if bounds.most - bounds.least < _A_MINUTE_S:
        return None
    if max(map(abs, ends)) >= _AN_HOUR_S and min(map(abs, ends)) >= _A_MINUTE_S and ends[0] * ends[1] > 0:
        least, most = map(lasting_words, sorted(map(abs, ends)))
        return Message("{least} to {most}", {"least": least, "most": most})
    if max(map(abs, ends)) >= _AN_HOUR_S:
        earliest, latest = map(_lateness, ends)
        return Message("between {earliest} and {latest}", {"earliest": earliest, "latest": latest})
    minutes = [round(end / _A_MINUTE_S) for end in ends]
    first, last = (f"{one:+d}".replace("-", "−") if one else "0" for one in minutes)
    return Message("{least} to {most} min", {"least": first, "most": last})
