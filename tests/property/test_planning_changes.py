"""What a newer list of stops changed: nothing of itself, and else enough to make the one from the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import JobId, SiteId
from geo_engine.planning.changes.stops import WORTH_TELLING, ChangeKind, StopChange, are_alike, compare_stops
from geo_engine.planning.model import PlannedVisit
from geo_engine.planning.versions.model import OrderedVisit

EIGHT = datetime(2026, 11, 25, 8, tzinfo=UTC)
HERE = Position(116.4, 39.9)
JOBS = "ABCDEFGHIJ"

type Stops = list[OrderedVisit]


def stops_of(jobs: str, *, minutes: list[int] | None = None) -> Stops:
    """Return stops in an order, half an hour apart, or at minutes after eight."""
    made = []
    for number, job in enumerate(jobs, start=1):
        start_at = EIGHT + timedelta(minutes=minutes[number - 1] if minutes else 30 * number)
        visit = PlannedVisit(
            job_id=JobId(job),
            position=HERE,
            arrival_at=start_at,
            start_at=start_at,
            end_at=start_at + timedelta(minutes=15),
            travel_s=60,
            travel_m=100,
        )
        site = Site(id=SiteId(job), name=job, position=HERE)
        made.append(OrderedVisit(number=number, visit=visit, site=site))
    return made


@st.composite
def stop_lists(draw: st.DrawFn) -> Stops:
    """Return stops in some order at ascending times."""
    jobs = draw(st.lists(st.sampled_from(JOBS), unique=True))
    minutes = sorted(draw(st.lists(st.integers(0, 600), min_size=len(jobs), max_size=len(jobs))))
    return stops_of("".join(jobs), minutes=minutes)


def _jobs(stops: Stops) -> list[str]:
    return [stop.visit.job_id for stop in stops]


def _of_kinds(changes: tuple[StopChange, ...], *kinds: ChangeKind) -> set[str]:
    return {change.stop.visit.job_id for change in changes if change.kind in kinds}


@given(stop_lists())
def test_a_list_changed_nothing_of_itself(stops: Stops) -> None:
    """Compared with itself a list has no change."""
    assert compare_stops(stops, stops) == ()


@given(stop_lists(), stop_lists())
def test_the_changes_make_the_newer_list_from_the_older(before: Stops, after: Stops) -> None:
    """Each stop is told once at most; what is untold stands in both, in one order, at about the same time."""
    changes = compare_stops(before, after)

    told = [change.stop.visit.job_id for change in changes]
    moved = _of_kinds(changes, ChangeKind.REORDERED)
    removed, added = _of_kinds(changes, ChangeKind.REMOVED), _of_kinds(changes, ChangeKind.ADDED)
    assert len(told) == len(set(told))
    assert (set(_jobs(before)) - removed) | added == set(_jobs(after))
    kept = [job for job in _jobs(before) if job not in removed | moved]
    assert kept == [job for job in _jobs(after) if job not in added | moved]
    began = {stop.visit.job_id: stop.visit.start_at for stop in before}
    for stop in after:
        if stop.visit.job_id not in told:
            assert abs(stop.visit.start_at - began[stop.visit.job_id]) <= WORTH_TELLING


@given(stop_lists(), st.lists(st.integers(-6, 6), min_size=len(JOBS), max_size=len(JOBS)), stop_lists())
def test_two_lists_are_alike_when_nothing_is_told(before: Stops, shifts: list[int], other: Stops) -> None:
    """Whether anything would be told is known without telling it, of lists near each other and of any."""
    near = [
        replace(stop, visit=replace(stop.visit, start_at=stop.visit.start_at + timedelta(minutes=minutes)))
        for stop, minutes in zip(before, shifts, strict=False)
    ]

    for after in (before, near, near[:-1], other):
        lists = [[(stop.visit.job_id, stop.visit.start_at) for stop in stops] for stops in (before, after)]
        assert are_alike(*lists) is (compare_stops(before, after) == ())


@given(stop_lists(), stop_lists())
def test_what_was_added_one_way_was_removed_the_other(before: Stops, after: Stops) -> None:
    """Told from the newer to the older, added and removed change places, and no more stops change."""
    there, back = compare_stops(before, after), compare_stops(after, before)

    assert _of_kinds(there, ChangeKind.ADDED) == _of_kinds(back, ChangeKind.REMOVED)
    assert _of_kinds(there, ChangeKind.REMOVED) == _of_kinds(back, ChangeKind.ADDED)
    moved = [len(_of_kinds(changes, ChangeKind.REORDERED)) for changes in (there, back)]
    assert moved[0] == moved[1]


def test_one_stop_moved_is_told_alone() -> None:
    """The last stop put first is in another order; those it passed are only later, and kept theirs."""
    changes = compare_stops(stops_of("ABCD"), stops_of("DABC"))

    assert _of_kinds(changes, ChangeKind.REORDERED) == {"D"}
    assert _of_kinds(changes, ChangeKind.RETIMED) == {"A", "B", "C"}


def test_five_minutes_are_left_untold() -> None:
    """A stop five minutes later is as it was; six minutes later it is told with both times."""
    changes = compare_stops(stops_of("AB", minutes=[0, 60]), stops_of("AB", minutes=[5, 66]))

    assert [(change.kind, change.stop.visit.job_id) for change in changes] == [(ChangeKind.RETIMED, "B")]
    assert changes[0].is_elsewhen


def test_a_stop_that_went_renumbers_the_others_and_moves_none() -> None:
    """After the first stop was removed the others have other numbers, and are not told."""
    changes = compare_stops(stops_of("ABC", minutes=[0, 60, 120]), stops_of("BC", minutes=[60, 120]))

    assert [(change.kind, change.stop.visit.job_id) for change in changes] == [(ChangeKind.REMOVED, "A")]
