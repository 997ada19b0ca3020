"""What is told of how devices report: of each its own, of the last hour and of today."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, WORKER, Tracked, fix_at, give_device

from geo_engine.ids import DeviceId, TenantId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import Attendance, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks.arrivals import Arrival, Outcome
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.reporting import DeviceReport, list_reports
from geo_engine.tracks.rows import RejectedPostRow
from geo_engine.tracks.shifts import start_shift
from geo_engine.words import Language, Message
from geo_engine.workforce import Worker
from geo_engine.workforce.devices import revoke_keys
from geo_engine.workforce.service import import_workers

A_MINUTE = timedelta(minutes=1)
NO_JSON, EMPTY = Message("The body is not JSON."), Message("There is nothing in it.")


@pytest.fixture
def tenant_id(own: OwnDatabase) -> TenantId:
    """Give a company with a worker."""
    made = add_bare_company(own.app, "alpha")
    with own.app.bound(made) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    return made


def _reports(own: OwnDatabase, tenant_id: TenantId, *, now: datetime = NOW) -> Mapping[DeviceId, DeviceReport]:
    with own.app.bound(tenant_id) as session:
        return {one.device.id: one for one in list_reports(session, by=OPERATOR, now=now)}


def _commit(own: OwnDatabase, *arrivals: Arrival) -> None:
    for one in arrivals:
        Ingest(own.app).commit([one], now=one.received_at)


def _unclear(device: Tracked, reason: Message, *, before: timedelta) -> Arrival:
    return device.arrival(received_at=NOW - before, rejected=(reason,))


def test_of_each_device_is_told_how_it_reports_itself(own: OwnDatabase, tenant_id: TenantId) -> None:
    """One that is heard, one off shift, one without a key: the moments, counts and reasons of one are no other's."""
    added = [NOW - number * A_MINUTE for number in (30, 20, 10)]
    heard, idle, revoked = (give_device(own.app, tenant_id, worn_from=moment) for moment in added)
    tracked_at, received_at = NOW - 9 * A_MINUTE, NOW - 8 * A_MINUTE
    kept = replace(heard.arrival(fix_at(tracked_at), received_at=received_at), is_gated=False)
    off_shift = [fix_at(NOW - number * A_MINUTE) for number in (3, 2)]
    _commit(own, kept, idle.arrival(*off_shift, received_at=NOW), _unclear(heard, NO_JSON, before=A_MINUTE))
    _commit(own, _unclear(idle, EMPTY, before=A_MINUTE))
    with own.app.bound(tenant_id) as session:
        revoke_keys(session, revoked.device_id, by=OPERATOR, now=NOW)

    told = _reports(own, tenant_id)

    assert list(told) == [heard.device_id, idle.device_id, revoked.device_id]
    assert [one.has_key for one in told.values()] == [True, True, False]
    moments = [(one.tracked_at, one.received_at) for one in told.values()]
    assert moments == [(tracked_at, received_at), (None, None), (None, None)]
    assert [one.not_kept for one in told.values()] == [{}, {Outcome.OFF_SHIFT: 2}, {}]
    said = [(reason.render(Language.EN),) for reason in (NO_JSON, EMPTY)]
    assert [one.reasons for one in told.values()] == [*said, ()]


def test_what_was_not_understood_is_told_for_an_hour_and_once(own: OwnDatabase, tenant_id: TenantId) -> None:
    """A reason on record in two hours of the clock is one; the newest comes first, and what is older is not told."""
    device = give_device(own.app, tenant_id, worn_from=NOW - timedelta(hours=3))
    older, newer = Message("The body is empty."), EMPTY
    _commit(
        own,
        _unclear(device, Message("It is too old."), before=61 * A_MINUTE),
        _unclear(device, newer, before=59 * A_MINUTE),
        _unclear(device, older, before=30 * A_MINUTE),
        _unclear(device, newer, before=29 * A_MINUTE),
        _unclear(device, newer, before=-A_MINUTE),
    )
    with own.app.bound(tenant_id) as session:
        row_count = session.scalar(select(func.count()).select_from(RejectedPostRow))

    told = [_reports(own, tenant_id, now=NOW + minutes * A_MINUTE) for minutes in (1, 30, 60, 61, 6_000)]

    both = (newer.render(Language.EN), older.render(Language.EN))
    assert row_count == 4
    assert [one[device.device_id].reasons for one in told] == [both, both[:1], both[:1], (), ()]


def test_a_reason_that_comes_again_is_told_for_an_hour_from_then(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Within an hour of the clock it is one row, which says when it came last."""
    device = give_device(own.app, tenant_id, worn_from=NOW - timedelta(hours=3))
    _commit(own, *(_unclear(device, EMPTY, before=minutes * A_MINUTE) for minutes in (59, 5)))

    told = _reports(own, tenant_id, now=NOW + 30 * A_MINUTE)

    assert told[device.device_id].reasons == (EMPTY.render(Language.EN),)


def test_what_was_not_kept_is_told_on_its_day(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Counts are of today alone, in UTC."""
    device = give_device(own.app, tenant_id, worn_from=NOW - timedelta(days=3))
    for days, count in ((1, 2), (0, 3)):
        moment = NOW - timedelta(days=days)
        _commit(own, device.arrival(*(fix_at(moment - n * A_MINUTE) for n in range(count)), received_at=moment))

    today, tomorrow = (_reports(own, tenant_id, now=NOW + timedelta(days=days)) for days in (0, 1))

    assert today[device.device_id].not_kept == {Outcome.OFF_SHIFT: 3}
    assert tomorrow[device.device_id].not_kept == {}


def test_what_a_late_start_has_released_is_not_told_as_lost(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Of three sealed fixes a clock-in covers two, which are kept: told is how many were sealed as they came."""
    now = datetime.now(UTC)
    device = give_device(own.app, tenant_id, worn_from=now - timedelta(days=1))
    with own.app.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(attendance=Attendance.PHONE), by=OPERATOR, now=now)
    _commit(own, device.arrival(*(fix_at(now - n * 10 * A_MINUTE) for n in (1, 2, 9)), received_at=now))
    with own.app.bound(tenant_id) as session:
        start_shift(session, WORKER, at=now - 30 * A_MINUTE, by=OPERATOR, now=now)

    told = _reports(own, tenant_id, now=now)[device.device_id]

    assert (told.tracked_at, told.not_kept, told.sealed_count) == (now - 10 * A_MINUTE, {}, 3)
