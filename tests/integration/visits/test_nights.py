"""Stays across midnight: one visit, of the day it began on, however what was told of it arrives."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import count
from uuid import UUID
from zipfile import ZipFile

import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.photographed import photo_files
from support.tracked import HERE, NO_ROADS, WORKER, Tracked, fix_at, give_device
from support.visited import check_in_at

from geo_engine.audit.store import list_events
from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geofences.presences import Crossing
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, VisitId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import Attendance, TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.timespan import ClockWindow
from geo_engine.tracks import Fix
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.looks import LookKind
from geo_engine.tracks.model import to_microseconds, to_moment
from geo_engine.visits import CheckIn, CheckInKind, Verdict
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.claiming import claim_days
from geo_engine.visits.day import Visit
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.kept import DecisionKind, KeptVisit
from geo_engine.visits.leg_store import list_legs
from geo_engine.visits.overview import get_visit_file
from geo_engine.visits.packs import build_pack
from geo_engine.visits.reviewing import DayExpired, decide_visit, get_visit, list_review_queue, list_visits
from geo_engine.visits.visit_store import claim_each, list_claims, replace_day
from geo_engine.workforce import Worker
from geo_engine.workforce.model import WorkerShift
from geo_engine.workforce.service import import_workers, set_shifts

MIDNIGHT = datetime.fromisoformat("2026-11-25T16:00:00+00:00")
EVENING, MORNING = date(2026, 11, 25), date(2026, 11, 26)
LATER = MIDNIGHT + timedelta(hours=12)
A, FAR = SiteId("a"), SiteId("far")
MINUTE = timedelta(minutes=1)
CAME, LEFT = -20, 30
"""When the worker comes and leaves, minutes after midnight."""
NIGHT, BY_DAY, EARLY = (
    ClockWindow(earliest_s=first * 3600, latest_s=last * 3600) for first, last in ((22, 30), (9, 17), (0, 8))
)
_TICKS = count(1)


@pytest.fixture
def phone(own: OwnDatabase) -> Tracked:
    """Give a company with two sites, and a worker whose phone is always tracked."""
    tenant_id = add_bare_company(own.app, "acme")
    sites = [
        Site(id=A, name="A", position=HERE),
        Site(id=FAR, name="Far", position=Position(HERE.lon + 0.1, HERE.lat)),
    ]
    with own.app.bound(tenant_id) as session:
        rule = TrackingRule(gate=TrackingGate.ALWAYS, attendance=Attendance.PHONE)
        set_tracking(session, rule, by=OPERATOR, now=NOW)
        source = RowSource(file="f")
        import_workers(session, [Worker(id=WORKER, name="n", start=HERE)], source=source, by=OPERATOR, now=NOW)
        import_sites(session, sites, source=source, due_on=None, by=OPERATOR, now=NOW)
        refresh_site_fences(session, now=NOW)
    return give_device(own.app, tenant_id, worn_from=NOW)


def a_night(came: int = CAME, left: int = LEFT) -> list[Fix]:
    """Return a fix each half minute: a drive to the site, the stay, and a drive away; minutes after midnight."""
    moments = [number / 2 for number in range(2 * came - 40, 2 * left + 41)]
    ways = [max(came - one, one - left, 0.0) for one in moments]
    return [
        fix_at(MIDNIGHT + one * MINUTE, Position(HERE.lon + 0.003 * way, HERE.lat), accuracy_m=8.0)
        for one, way in zip(moments, ways, strict=True)
    ]


def until(fixes: Sequence[Fix], minute: float) -> list[Fix]:
    """Return the fixes before a minute after midnight."""
    return [one for one in fixes if one.tracked_at < MIDNIGHT + minute * MINUTE]


def since(fixes: Sequence[Fix], minute: float) -> list[Fix]:
    """Return the fixes from a minute after midnight on."""
    return [one for one in fixes if one.tracked_at >= MIDNIGHT + minute * MINUTE]


def test_a_stay_across_midnight_is_one_visit(own: OwnDatabase, phone: Tracked) -> None:
    """Of the evening, with all of its dwell and sure; the morning has no visit and only the way home."""
    _report(own, phone, a_night())

    (evening,), morning = _derive(own, phone)

    assert evening.visit.site_id == A
    assert _minutes(evening.visit) == [CAME, LEFT]
    assert evening.visit.dwell_s is not None
    assert abs(evening.visit.dwell_s[1] - 60 * (LEFT - CAME)) < 60
    assert evening.visit.judgement.verdict is Verdict.CONFIRMED
    assert morning == ()
    with own.app.bound(phone.tenant_id) as session:
        legs = {on: list_legs(session, on, [WORKER])[WORKER] for on in (EVENING, MORNING)}
    assert [leg.visit_id for leg in legs[EVENING]] == [evening.visit.id]
    assert [leg.visit_id for leg in legs[MORNING]] == [None]
    assert abs(legs[EVENING][0].driven_m.likely - legs[MORNING][0].driven_m.likely) < 300


@pytest.mark.parametrize("cuts", [[-25.0], [0.0], [-10.0, 10.0, 40.0], [30.0, 31.0]], ids=str)
def test_what_arrives_bit_by_bit_gives_the_same(own: OwnDatabase, phone: Tracked, cuts: list[float]) -> None:
    """Under one id from the first minutes on, also when what is of the next day alone arrives last."""
    fixes, begun = a_night(), 0
    ids = set()
    for minute in [*cuts, 99.0]:
        part = until(fixes, minute)[begun:]
        begun += len(part)
        _report(own, phone, part, received_at=MIDNIGHT + min(minute, 60.0) * MINUTE)
        told = _derive(own, phone)
        ids |= {one.visit.id for day in told for one in day}
    in_order = told

    (evening,), morning = in_order

    assert _minutes(evening.visit) == [CAME, LEFT]
    assert (ids, morning) == ({evening.visit.id}, ())


def test_late_fixes_of_the_evening_take_the_visit_from_the_morning(own: OwnDatabase, phone: Tracked) -> None:
    """What was known of the morning alone was a visit of it, until it was found to have begun the evening before.

    It is the same visit: its address leads to it, and what a person decided about it holds.
    """
    fixes = a_night()
    _report(own, phone, since(fixes, 0))
    before = _derive(own, phone)
    visit_id = before[1][0].visit.id
    with own.app.bound(phone.tenant_id) as session:
        decision = decide_visit(session, visit_id, DecisionKind.REJECTED, by=OPERATOR, now=LATER, note="Elsewhere")

    _report(own, phone, until(fixes, 0), received_at=LATER)
    (evening,), morning = _derive(own, phone)

    assert [len(day) for day in before] == [0, 1]
    assert (evening.visit.id, _minutes(evening.visit)) == (visit_id, [CAME, LEFT])
    assert evening.decision is not None
    assert (evening.decision.id, evening.took_place) == (decision.id, False)
    assert morning == ()
    with own.app.bound(phone.tenant_id) as session:
        file = get_visit_file(session, visit_id, by=OPERATOR)
        waiting = list_review_queue(session, since=EVENING, by=OPERATOR, now=LATER + timedelta(days=1))
    assert [one.visit.service_on for one in file.history] == [EVENING, MORNING]
    assert [one.id for one in file.decisions] == [decision.id]
    assert waiting == ()


def test_a_visit_goes_with_its_shift_to_another_day_and_back(own: OwnDatabase, phone: Tracked) -> None:
    """A shift past midnight is told, and taken back: the visit is the same one, and a word about it holds."""
    _report(own, phone, a_night(60, 90))
    _, (visit,) = _derive(own, phone)
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, visit.visit.id, DecisionKind.REJECTED, by=OPERATOR, now=LATER)

    told = []
    night, day = (ClockWindow(earliest_s=first * 3600, latest_s=last * 3600) for first, last in ((22, 30), (9, 18)))
    for hours in (night, day):
        shift = WorkerShift(worker_id=WORKER, service_on=EVENING, hours=hours)
        with own.app.bound(phone.tenant_id) as session:
            set_shifts(session, [shift], by=OPERATOR, now=NOW)
        _claim(own, phone, LATER)
        told.append(_derive(own, phone))

    assert [[len(day) for day in days] for days in told] == [[1, 0], [0, 1]]
    for days in told:
        (same,) = (one for day in days for one in day)
        assert same.visit.id == visit.visit.id
        assert same.decision is not None


@pytest.mark.parametrize("first", [EVENING, MORNING], ids=["evening", "morning"])
@pytest.mark.parametrize(("before", "behind"), [((22, 30), (9, 18)), ((9, 18), (22, 30))], ids=["to days", "to nights"])
def test_no_visit_is_lost_or_told_twice_as_hours_change(
    own: OwnDatabase, phone: Tracked, before: tuple[int, int], behind: tuple[int, int], first: date
) -> None:
    """Of two days that change at another hour since then, something later has one be derived: the other is as well."""
    _work_from_to(own, phone, before)
    _report(own, phone, a_night(60, 90))
    (visit,) = (one for day in _derive(own, phone) for one in day)
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, visit.visit.id, DecisionKind.REJECTED, by=OPERATOR, now=LATER)

    _work_from_to(own, phone, behind)
    with own.app.bound(phone.tenant_id) as session:
        claim_each(session, [(WORKER, first)], now=LATER)
    (same,) = (one for day in _derive(own, phone) for one in day)

    days = {(9, 18): MORNING, (22, 30): EVENING}
    assert [one.visit.service_on for one in (visit, same)] == [days[before], days[behind]]
    assert same.visit.id == visit.visit.id
    assert same.decision is not None


def test_who_comes_back_after_midnight_makes_another_visit(own: OwnDatabase, phone: Tracked) -> None:
    """What comes late shows that the worker was away in between: the word is about the first visit, not both."""
    whole, away = a_night(-40, 60), a_night(-40, -20)
    between = [one for one in away if one.tracked_at >= MIDNIGHT - 20 * MINUTE]
    back = [replace(one, tracked_at=MIDNIGHT - (one.tracked_at - MIDNIGHT)) for one in reversed(between)]
    _report(own, phone, [*until(whole, -20), *since(whole, 20.5)])
    (first,), _ = _derive(own, phone)
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, first.visit.id, DecisionKind.REJECTED, by=OPERATOR, now=LATER)

    _report(own, phone, [*between, *back], received_at=LATER)
    (evening,), (morning,) = _derive(own, phone)

    assert evening.visit.id == first.visit.id
    assert evening.decision is not None
    assert (morning.visit.id == first.visit.id, morning.decision) == (False, None)


def test_late_fixes_of_the_morning_show_that_a_visit_did_not_go_on(own: OwnDatabase, phone: Tracked) -> None:
    """Believed to have left at half past twelve; what came late shows the worker on the way before midnight."""
    left = a_night(left=-2)
    gone = [one for one in left if one.tracked_at >= MIDNIGHT - MINUTE]
    _report(own, phone, [one for one in left if one not in gone])
    (open_one,), _ = _derive(own, phone)

    _report(own, phone, gone, received_at=LATER)
    (evening,), morning = _derive(own, phone)

    assert evening.visit.id == open_one.visit.id
    assert _minutes(evening.visit) == [CAME, -2]
    assert morning == ()


@pytest.mark.parametrize("silent", [(-300, 480), (-300, 30), (-30, 480)], ids=["both", "before", "behind"])
def test_who_is_not_heard_at_night_has_a_visit_each_day(
    own: OwnDatabase, phone: Tracked, silent: tuple[int, int]
) -> None:
    """Tracked on shifts alone, last seen at the site and first seen there: nobody stayed there for the night."""
    night = a_night(-600, 600)
    _report(own, phone, [*until(night, silent[0]), *since(night, silent[1])])

    (evening,), (morning,) = _derive(own, phone)

    assert [one.visit.presence and one.visit.presence.left is None for one in (evening, morning)] == [True, False]
    assert to_moment(evening.visit.began_us) < MIDNIGHT <= to_moment(morning.visit.began_us)


def test_what_is_stated_behind_midnight_is_of_the_visit_it_is_about(own: OwnDatabase, phone: Tracked) -> None:
    """In before midnight; out minutes after having left, sent hours later: both are of the one visit."""
    came = check_in_at(A, MIDNIGHT + (CAME + 1) * MINUTE)
    went = check_in_at(A, MIDNIGHT + (LEFT + 3) * MINUTE, kind=CheckInKind.OUT, position=None)
    _report(own, phone, a_night())
    _state(own, phone, came)
    _derive(own, phone)

    _state(own, phone, replace(went, sent_at=LATER, received_at=LATER))
    (evening,), morning = _derive(own, phone)

    assert [one.id for one in evening.visit.check_ins] == [came.id, went.id]
    assert morning == ()


def test_what_is_stated_before_midnight_is_of_the_visit_that_begins_behind_it(own: OwnDatabase, phone: Tracked) -> None:
    """Said to be there at two to twelve, and there at two past: sent late, it still is of the visit of the morning."""
    early = check_in_at(A, MIDNIGHT - 2 * MINUTE)
    _report(own, phone, a_night(2, 60))
    _derive(own, phone)

    _state(own, phone, replace(early, sent_at=LATER, received_at=LATER))
    evening, (morning,) = _derive(own, phone)

    assert [one.id for one in morning.visit.check_ins] == [early.id]
    assert evening == ()


@pytest.mark.parametrize("fixes", [[], a_night(-60, -10)], ids=["unseen", "seen"])
def test_what_is_stated_behind_midnight_is_of_the_visit_that_was_over_before_it(
    own: OwnDatabase, phone: Tracked, fixes: list[Fix]
) -> None:
    """In an hour before midnight, out minutes behind it: no stay goes on, and yet both are of one visit of one day."""
    came = check_in_at(A, MIDNIGHT - 59 * MINUTE)
    went = check_in_at(A, MIDNIGHT + 5 * MINUTE, kind=CheckInKind.OUT, position=None)
    _report(own, phone, fixes)
    _state(own, phone, came)
    _derive(own, phone)

    _state(own, phone, went)
    (evening,), morning = _derive(own, phone)

    assert [one.id for one in evening.visit.check_ins] == [came.id, went.id]
    assert morning == ()


def test_a_stay_that_was_two_visits_becomes_one(own: OwnDatabase, phone: Tracked) -> None:
    """The evening's keeps its id and what was decided of it; the morning's ends, and stays on record with its own."""
    _report(own, phone, a_night())
    (whole,), _ = _derive(own, phone)
    evening_id, morning_id = _part(own, phone, whole.visit)
    with own.app.bound(phone.tenant_id) as session:
        for visit_id in (evening_id, morning_id):
            decide_visit(session, visit_id, DecisionKind.ACCEPTED, by=OPERATOR, now=LATER)

    _claim(own, phone, LATER)
    (evening,), morning = _derive(own, phone)

    assert (evening.visit.id, morning) == (evening_id, ())
    assert _minutes(evening.visit) == [CAME, LEFT]
    assert evening.decision is not None
    with own.app.bound(phone.tenant_id) as session:
        ended, *_ = get_visit(session, morning_id, by=OPERATOR)
    assert ended.superseded_at is not None
    assert ended.decision is not None


@pytest.mark.parametrize("part", [0, 1], ids=["evening", "morning"])
def test_a_word_about_a_part_is_of_the_whole(own: OwnDatabase, phone: Tracked, part: int) -> None:
    """Somebody said of which site one of two visits was that are one now: so it is, whichever of the two that was."""
    _report(own, phone, a_night())
    (whole,), _ = _derive(own, phone)
    ids = _part(own, phone, whole.visit)
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, ids[part], DecisionKind.ASSIGNED, by=OPERATOR, now=LATER, site_id=FAR)

    _claim(own, phone, LATER)
    (evening,), morning = _derive(own, phone)

    assert (evening.visit.site_id, evening.visit.is_assigned) == (FAR, True)
    assert _minutes(evening.visit) == [CAME, LEFT]
    assert morning == ()


def test_a_pack_holds_the_track_of_both_days(own: OwnDatabase, phone: Tracked) -> None:
    """From half an hour before the stay to half an hour after it; both days are known to have been looked at."""
    _report(own, phone, a_night())
    (evening,), _ = _derive(own, phone)

    with own.app.bound(phone.tenant_id) as session:
        content = build_pack(session, photo_files(), evening.visit.id, purpose="复核", by=OPERATOR, now=LATER)
        looks = [one for one in list_events(session, limit=9) if one.act == LookKind.DAY]

    with ZipFile(BytesIO(content)) as archive:
        track = archive.read("track.gpx")
    assert track.count(b"<trkpt") == len(a_night())
    assert {one.facts["service_on"] for one in looks} == {EVENING.isoformat(), MORNING.isoformat()}


def test_a_night_shift_has_its_visits_on_its_own_day(own: OwnDatabase, phone: Tracked) -> None:
    """From ten to six: who comes at half past twelve comes on the shift's day, as the plan of that day has it."""
    _work(own, phone, NIGHT)
    _report(own, phone, a_night(30, 90))
    _state(own, phone, check_in_at(A, MIDNIGHT + 31 * MINUTE))

    (evening,), morning = _derive(own, phone)

    assert _minutes(evening.visit) == [30, 90]
    assert len(evening.visit.check_ins) == 1
    assert morning == ()


@pytest.mark.parametrize("anew", [EVENING, MORNING], ids=["evening", "morning"])
@pytest.mark.parametrize("fixes", [[], a_night(30, 90)], ids=["unseen", "seen"])
def test_a_visit_is_of_one_day_whatever_the_shift_was_before(
    own: OwnDatabase, phone: Tracked, anew: date, fixes: list[Fix]
) -> None:
    """Hours change, one way and back, and either day is derived anew: what was of the one day is of the other alone."""
    _work(own, phone, NIGHT)
    _report(own, phone, fixes)
    _state(own, phone, check_in_at(A, MIDNIGHT + 31 * MINUTE))
    found = [_derive(own, phone)]

    for hours in (BY_DAY, NIGHT):
        _work(own, phone, hours)
        _claim(own, phone, LATER, on=[anew])
        found.append(_derive(own, phone))

    assert [(len(evening), len(morning)) for evening, morning in found] == [(1, 0), (0, 1), (1, 0)]


def test_a_day_that_began_before_midnight_has_expired_with_its_first_fixes(own: OwnDatabase, phone: Tracked) -> None:
    """Of an early shift's day the hour before midnight is kept no longer: it stays, and nothing is said of it anew."""
    _work(own, phone, EARLY, on=MORNING)
    _report(own, phone, a_night())
    _, (before,) = _derive(own, phone)
    expired_at = MIDNIGHT - 5 * MINUTE + timedelta(days=TrackingRule().retention_days)

    _claim(own, phone, LATER, on=[MORNING])
    _, (after,) = _derive(own, phone, now=lambda: expired_at)

    assert after == before
    with own.app.bound(phone.tenant_id) as session, pytest.raises(DayExpired):
        decide_visit(session, after.visit.id, DecisionKind.ASSIGNED, by=OPERATOR, now=expired_at, site_id=FAR)


def test_a_day_has_the_one_before_be_derived_only_where_that_is_new(own: OwnDatabase, phone: Tracked) -> None:
    """Derived again without anything new, the morning asks nothing of the evening."""
    _report(own, phone, a_night())
    _derive(own, phone)

    _claim(own, phone, LATER, on=[MORNING])
    derive_visits(own.app, phone.tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: LATER)

    with own.app.bound(phone.tenant_id) as session:
        assert list_claims(session, limit=9) == ()


def _part(own: OwnDatabase, phone: Tracked, whole: Visit) -> tuple[VisitId, VisitId]:
    """Have a visit be believed as two, of the evening and of the morning, as it was when days ended at midnight."""
    presence, at_us = whole.presence, to_microseconds(MIDNIGHT)
    assert presence is not None
    turned = Crossing(at_us, at_us, at_us)
    before = replace(whole, presence=replace(presence, seen_until_us=at_us, left=None))
    behind = replace(before, service_on=MORNING, presence=replace(presence, entered=turned))
    behind = replace(behind, id=VisitId(UUID(int=7)))
    with own.app.bound(phone.tenant_id) as session:
        replace_day(session, WORKER, EVENING, [before], rules="2", now=LATER - MINUTE)
        replace_day(session, WORKER, MORNING, [behind], rules="2", now=LATER - MINUTE)
    return before.id, behind.id


def _now() -> datetime:
    """Return a moment that is later each time."""
    return LATER + next(_TICKS) * timedelta(seconds=1)


def _minutes(visit: Visit) -> list[int]:
    """Return when a stay began and ended, minutes after midnight."""
    assert visit.presence is not None
    assert visit.presence.left is not None
    moments = (visit.presence.entered, visit.presence.left)
    return [round((to_moment(one.at_us) - MIDNIGHT) / MINUTE) for one in moments]


def _report(own: OwnDatabase, phone: Tracked, fixes: Sequence[Fix], *, received_at: datetime = LATER) -> None:
    Ingest(own.app).commit([phone.arrival(*fixes, received_at=received_at)], now=received_at)
    derive_tracks(
        own.app,
        phone.tenant_id,
        now=lambda: received_at,
        told=lambda session, device_id, from_at, until_at: claim_days(
            session, device_id, from_at=from_at, until_at=until_at, now=received_at
        ),
    )


def _state(own: OwnDatabase, phone: Tracked, check_in: CheckIn) -> None:
    with own.app.bound(phone.tenant_id) as session:
        state_check_in(session, check_in, by=OPERATOR, now=LATER)


def _work_from_to(own: OwnDatabase, phone: Tracked, hours: tuple[int, int]) -> None:
    """Give the worker other usual hours."""
    shift = ClockWindow(earliest_s=hours[0] * 3600, latest_s=hours[1] * 3600)
    worker = Worker(id=WORKER, name="n", start=HERE, shift=shift)
    with own.app.bound(phone.tenant_id) as session:
        import_workers(session, [worker], source=RowSource(file="f"), by=OPERATOR, now=NOW)


def _claim(own: OwnDatabase, phone: Tracked, now: datetime, on: Sequence[date] = (EVENING, MORNING)) -> None:
    with own.app.bound(phone.tenant_id) as session:
        claim_each(session, [(WORKER, day) for day in on], now=now)


def _work(own: OwnDatabase, phone: Tracked, hours: ClockWindow, on: date = EVENING) -> None:
    """Have the worker's shift of a day be within some hours."""
    with own.app.bound(phone.tenant_id) as session:
        set_shifts(session, [WorkerShift(service_on=on, worker_id=WORKER, hours=hours)], by=OPERATOR, now=NOW)


def _derive(
    own: OwnDatabase, phone: Tracked, now: Callable[[], datetime] = _now
) -> tuple[tuple[KeptVisit, ...], tuple[KeptVisit, ...]]:
    """Derive all that waits, and return the visits of the evening and of the morning."""
    for _ in range(3):
        derive_visits(own.app, phone.tenant_id, photo_files(), cache_dir=NO_ROADS, now=now)
    with own.app.bound(phone.tenant_id) as session:
        assert list_claims(session, limit=9) == ()
        return list_visits(session, EVENING, by=OPERATOR), list_visits(session, MORNING, by=OPERATOR)
