"""The rows of a day: what became of each planned visit, and until when it may still come."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, DecisionId, JobId, SiteId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.visits import CheckIn, CheckInKind, Judgement, Reason, ReasonKind, Verdict
from geo_engine.visits.day import PlannedStop, Visit
from geo_engine.visits.kept import Decision, DecisionKind, KeptVisit
from geo_engine.visits.legs import Leg
from geo_engine.visits.model import Bounds
from geo_engine.visits.overview import DayVisits, WorkerVisits
from geo_engine.visits.planned_actual import compare_day
from geo_engine.words import Language
from geo_engine.workforce import Worker
from web.visits.day_rows import FOLDED_FROM, MISSED, OPEN, OVERDUE, WorkerRows, is_folded, main_reasons, rows_of_day
from web.visits.evidence import moments_of

ZONE = ZoneInfo("Asia/Shanghai")
ON = date(2026, 11, 25)
NINE = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
"""By the clocks of the zone."""
MIDNIGHT = NINE + timedelta(hours=15)


def _stop(number: int, end_at: datetime) -> PlannedStop:
    return PlannedStop(
        number=number,
        job_id=JobId(f"j{number}"),
        site_id=SiteId("s"),
        arrival_at=end_at - timedelta(minutes=20),
        start_at=end_at - timedelta(minutes=20),
        end_at=end_at,
    )


def _visit(stop: PlannedStop | None = None, verdict: Verdict = Verdict.LIKELY, *reasons: Reason) -> Visit:
    """Return a visit that only a statement tells of, made an hour after it was planned to end."""
    stated_at = NINE if stop is None else stop.end_at + timedelta(hours=1)
    check_in = CheckIn(
        id=CheckInId(uuid4()),
        kind=CheckInKind.IN,
        worker_id=WorkerId("w"),
        site_id=SiteId("s"),
        told_at=stated_at,
        sent_at=stated_at,
        received_at=stated_at,
    )
    return Visit(
        id=VisitId(uuid4()),
        worker_id=WorkerId("w"),
        service_on=ON,
        site_id=SiteId("s"),
        stop=stop,
        presence=None,
        fence_id=None,
        fence_version=None,
        candidates=(),
        check_ins=(check_in,),
        photos=(),
        judgement=Judgement(verdict=verdict, odds=0.0, reasons=reasons),
    )


def _kept(stop: PlannedStop, verdict: Verdict, decided: DecisionKind | None) -> KeptVisit:
    visit = _visit(stop, verdict)
    decision = decided and Decision(
        id=DecisionId(uuid4()),
        visit_id=visit.id,
        worker_id=visit.worker_id,
        service_on=ON,
        kind=decided,
        span=TimeSpan(start_at=stop.start_at, end_at=stop.end_at),
        decided_at=stop.end_at,
    )
    return KeptVisit(visit=visit, derived_at=stop.end_at, decision=decision)


def _rows(*ends: datetime, now: datetime, kept: Iterable[KeptVisit] = (), legs: Sequence[Leg] = ()) -> WorkerRows:
    """Return the rows of a worker who made none of the planned visits but those."""
    stops = [_stop(number, end_at) for number, end_at in enumerate(ends, start=1)]
    worker = Worker(id=WorkerId("w"), name="Li", start=Position(7.42, 43.73))
    made = {one.visit.id: one for one in kept}
    comparison = compare_day(stops, [one.visit for one in made.values()], legs)
    one = WorkerVisits(worker=worker, comparison=comparison, kept=made, planned_m=34_200 if legs else None)
    (rows,) = rows_of_day(DayVisits(service_on=ON, workers=(one,), sites={}), zone=ZONE, now=now)
    return rows


def _leg() -> Leg:
    driven_m = Bounds(least=12_800, likely=12_800, most=12_800)
    return Leg(number=1, visit_id=None, planned_m=None, direct_m=None, driven_m=driven_m, off_m=None)


def _states(*ends: datetime, now: datetime) -> list[str]:
    return [row.state for row in _rows(*ends, now=now).rows]


@pytest.mark.parametrize(
    ("minutes", "states"),
    [
        (-1, [OPEN, OPEN]),
        (0, [OPEN, OPEN]),
        (60, [OVERDUE, OPEN]),
        (299, [OVERDUE, OVERDUE]),
        (300, [MISSED, MISSED]),
    ],
)
def test_what_is_late_is_overdue_until_the_planned_day_is_over(minutes: int, states: list[str]) -> None:
    """An hour after the last planned visit should have ended nobody waits for any of them."""
    found = _states(NINE, NINE + timedelta(hours=4), now=NINE + timedelta(minutes=minutes))

    assert found == states


def test_nothing_is_overdue_when_the_day_is_over() -> None:
    """At midnight by the clocks of the company what did not take place was missed."""
    found = _states(MIDNIGHT - timedelta(minutes=30), MIDNIGHT - timedelta(minutes=20), now=MIDNIGHT)

    assert found == [MISSED, MISSED]


@pytest.mark.parametrize(
    ("minutes", "states", "driven"),
    [
        (0, [OVERDUE, OPEN], "12.8 km driven so far"),
        (219, [OVERDUE, OVERDUE], "12.8 km driven so far"),
        (220, [MISSED, MISSED], "12.8 km driven"),
    ],
)
def test_a_night_s_day_is_not_over_at_midnight(minutes: int, states: list[str], driven: str) -> None:
    """Of a shift past midnight the worker may still come: it is over an hour after its last planned visit."""
    ends = MIDNIGHT - timedelta(minutes=30), MIDNIGHT + timedelta(minutes=160)

    rows = _rows(*ends, now=MIDNIGHT + timedelta(minutes=minutes), legs=[_leg()])

    assert [row.state for row in rows.rows] == states
    assert rows.driven is not None
    assert rows.driven.likely.render(Language.EN) == driven


def test_what_is_behind_midnight_says_so() -> None:
    """Among the day's rows and on the visit's own page, planned or made: on which day that was is beside it."""
    kept = _kept(_stop(1, MIDNIGHT + timedelta(minutes=20)), Verdict.LIKELY, None)

    (row,) = _rows(MIDNIGHT + timedelta(minutes=20), now=MIDNIGHT, kept=[kept]).rows
    alone = moments_of(kept, ZONE)

    assert row.planned is not None
    assert alone.planned is not None
    assert [one.render(Language.EN) for one in (row.planned, alone.planned)] == ["00:00+1–00:20+1"] * 2
    assert [row.came, alone.came] == ["01:20+1"] * 2


def test_a_worker_s_rows_are_counted_by_state() -> None:
    """In the order of all states, those that there are none of left out: what is said of a worker who is folded."""
    rows = _rows(NINE, NINE, NINE + timedelta(hours=4), now=NINE + timedelta(hours=1))

    assert [(key, count) for key, _, count in rows.counts] == [(OVERDUE, 2), (OPEN, 1)]


@pytest.mark.parametrize(
    ("row_counts", "folded"), [((FOLDED_FROM,), False), ((1, FOLDED_FROM - 2), False), ((1, FOLDED_FROM - 1), True)]
)
def test_workers_are_folded_where_there_is_much_to_read(row_counts: tuple[int, ...], *, folded: bool) -> None:
    """Never one alone: there is nothing to choose from."""
    workers = [_rows(*[NINE] * count, now=NINE) for count in row_counts]

    assert is_folded(workers) is folded


def test_the_main_reasons_are_told_once_each() -> None:
    """Two check-ins without a position are one reason to read, and leave room for another."""
    nowhere, no_track = (Reason(kind=kind, weight=0.0) for kind in (ReasonKind.CHECKED_IN_NOWHERE, ReasonKind.NO_TRACK))
    visit = _visit(None, Verdict.LIKELY, nowhere, nowhere, no_track)

    assert [one.render(Language.EN) for one in main_reasons(visit)] == [
        "The check-in came without a position.",
        "The phone's track has no position near that moment.",
    ]


_DECIDED = [
    (Verdict.LIKELY, None, True),
    (Verdict.INSUFFICIENT, None, True),
    (Verdict.CONTRADICTED, None, False),
    (Verdict.CONTRADICTED, DecisionKind.ASSIGNED, False),
    (Verdict.CONTRADICTED, DecisionKind.ACCEPTED, True),
    (Verdict.CONFIRMED, DecisionKind.REJECTED, False),
]
"""What was found, what a person said of it, and whether the visit is taken to have taken place."""


@pytest.mark.parametrize(("verdict", "decided", "takes_place"), _DECIDED)
def test_visits_that_took_place_are_counted(
    verdict: Verdict, decided: DecisionKind | None, *, takes_place: bool
) -> None:
    """Of those that were planned: what is contradicted is none unless a person accepted it, what one rejected never."""
    rows = _rows(NINE, NINE, now=NINE, kept=[_kept(_stop(1, NINE), verdict, decided)])

    assert (rows.planned_count, rows.visited_count) == (2, int(takes_place))


@pytest.mark.parametrize(("verdict", "decided", "takes_place"), _DECIDED)
def test_nobody_is_late_for_what_did_not_take_place(
    verdict: Verdict, decided: DecisionKind | None, *, takes_place: bool
) -> None:
    """Neither late nor on time, among the day's rows as on the visit's own page: nobody came."""
    kept = _kept(_stop(1, NINE), verdict, decided)

    (row,) = _rows(NINE, now=NINE, kept=[kept]).rows
    alone = moments_of(kept, ZONE)

    assert [row.late is not None, row.is_late, alone.late is not None] == [takes_place] * 3


@pytest.mark.parametrize(
    ("hours", "language", "said"),
    [
        (14, Language.EN, ["12.8 km driven so far", "34.2 km planned, all day"]),
        (14, Language.ZH_CN, ["至今实际 12.8 公里", "全天计划 34.2 公里"]),
        (15, Language.EN, ["12.8 km driven", "34.2 km planned"]),
    ],
)
def test_how_far_somebody_went_is_so_far_until_the_day_is_over(hours: int, language: Language, said: list[str]) -> None:
    """What was planned is of all day: beside half of it the two would seem to be of the same."""
    rows = _rows(NINE, now=NINE + timedelta(hours=hours), legs=[_leg()])

    assert rows.driven is not None
    assert rows.planned_way is not None
    assert [one.render(language) for one in (rows.driven.likely, rows.planned_way)] == said
