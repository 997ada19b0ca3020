"""How a day's sites and workers become jobs and shifts."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.day import DayRequest, job_of, plan_day, shift_of
from geo_engine.planning.solver.solve import Budget
from geo_engine.roads.straight import StraightRouter
from geo_engine.timespan import ClockWindow, TimeWindow, parse_clock_window
from geo_engine.words import Language
from geo_engine.workforce import BreakRule, Worker

DAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Shanghai")
HERE = Position(116.4, 39.9)
QUICK = Budget(solution_limit=5)
NIGHT = parse_clock_window("22:00-06:00")


def site(*windows: str) -> Site:
    """Return a site with windows."""
    return Site(id=SiteId("s"), name="s", position=HERE, windows=tuple(map(parse_clock_window, windows)))


def worker(shift: ClockWindow, *breaks: str) -> Worker:
    """Return a worker with half-hour breaks."""
    rules = tuple(BreakRule(duration_s=1800, window=parse_clock_window(text)) for text in breaks)
    return Worker(id=WorkerId("w"), name="w", start=HERE, end=HERE, shift=shift, breaks=rules)


def test_a_window_before_every_shift_means_the_night_after() -> None:
    """01:00-03:00 is of the next day when the first shift begins at 22:00, and of this day when it begins at 00:30."""
    at_night = job_of(site("01:00-03:00"), DAY, ZONE, 22 * 3600)
    early = job_of(site("01:00-03:00"), DAY, ZONE, 1800)

    opens_at = datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert at_night.windows == (TimeWindow(earliest_at=opens_at, latest_at=opens_at.replace(hour=19)),)
    assert early.windows[0].earliest_at == datetime(2026, 11, 22, 17, tzinfo=UTC)


def test_a_break_of_a_night_shift_falls_into_the_night() -> None:
    """A 22:00-06:00 worker's break at 02:00-03:00 is within the shift; one at 23:00 stays on its evening."""
    shift = shift_of(worker(NIGHT, "02:00-03:00", "23:00-23:30"), DAY, ZONE)

    assert all(shift.span.start_at <= rule.window.earliest_at < shift.span.end_at for rule in shift.breaks)


def test_a_night_worker_visits_after_midnight_and_rests() -> None:
    """The plan of a night shift places the visit at 01:00 and keeps the break."""
    request = DayRequest(
        service_on=DAY, zone=ZONE, sites=(site("01:00-03:00"),), workers=(worker(NIGHT, "00:30-01:30"),), budget=QUICK
    )

    day = plan_day(request, StraightRouter())

    (route,) = day.plan.routes
    assert route.planned_visits[0].start_at >= datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert route.end_at <= datetime(2026, 11, 23, 17, 30, tzinfo=UTC) or len(route.breaks) == 1


def test_a_break_outside_the_shift_is_told() -> None:
    """Nobody's break disappears without a word."""
    day_shift = parse_clock_window("09:00-18:00")
    request = DayRequest(
        service_on=DAY, zone=ZONE, sites=(site(),), workers=(worker(day_shift, "06:00-07:00"),), budget=QUICK
    )

    day = plan_day(request, StraightRouter())

    note = day.worker_notes[WorkerId("w")]
    assert note.render(Language.EN) == "1 break(s) lie outside the shift 09:00–18:00 and are not planned."
