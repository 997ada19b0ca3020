"""What a worker's day and those beside it have to agree in: each stay and each statement is of one visit of one day."""

from collections.abc import Iterable, Iterator, Sequence

from geo_engine.geofences.presences import Presence, ended_us
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits.clocks import put_right
from geo_engine.visits.day import DayEvidence, DerivedDay, Visit
from geo_engine.visits.model import CheckIn, ReasonKind


def is_known_behind(presence: Presence | None, check_ins: Iterable[CheckIn], turned_us: int) -> bool:
    """Return whether something of a visit was seen behind a moment, or stated at it or behind it."""
    is_seen = presence is not None and ended_us(presence) > turned_us
    return is_seen or any(to_microseconds(one.stated_at) >= turned_us for one in check_ins)


def is_before_other(day: TimeSpan, evidence: DayEvidence, derived: DerivedDay, before: Sequence[Visit]) -> bool:
    """Return whether visits of the day before are not believed as a day knows what it shares with them.

    So it is when what came was all of the day: of a stay that goes on, or goes on no more, and of what is stated around
    midnight, which is of one visit, whichever day that is of.

    Parameters
    ----------
    evidence, derived
        What is known of the day, and what came of it.
    before
        The visits of the day before, as they are believed.
    """
    turned_us = to_microseconds(day.start_at)
    own, theirs = ({one.id for visit in visits for one in visit.check_ins} for visits in (derived.visits, before))
    stated = {one.id for one in evidence.stated_around if one.stated_at < day.start_at}
    is_stated_otherwise = not own.isdisjoint(theirs) or not stated <= own | theirs
    return is_stated_otherwise or sorted(_gists(derived.going_on, turned_us)) != sorted(_gists(before, turned_us))


def are_hours_others(day: TimeSpan, gone: Iterable[Visit], visits_beside: Iterable[Visit], beside: TimeSpan) -> bool:
    """Return whether visits are of a day beside one, or not of it, now that the worker's hours are others.

    Parameters
    ----------
    gone
        Visits that were believed to be of the day, and are no more.
    visits_beside, beside
        Those of the day beside it, as they are believed, and that day.
    """
    return any(is_of(visit, day) for visit in visits_beside) or any(is_of(visit, beside) for visit in gone)


def is_of(visit: Visit, day: TimeSpan) -> bool:
    """Return whether a visit is of a day: began on it, or its first statement is asked for with what was stated then.

    That is by the clock as it was put right by the statement alone; what others of a day say of it moves no day.
    """
    if visit.presence is not None:
        return to_microseconds(day.start_at) <= visit.began_us < to_microseconds(day.end_at)
    (first,) = put_right([min(visit.check_ins, key=lambda one: (one.stated_at, one.id))])
    return day.start_at <= first.stated_at < day.end_at


def _gists(visits: Iterable[Visit], since_us: int) -> Iterator[tuple[int, bool, bool, list[str]]]:
    """Yield of visits that were not over at a moment what the time behind it tells of them.

    That is until when they lasted, whether they were over then, whether they show a photo that was shown before, and
    what was stated and shown of them.
    """
    for visit in visits:
        presence = visit.presence
        if visit.began_us >= since_us or not is_known_behind(presence, visit.check_ins, since_us):
            continue
        lasted_us, is_over = (0, False) if presence is None else (ended_us(presence), presence.left is not None)
        stated = [*(str(one.id) for one in visit.check_ins), *(str(photo.id) for photo in visit.photos)]
        yield lasted_us, is_over, _is_reused(visit), sorted(stated)


def _is_reused(visit: Visit) -> bool:
    is_judged = any(reason.kind is ReasonKind.PHOTO_REUSED for reason in visit.judgement.reasons)
    stated = {one.id for one in visit.check_ins}
    return is_judged or any(not stated.isdisjoint(photo.shown_before) for photo in visit.photos)
