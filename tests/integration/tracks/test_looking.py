"""Looking back at rows: each device while it was worn, and by whoever wore it alone."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support.companies import NOW, SERVICE_ON, Company, add_alpha
from support.databases import Databases, OwnDatabase
from support.program import run_program
from support.replays import M_PER_DEGREE_LAT
from support.tracked import HERE, Tracked, give_device
from support.tracked_days import SPEED_MPS, keep_day, there_and_back, track_always

from geo_engine.ids import WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.timespan import ClockWindow, TimeSpan
from geo_engine.tracks.looking import (
    find_whereabouts,
    get_opened_day,
    get_worker_day,
    list_passes,
    open_worker_day,
)
from geo_engine.tracks.looks import Look, LookKind, list_looks
from geo_engine.tracks.model import concatenate
from geo_engine.tracks.worker_days import Silence, WorkerDay, WornTrack
from geo_engine.workforce import WorkerShift
from geo_engine.workforce.devices import hand_over
from geo_engine.workforce.service import set_shifts

W1, W2 = WorkerId("W1"), WorkerId("W2")
MIDNIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""Of SERVICE_ON, where the company is."""
EIGHT_TO_FIVE = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
HANDED_OVER_AT = MIDNIGHT + timedelta(hours=1, minutes=25)
"""Five minutes into the second drive: W2 gives the device to W1."""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """A device in a database, and when it changed hands."""

    own: OwnDatabase
    tracked: Tracked

    def day(self, worker_id: WorkerId) -> WornTrack:
        """Return what the device told of a worker on the day."""
        with self.own.app.bound(self.tracked.tenant_id) as session:
            day: WorkerDay = get_worker_day(session, worker_id, SERVICE_ON, purpose="p", by=OPERATOR, now=NOW)
        return next(one for one in day.worn if one.device_id == self.tracked.device_id)


@pytest.fixture(scope="module")
def handed(databases: Databases) -> Iterator[Handed]:
    """Give a device that reports from half an hour before midnight on, and is handed over in the middle of a drive."""
    with databases.clone_filled(add_alpha) as (own, company):
        tracked = give_device(own.app, company.tenant_id, W2, worn_from=NOW)
        track_always(own.app, tracked, now=NOW)
        keep_day(own.app, tracked, there_and_back(MIDNIGHT - timedelta(minutes=30), fix_count=1_080, every_s=10.0))
        with own.app.bound(company.tenant_id) as session:
            hand_over(session, tracked.device_id, W1, by=OPERATOR, at=HANDED_OVER_AT)
        yield Handed(own=own, tracked=tracked)


def test_what_is_derived_is_cut_at_midnight_and_where_a_device_was_handed_over(handed: Handed) -> None:
    """Neither has the day of the other, and of the drive in which it changed hands each has the metres driven."""
    first, second = (handed.day(worker_id) for worker_id in (W2, W1))

    assert len(first.track) == 510
    assert len(first.track) + len(second.track) == 900
    assert first.stops[0].started_at == MIDNIGHT
    assert first.trips[-1].ended_at == second.trips[0].started_at == HANDED_OVER_AT
    assert {one.ended_at <= HANDED_OVER_AT for one in (*first.stops, *first.trips)} == {True}
    assert {one.started_at >= HANDED_OVER_AT for one in (*second.stops, *second.trips)} == {True}
    assert first.trips[-1].distance_m == pytest.approx(300 * SPEED_MPS, rel=0.1)
    assert second.trips[0].distance_m == pytest.approx(300 * SPEED_MPS, rel=0.1)


def test_an_outline_tells_the_same_way_and_stops_without_reading_each_fix(handed: Handed) -> None:
    """Within metres of the fixes that moved, with all stops, all that was counted, and nothing of another's time."""
    whole = handed.day(W1)
    look = Look(member_id=None, worker_id=W1, service_on=SERVICE_ON, began_at=NOW)
    with handed.own.app.bound(handed.tracked.tenant_id) as session:
        asked = {"by": OPERATOR, "now": NOW}
        day = get_opened_day(session, look, handed.tracked.device_id, outline_from=len(whole.track), **asked)  # type: ignore[arg-type]
        more = get_opened_day(session, look, handed.tracked.device_id, outline_from=len(whole.track) + 1, **asked)  # type: ignore[arg-type]

    (outline,) = day.worn
    outlined_deg = np.interp(whole.track.times_us, outline.track.times_us, outline.track.lats_deg)
    away_m = np.abs(outlined_deg - whole.track.lats_deg) * M_PER_DEGREE_LAT
    assert (outline.is_outline, more.worn[0].is_outline) == (True, False)
    assert (outline.fix_count, outline.stops, outline.gaps) == (len(whole.track), whole.stops, whole.gaps)
    assert [one.started_at for one in outline.trips] == [one.started_at for one in whole.trips]
    assert outline.trips[0].distance_m == pytest.approx(whole.trips[0].distance_m, rel=0.05)
    assert len(outline.track) < len(whole.track) / 2
    assert np.percentile(away_m, 95) < 10
    assert away_m.max() < 100  # a stop ends with the first fix that is outside
    assert outline.track.times_us.min() >= HANDED_OVER_AT.timestamp() * 1e6


def test_what_is_kept_too_long_is_not_seen(handed: Handed) -> None:
    """Partitions last longer than the company has fixes kept: the day is over from then on, also in its middle."""
    in_its_middle = MIDNIGHT + timedelta(days=90, minutes=30)

    with handed.own.app.bound(handed.tracked.tenant_id) as session:
        part = get_worker_day(session, W2, SERVICE_ON, purpose="p", by=OPERATOR, now=in_its_middle)
        over = open_worker_day(session, W2, SERVICE_ON, purpose="p", by=OPERATOR, now=in_its_middle + timedelta(days=1))

    assert part.worn[0].track.times_us.min() >= (MIDNIGHT + timedelta(minutes=30)).timestamp() * 1e6
    assert (over.devices, over.silence) == ((), Silence.EXPIRED)


def test_who_passed_and_where_somebody_was_is_of_whoever_wore_the_device(handed: Handed) -> None:
    """A place is passed by each in the own time; of a moment at which the other wore it nothing is known."""
    span = TimeSpan(start_at=MIDNIGHT, end_at=MIDNIGHT + timedelta(hours=3))
    before, after = (HANDED_OVER_AT + timedelta(minutes=minutes) for minutes in (-10, 10))
    with handed.own.app.bound(handed.tracked.tenant_id) as session:
        passes = list_passes(session, HERE, radius_m=50.0, span=span, purpose="p", by=OPERATOR, now=NOW)
        seen = {
            (worker_id, at): find_whereabouts(session, worker_id, at, purpose="p", by=OPERATOR, now=NOW) is not None
            for worker_id in (W1, W2)
            for at in (before, after)
        }

    assert [(one.worker_id, one.device_name) for one in passes] == [(W2, "phone"), (W1, "phone")]
    assert seen == {(W1, before): False, (W1, after): True, (W2, before): True, (W2, after): False}


def test_where_somebody_was_off_shift_is_told_to_nobody(own: OwnDatabase, company: Company) -> None:
    """The phone lay at one place all night, so the stop goes on: in the shift's silences it tells, in the night not."""
    tracked = give_device(own.app, company.tenant_id, W2, worn_from=NOW)
    with own.app.bound(company.tenant_id) as session:
        days = (SERVICE_ON, SERVICE_ON + timedelta(days=1))
        shifts = [WorkerShift(service_on=day, worker_id=W2, hours=EIGHT_TO_FIVE) for day in days]
        set_shifts(session, shifts, by=OPERATOR, now=NOW)
    ends_at, begins_at = (MIDNIGHT + timedelta(hours=hours) for hours in (17, 32))
    evening = there_and_back(ends_at - timedelta(minutes=18), fix_count=108, every_s=10.0)
    morning = there_and_back(begins_at, fix_count=108, every_s=10.0)
    keep_day(own.app, tracked, concatenate([evening, morning]))

    moments = {
        "seen": ends_at - timedelta(minutes=5),
        "silent": ends_at + timedelta(minutes=10),
        "off shift": ends_at + timedelta(hours=7),
        "the first moment": begins_at,
    }
    with own.app.bound(company.tenant_id) as session:
        asked = {"purpose": "p", "by": OPERATOR, "now": begins_at + timedelta(hours=1)}
        found = {name: find_whereabouts(session, W2, at, **asked) for name, at in moments.items()}  # type: ignore[arg-type]
        night = TimeSpan(start_at=ends_at - timedelta(minutes=5), end_at=begins_at + timedelta(minutes=5))
        passes = list_passes(session, HERE, radius_m=5_000.0, span=night, **asked)  # type: ignore[arg-type]

    gate = timedelta(minutes=15)
    assert [(one.near.started_at, one.near.ended_at) for one in passes] == [
        (night.start_at, ends_at + gate),
        (begins_at - gate, night.end_at),
    ]
    assert {name for name, one in found.items() if one is not None} == {"seen", "silent", "the first moment"}


def test_the_command_line_tells_who_passed_and_where_somebody_was(handed: Handed) -> None:
    """A JSON line a pass, and one for a moment, null where nothing is known; refused without a purpose."""
    environment = {**os.environ, "DATABASE_URL": handed.own.url()}
    place = ("--lon", HERE.lon, "--lat", HERE.lat, "--radius-m", 50)
    span = ("--from", "2026-11-25T00:00:00+08:00", "--until", "2026-11-25T01:25:00+08:00")
    moment = ("tracks", "at", "alpha", "--worker", "W2", "--purpose", "a fall", "--at")

    where = run_program("tracks", "where", "alpha", *place, *span, "--purpose", "a fall", environment=environment)
    known = run_program(*moment, "2026-11-25T00:30:00+08:00", environment=environment)
    unknown = run_program(*moment, "2026-11-25T01:30:00+08:00", environment=environment)
    silent = run_program("tracks", "where", "alpha", *place, *span, environment=environment)

    passes = [json.loads(line) for line in where.out.splitlines()]
    with handed.own.app.bound(handed.tracked.tenant_id) as session:
        told = list_looks(session, W2, by=OPERATOR)
    assert [(one["worker"], one["device_name"], one["nearest_m"] < 5) for one in passes] == [("W2", "phone", True)]
    assert json.loads(known.out)["lon"] == pytest.approx(HERE.lon, abs=1e-4)
    assert json.loads(known.out)["reach_m"] == 6.0  # as well as the phone knew it
    assert json.loads(unknown.out)["reach_m"] is None
    assert (silent.code, silent.out) == (2, "")
    assert [(one.kind, one.purpose, one.is_operator) for one in told if one.purpose == "a fall"] == [
        (LookKind.MOMENT, "a fall", True),
        (LookKind.MOMENT, "a fall", True),
        (LookKind.PLACE, "a fall", True),
    ]
    assert {(one.place, one.radius_m) for one in told if one.kind is LookKind.PLACE} == {(HERE, 50.0)}
