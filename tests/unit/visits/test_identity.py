"""A visit keeps its id, whatever becomes known later."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.ids import CheckInId, SiteId, VisitId, WorkerId
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits import CheckIn, CheckInKind, Judgement, Verdict
from geo_engine.visits.building import visit_id_of
from geo_engine.visits.day import Assignment, Visit
from geo_engine.visits.identity import keep_ids

ON = date(2026, 11, 25)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
WORKER, A, B, C = WorkerId("w"), SiteId("a"), SiteId("b"), SiteId("c")


def visit(site_id: SiteId, hour: float, *, number: int = 1, is_seen: bool = True, said: int | None = None) -> Visit:
    """Return a visit of half an hour as a day's building names it."""
    at_us = to_microseconds(MIDNIGHT + timedelta(hours=hour))
    crossings = [Crossing(at_us=one, earliest_us=one, latest_us=one) for one in (at_us, at_us + 1_800_000_000)]
    presence = Presence(
        device=0, fence=0, entered=crossings[0], seen_until_us=crossings[1].at_us, left=crossings[1], evidence=4.0
    )
    return Visit(
        id=visit_id_of(WORKER, ON, site_id, number),
        worker_id=WORKER,
        service_on=ON,
        site_id=site_id,
        stop=None,
        presence=presence if is_seen else None,
        fence_id=None,
        fence_version=None,
        candidates=(),
        check_ins=() if said is None and is_seen else (check_in(site_id, hour, said or 0),),
        photos=(),
        judgement=Judgement(verdict=Verdict.LIKELY, odds=0.0, reasons=()),
    )


def check_in(site_id: SiteId, hour: float, number: int) -> CheckIn:
    """Return a statement."""
    told_at = MIDNIGHT + timedelta(hours=hour)
    return CheckIn(
        id=CheckInId(UUID(int=number)),
        kind=CheckInKind.IN,
        worker_id=WORKER,
        site_id=site_id,
        told_at=told_at,
        sent_at=told_at,
        received_at=told_at,
    )


def ids(*visits: Visit) -> list[VisitId]:
    """Return what they are called."""
    return [one.id for one in visits]


def test_an_earlier_visit_that_becomes_known_later_takes_nobodys_place() -> None:
    """The address of the one that was known stays with it."""
    known = keep_ids([visit(A, 5)], [])

    anew = keep_ids([visit(A, 2.5, is_seen=False), visit(A, 5, number=2)], known)

    assert anew[1].id == known[0].id
    assert anew[0].id != known[0].id


def test_a_visit_that_vanishes_and_comes_back_is_the_same() -> None:
    """What was believed once is on record under its id; what is new meanwhile has another."""
    first, second = keep_ids([visit(A, 5), visit(A, 9, number=2)], [])

    without = keep_ids([visit(A, 9)], [first, second])
    again = keep_ids([visit(A, 5), visit(A, 9, number=2), visit(A, 12, number=3)], [*without, first])

    assert ids(*without) == [second.id]
    assert ids(*again)[:2] == ids(first, second)
    assert len(set(ids(*again))) == 3


def test_the_stay_says_more_than_the_statement_about_it() -> None:
    """A clock that is put right moves a statement to another stay; alone it is still the same visit."""
    known = keep_ids([visit(A, 5), visit(A, 9, number=2, said=7)], [])

    moved = keep_ids([visit(A, 5, said=7), visit(A, 9, number=2)], known)
    alone = keep_ids([visit(A, 12, is_seen=False, said=7)], keep_ids([visit(A, 9, is_seen=False, said=7)], []))

    assert ids(*moved) == ids(*known)
    assert ids(*alone) == ids(*keep_ids([visit(A, 9, is_seen=False, said=7)], []))


def test_a_stay_that_was_given_to_another_site_goes_on() -> None:
    """As the visit this was said of, whatever shares more of it; what only was stated there before gives way."""
    known = keep_ids([visit(A, 5), visit(C, 5.2), visit(B, 5, is_seen=False, said=7)], [])
    from_us = to_microseconds(MIDNIGHT + timedelta(hours=5.2))
    word = Assignment(visit_id=known[1].id, from_us=from_us, until_us=from_us + 1_800_000_000, site_id=B)

    kept, given_to = keep_ids([visit(A, 5), replace(visit(B, 5.1, said=7), is_assigned=True)], known, [word])

    assert (kept.id, given_to.id) == (known[0].id, known[1].id)
    assert given_to.site_id == B


def test_a_visit_that_moved_is_the_same_and_one_of_another_time_is_not() -> None:
    """Three quarters of an hour from where it was: fixes come late. Who comes back hours later makes another visit."""
    (known,) = keep_ids([visit(A, 5)], [])

    (near,), (far,) = (keep_ids([visit(A, hour)], [known]) for hour in (6.2, 6.3))

    assert near.id == known.id
    assert far.id != known.id


def test_a_word_goes_on_with_the_stay_of_then_alone() -> None:
    """Of two stays that were given to a site it is the one of that time that the word was about."""
    (known,) = keep_ids([visit(C, 5)], [])
    from_us = to_microseconds(MIDNIGHT + timedelta(hours=5))
    word = Assignment(visit_id=known.id, from_us=from_us, until_us=from_us + 1_800_000_000, site_id=B)

    (then,), (later,) = (keep_ids([replace(visit(B, hour), is_assigned=True)], [known], [word]) for hour in (5.2, 9))

    assert then.id == known.id
    assert later.id != known.id


HOURS = st.lists(st.integers(0, 11), min_size=1, max_size=6, unique=True)


@given(first=HOURS, second=HOURS)
def test_no_two_visits_have_one_id_and_what_is_as_it_was_keeps_its_own(first: list[int], second: list[int]) -> None:
    """Whatever was known before, of however many visits."""
    known = keep_ids([visit(A, 2 * hour) for hour in sorted(first)], [])

    anew = keep_ids([visit(A, 2 * hour) for hour in sorted(second)], known)

    assert len(set(ids(*anew))) == len(anew)
    before = {one.began_us: one.id for one in known}
    assert all(before.get(one.began_us, one.id) == one.id for one in anew)
