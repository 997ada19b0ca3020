"""Shifts that people begin themselves: one at a time, and none within another."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, WORKER, fix_at, give_device
from support.waiting import outcome_meanwhile

from geo_engine.db.session import Session
from geo_engine.ids import TenantId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import Attendance, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tenancy.store import save_zone
from geo_engine.timespan import ClockWindow
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.live_store import list_shift_spans
from geo_engine.tracks.shifts import end_shift, start_shift
from geo_engine.workforce import Worker, WorkerShift
from geo_engine.workforce.attendance import AlreadyClockedIn, ClockInTooEarly, NotClockedIn, ShiftTooLong
from geo_engine.workforce.service import import_workers, set_shifts

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def tenant_id(own: OwnDatabase) -> TenantId:
    """Give a company with a worker."""
    made = add_bare_company(own.app, "alpha")
    with own.app.bound(made) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    return made


def _start(session: Session, at: datetime, now: datetime) -> None:
    start_shift(session, WORKER, at=at, by=OPERATOR, now=now)


def test_a_button_that_is_pressed_twice_begins_one_shift(own: OwnDatabase, tenant_id: TenantId) -> None:
    """The second waits for the first and is refused: a shift that nobody ends would be tracked for hours."""
    outcome = outcome_meanwhile(
        own, tenant_id, lambda s: _start(s, NOW, NOW), lambda s: _start(s, NOW + AN_HOUR / 60, NOW + AN_HOUR / 60)
    )

    assert isinstance(outcome, AlreadyClockedIn)


def test_a_shift_does_not_begin_within_the_one_before(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Nobody's hours are counted twice; right after the end another may begin."""
    with own.app.bound(tenant_id) as session:
        _start(session, NOW, NOW)
        end_shift(session, WORKER, by=OPERATOR, now=NOW + AN_HOUR)

        with pytest.raises(ClockInTooEarly):
            _start(session, NOW + AN_HOUR / 2, NOW + 2 * AN_HOUR)

        _start(session, NOW + AN_HOUR, NOW + 2 * AN_HOUR)


def test_a_shift_that_was_begun_too_late_is_told_to_have_begun_earlier(own: OwnDatabase, tenant_id: TenantId) -> None:
    """While it runs and after it was ended by mistake; not while the shift before it ran, nor longer than any lasts."""
    begun_at, ended_at = NOW + 2 * AN_HOUR, NOW + 2 * AN_HOUR + AN_HOUR / 60
    with own.app.bound(tenant_id) as session:
        _start(session, NOW, NOW)
        end_shift(session, WORKER, by=OPERATOR, now=NOW + AN_HOUR)
        with pytest.raises(ShiftTooLong):
            _start(session, NOW - 15.5 * AN_HOUR, begun_at)
        _start(session, begun_at, begun_at)
        _start(session, begun_at - AN_HOUR / 4, begun_at)
        while_it_runs = _spans(session)
        end_shift(session, WORKER, by=OPERATOR, now=ended_at)
        _start(session, begun_at - AN_HOUR / 2, ended_at)

        assert while_it_runs[-1][0] == begun_at - AN_HOUR / 4
        assert _spans(session) == [(NOW, NOW + AN_HOUR), (begun_at - AN_HOUR / 2, ended_at)]
        with pytest.raises(ClockInTooEarly):
            _start(session, NOW + AN_HOUR / 2, ended_at)


def test_a_shift_that_nobody_ended_is_not_ended_the_day_after(own: OwnDatabase, tenant_id: TenantId) -> None:
    """It ended by itself after 16 hours: a second press of "end" on the next day does not make it last until then."""
    with own.app.bound(tenant_id) as session:
        _start(session, NOW, NOW)
        _start(session, NOW + 24 * AN_HOUR, NOW + 24 * AN_HOUR)
        end_shift(session, WORKER, by=OPERATOR, now=NOW + 33 * AN_HOUR)

        with pytest.raises(NotClockedIn):
            end_shift(session, WORKER, by=OPERATOR, now=NOW + 33 * AN_HOUR)


def test_a_clock_in_asks_for_what_it_released(own: OwnDatabase, tenant_id: TenantId) -> None:
    """What the phone said before is derived soon, though nothing more comes; where nothing was, nobody is asked."""
    with own.app.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(attendance=Attendance.PHONE), by=OPERATOR, now=NOW)
    tracked = give_device(own.app, tenant_id, worn_from=NOW)
    reported_at = NOW + AN_HOUR
    asked = []

    for at in (NOW, reported_at - AN_HOUR / 2):
        with own.app.bound(tenant_id) as session:
            _start(session, at, reported_at)
            asked.append(session.scalars(text("select count(*) from procrastinate_jobs")).one())
            end_shift(session, WORKER, by=OPERATOR, now=at + AN_HOUR / 4)
        Ingest(own.app).commit([tracked.arrival(fix_at(reported_at), received_at=reported_at)], now=reported_at)

    assert asked == [0, 1]


def test_planned_hours_are_of_the_companys_time_zone_as_soon_as_it_is_known(
    own: OwnDatabase, tenant_id: TenantId
) -> None:
    """A shift that was planned before the zone was told is open a quarter of an hour around its hours there."""
    hours = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    with own.app.bound(tenant_id) as session:
        session.execute(text("update tenant set timezone = null"))
        set_shifts(session, [WorkerShift(service_on=NOW.date(), worker_id=WORKER, hours=hours)], by=OPERATOR, now=NOW)
        in_utc = _spans(session)
        save_zone(session, ZoneInfo("Asia/Shanghai"))
        in_shanghai = _spans(session)

    around = hours.on(NOW.date(), UTC)
    assert in_utc == [(around.earliest_at - AN_HOUR / 4, around.latest_at + AN_HOUR / 4)]
    assert in_shanghai == [(start - 8 * AN_HOUR, end - 8 * AN_HOUR) for start, end in in_utc]


@pytest.mark.parametrize("is_shift_first", [True, False])
def test_a_zone_that_is_told_while_hours_are_planned_is_theirs(
    own: OwnDatabase, tenant_id: TenantId, *, is_shift_first: bool
) -> None:
    """Whichever begins first, the other waits for it: no shift is left where the clock of another zone has it."""
    hours = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    shift = WorkerShift(service_on=NOW.date(), worker_id=WORKER, hours=hours)
    with own.app.bound(tenant_id) as session:
        session.execute(text("update tenant set timezone = null"))

    def plan(session: Session) -> None:
        set_shifts(session, [shift], by=OPERATOR, now=NOW)

    def tell(session: Session) -> None:
        save_zone(session, ZoneInfo("Asia/Shanghai"))

    outcome_meanwhile(own, tenant_id, *((plan, tell) if is_shift_first else (tell, plan)))

    there = hours.on(NOW.date(), ZoneInfo("Asia/Shanghai"))
    with own.app.bound(tenant_id) as session:
        assert _spans(session) == [(there.earliest_at - AN_HOUR / 4, there.latest_at + AN_HOUR / 4)]


def _spans(session: Session) -> list[tuple[datetime, datetime]]:
    return [*list_shift_spans(session, WORKER, earliest_at=NOW - 24 * AN_HOUR, latest_at=NOW + 24 * AN_HOUR)]
