"""How visits follow what arrives: fixes, statements, photos, plans and a person's word."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.cluster import connected
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.photographed import as_jpeg, developed, photo_files, scene, sent_photo
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER, Tracked, a_morning, give_device
from support.visited import check_in_at
from support.waiting import outcome_meanwhile, wait_until_blocked

from geo_engine.audit.store import list_events
from geo_engine.customers import Site
from geo_engine.customers.model import SiteUnknown
from geo_engine.customers.service import import_sites
from geo_engine.db.session import Session
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, PhotoId, SiteId, WorkerId
from geo_engine.photos.files import PhotoFiles, open_photo_files
from geo_engine.photos.service import add_photo
from geo_engine.photos.store import get_photo
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import Attendance, TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Fix
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits import CheckIn, CheckInKind, ReasonKind, Verdict
from geo_engine.visits.check_ins import CheckInIdTaken, CheckInTooOld, state_check_in, take_photo
from geo_engine.visits.claiming import claim_days
from geo_engine.visits.deriving import derive_visits, wake_visits
from geo_engine.visits.erasing import count_left, erase_visits
from geo_engine.visits.kept import DecisionKind, KeptVisit
from geo_engine.visits.reviewing import DayExpired, decide_visit, get_visit, list_review_queue, list_visits
from geo_engine.visits.showing import examine_photo
from geo_engine.visits.visit_store import (
    add_reuse,
    claim_day,
    end_claim,
    find_reuses,
    list_claims,
    list_known,
    lock_claim,
    replace_day,
)
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

A, B, FAR = SiteId("a"), SiteId("b"), SiteId("far")
THERE = Position(HERE.lon + 0.024, HERE.lat)
ON = date(2026, 11, 25)

_BY_ANY_CLOCK = pytest.mark.parametrize(
    "clocks",
    [
        (timedelta(), timedelta()),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(hours=-2), timedelta(hours=-2)),
        (timedelta(hours=2), timedelta()),
    ],
    ids=["right", "ahead", "behind", "set right meanwhile"],
)
"""How far the phone's clock is ahead at the first of two visits, and at the second."""


@pytest.fixture
def phone(own: OwnDatabase) -> Tracked:
    """Give a company with three sites, and a worker whose phone is always tracked."""
    tenant_id = add_bare_company(own.app, "acme")
    with own.app.bound(tenant_id) as session:
        rule = TrackingRule(gate=TrackingGate.ALWAYS, attendance=Attendance.PHONE)
        set_tracking(session, rule, by=OPERATOR, now=NOW)
        _add_people_and_sites(session)
    return give_device(own.app, tenant_id, worn_from=NOW)


def test_a_day_is_derived_from_what_a_phone_reports(own: OwnDatabase, phone: Tracked) -> None:
    """Each stay at a site is a visit; nothing waits any more, and deriving again writes nothing."""
    _report(own, phone)

    first = _derive(own, phone)

    assert [(one.visit.site_id, one.visit.judgement.verdict) for one in first] == [
        (A, Verdict.CONFIRMED),
        (B, Verdict.CONFIRMED),
    ]
    _claim(own, phone)
    assert [one.derived_at for one in _derive(own, phone, later=timedelta(hours=1))] == [OFF_SHIFT] * 2
    with own.app.bound(phone.tenant_id) as session:
        assert list_claims(session, limit=9) == ()


def test_a_late_statement_revises_the_day(own: OwnDatabase, phone: Tracked) -> None:
    """Offline for hours: judged by the fence and the track as they were then; what was believed stays on record."""
    _report(own, phone)
    before = _derive(own, phone)
    late = check_in_at(A, position=HERE)

    _state(own, phone, late)
    after = _derive(own, phone, later=timedelta(hours=2))

    assert [one.visit.id for one in after] == [one.visit.id for one in before]
    assert after[0].visit.check_ins == (late,)
    with own.app.bound(phone.tenant_id) as session:
        newest, oldest = get_visit(session, after[0].visit.id, by=OPERATOR)
    assert oldest.superseded_at == newest.derived_at == OFF_SHIFT + timedelta(hours=2)
    assert oldest.visit.check_ins == ()


def test_a_false_statement_waits_for_review(own: OwnDatabase, phone: Tracked) -> None:
    """Checked in at a site that the track was never near; whoever decides takes it from the queue."""
    _report(own, phone)
    _state(own, phone, check_in_at(FAR, position=Position(HERE.lon + 0.1, HERE.lat)))
    _derive(own, phone)

    with own.app.bound(phone.tenant_id) as session:
        (doubtful,) = list_review_queue(session, since=ON, by=OPERATOR, now=OFF_SHIFT)
        decide_visit(session, doubtful.visit.id, DecisionKind.REJECTED, by=OPERATOR, now=OFF_SHIFT, note="no")
        left = list_review_queue(session, since=ON, by=OPERATOR, now=OFF_SHIFT)

    assert doubtful.visit.site_id == FAR
    assert doubtful.visit.judgement.verdict is Verdict.CONTRADICTED
    assert doubtful.visit.judgement.reasons[0].kind is ReasonKind.FAR_FROM_TRACK
    assert left == ()
    assert [one.decision is not None for one in _derive(own, phone)] == [
        one.visit.site_id == FAR for one in _derive(own, phone)
    ]


def test_a_persons_word_outlives_late_fixes(own: OwnDatabase, phone: Tracked) -> None:
    """A stay was said to be of another site: so it is, also when more fixes arrive."""
    fixes = a_morning(ON_SHIFT)
    _report(own, phone, fixes[::2])
    stay = _derive(own, phone)[0]
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, stay.visit.id, DecisionKind.ASSIGNED, by=OPERATOR, now=OFF_SHIFT, site_id=FAR)
    _derive(own, phone, later=timedelta(minutes=1))

    _report(own, phone, fixes[1::2])
    after = _derive(own, phone, later=timedelta(minutes=2))

    assert [one.visit.site_id for one in after] == [FAR, B]
    assert after[0].visit.is_assigned


def test_a_day_whose_fixes_are_no_longer_kept_stays_as_it_is(own: OwnDatabase, phone: Tracked) -> None:
    """Deriving it again would lose what was seen; nobody can say any more of which site a stay was."""
    _report(own, phone)
    before = _derive(own, phone)
    much_later = timedelta(days=400)

    _claim(own, phone)
    after = _derive(own, phone, later=much_later)

    assert [one.visit.id for one in after] == [one.visit.id for one in before]
    with own.app.bound(phone.tenant_id) as session:
        assert list_claims(session, limit=9) == ()
        with pytest.raises(DayExpired):
            decide_visit(
                session,
                after[0].visit.id,
                DecisionKind.ASSIGNED,
                by=OPERATOR,
                now=OFF_SHIFT + much_later,
                site_id=FAR,
            )


def test_days_that_wait_are_woken(own: OwnDatabase, phone: Tracked) -> None:
    """Claimed by a migration, or put off since they could not be derived: nobody else asks for them."""
    with connected(own.cluster, database=own.name) as server:
        server.execute("delete from procrastinate_jobs")

        wake_visits(own.app)
        before = server.execute("select task_name from procrastinate_jobs").fetchall()
        _claim(own, phone)
        wake_visits(own.app)

        after = server.execute("select task_name from procrastinate_jobs").fetchall()
    assert (before, after) == ([], [("derive_visits",)])


def test_a_statement_comes_once_however_often_it_is_sent(own: OwnDatabase, phone: Tracked) -> None:
    """The same again changes nothing; other words under the same id are refused."""
    told = check_in_at(A)

    assert _state(own, phone, told)
    assert not _state(own, phone, told)
    with pytest.raises(CheckInIdTaken):
        _state(own, phone, replace(told, kind=CheckInKind.OUT))


def test_what_cannot_be_judged_is_refused(own: OwnDatabase, phone: Tracked) -> None:
    """No such site; so long ago that nothing is left to hold it against."""
    with pytest.raises(SiteUnknown):
        _state(own, phone, check_in_at(SiteId("nowhere")))
    with pytest.raises(CheckInTooOld):
        _state(own, phone, check_in_at(A, OFF_SHIFT - timedelta(days=61)))


@_BY_ANY_CLOCK
def test_a_photo_of_another_visit_speaks_against_this_one(
    own: OwnDatabase, phone: Tracked, clocks: tuple[timedelta, timedelta]
) -> None:
    """The same file at two sites: the later one is doubtful, the first is not, whatever the phone's clock says."""
    _report(own, phone)
    photo_ids = [_photo(own, phone), _photo(own, phone, later=timedelta(hours=1))]
    told = check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(photo_ids[1],))
    _state(own, phone, _by_clock(check_in_at(A, photo_ids=(photo_ids[0],)), clocks[0]))
    _state(own, phone, _by_clock(told, clocks[1]))

    first, second = (
        {reason.kind for reason in one.visit.judgement.reasons} for one in _derive(own, phone, later=timedelta(hours=3))
    )

    assert ReasonKind.PHOTO_REUSED not in first
    assert ReasonKind.PHOTO_REUSED in second


def test_a_decision_stays_with_its_visit_when_an_earlier_one_becomes_known(own: OwnDatabase, phone: Tracked) -> None:
    """What came late at the same site waits for a decision of its own."""
    _report(own, phone)
    visit_id = _derive(own, phone)[0].visit.id
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, visit_id, DecisionKind.REJECTED, by=OPERATOR, now=OFF_SHIFT)

    _state(own, phone, check_in_at(A, ON_SHIFT - timedelta(hours=2)))
    earlier, later, _ = _derive(own, phone, later=timedelta(hours=1))

    assert (earlier.visit.site_id, earlier.decision) == (A, None)
    assert earlier.visit.began_us < later.visit.began_us
    assert later.visit.id == visit_id
    assert later.decision is not None
    assert later.decision.kind is DecisionKind.REJECTED


def test_a_visit_under_way_is_one_belief_until_more_than_its_minutes_changes(own: OwnDatabase, phone: Tracked) -> None:
    """Each post of a stay has it last longer; when it ends, and is found out to have ended otherwise, is on record."""
    fixes = a_morning(ON_SHIFT)
    stays_s: list[int] = []
    for count in (12, 15, 18, 21, 24):
        _report(own, phone, fixes[:count])
        (kept,) = _derive(own, phone, later=timedelta(minutes=count))
        assert kept.visit.presence is not None
        stays_s.append(round((kept.visit.presence.seen_until_us - kept.visit.began_us) / 1e6))
    _report(own, phone, fixes[:45])
    first, _ = _derive(own, phone, later=timedelta(hours=1))
    with own.app.bound(phone.tenant_id) as session:
        under_way = get_visit(session, first.visit.id, by=OPERATOR)

    _state(own, phone, check_in_at(A))
    _derive(own, phone, later=timedelta(hours=2))

    assert stays_s == sorted(set(stays_s))
    assert len(under_way) <= 2
    assert under_way[0].visit.dwell_s is not None
    with own.app.bound(phone.tenant_id) as session:
        assert len(get_visit(session, first.visit.id, by=OPERATOR)) == len(under_way) + 1


def test_a_photo_that_comes_last_is_evidence(own: OwnDatabase, phone: Tracked) -> None:
    """Statements are small and come through first: the day is derived anew of a photo that follows hours later."""
    sent = sent_photo(WORKER, developed(as_jpeg(scene(1))))
    _state(own, phone, check_in_at(A, photo_ids=(sent.id,)))
    (before,) = _derive(own, phone)

    with own.app.bound(phone.tenant_id) as session:
        take_photo(session, photo_files(), sent, by=OPERATOR, now=OFF_SHIFT)
    (after,) = _derive(own, phone, later=timedelta(hours=2))

    assert before.visit.photos == ()
    assert [one.id for one in after.visit.photos] == [sent.id]


@pytest.mark.parametrize(
    "wrong",
    [timedelta(hours=40), timedelta(hours=24), timedelta(hours=-30), timedelta(days=-2300)],
    ids=["days ahead", "a day ahead", "a day behind", "reset to another year"],
)
def test_a_statement_is_of_the_day_it_was_made_on_whatever_the_phones_clock_says(
    own: OwnDatabase, phone: Tracked, wrong: timedelta
) -> None:
    """In the afternoon by a clock that is wrong by days: it is on its own day, and may not seem too old."""
    told = check_in_at(A, ON_SHIFT + timedelta(hours=4))

    assert _state(own, phone, _by_clock(told, wrong))
    (visit,) = _derive(own, phone)

    assert visit.visit.check_ins[0].id == told.id
    assert visit.visit.began_us == pytest.approx(to_microseconds(told.told_at), abs=2e6)


@_BY_ANY_CLOCK
def test_a_photo_that_is_named_again_for_another_visit_speaks_against_that_one(
    own: OwnDatabase, phone: Tracked, clocks: tuple[timedelta, timedelta]
) -> None:
    """One photo at two sites: the visit that shows it second is doubtful, however its statements arrive."""
    _report(own, phone)
    photo_id = _photo(own, phone)
    told = check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(photo_id,))
    _state(own, phone, _by_clock(told, clocks[1]))
    for kind, minutes in ((CheckInKind.IN, 2), (CheckInKind.OUT, 5)):
        told_at = ON_SHIFT + timedelta(minutes=minutes)
        _state(own, phone, _by_clock(check_in_at(A, told_at, kind=kind, photo_ids=(photo_id,)), clocks[0]))

    first, second = (
        {reason.kind for reason in one.visit.judgement.reasons} for one in _derive(own, phone, later=timedelta(hours=3))
    )

    assert ReasonKind.PHOTO_REUSED not in first
    assert ReasonKind.PHOTO_REUSED in second


def test_who_showed_a_picture_first_is_not_who_sent_it_first(own: OwnDatabase, phone: Tracked) -> None:
    """A copy is through before the original, whose phone was offline: what speaks against whom is put right."""
    _report(own, phone)
    copy = _photo(own, phone)
    _state(own, phone, check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(copy,)))
    _derive(own, phone)

    original = _photo(own, phone, later=timedelta(hours=1))
    _state(own, phone, check_in_at(A, photo_ids=(original,)))
    first, second = (
        {reason.kind for reason in one.visit.judgement.reasons} for one in _derive(own, phone, later=timedelta(hours=3))
    )

    assert ReasonKind.PHOTO_REUSED not in first
    assert ReasonKind.PHOTO_REUSED in second


def test_a_photo_of_another_workers_work_is_no_evidence(own: OwnDatabase, phone: Tracked) -> None:
    """Whoever names it shows nothing, and does not make its own worker one who shows it again."""
    _report(own, phone)
    with own.app.bound(phone.tenant_id) as session:
        people = [Worker(id=WorkerId("other"), name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    photo_id, others_id = _photo(own, phone), _photo(own, phone, worker_id=WorkerId("other"))
    _state(own, phone, check_in_at(FAR, ON_SHIFT, worker_id=WorkerId("other"), position=None, photo_ids=(photo_id,)))
    _state(own, phone, check_in_at(A, photo_ids=(photo_id,)))
    _state(own, phone, check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(others_id,)))

    visits = {one.visit.site_id: one.visit for one in _derive(own, phone, later=timedelta(hours=3))}

    assert [[photo.id for photo in visits[site_id].photos] for site_id in (FAR, A, B)] == [[], [photo_id], []]
    assert ReasonKind.PHOTO_REUSED not in {reason.kind for reason in visits[A].judgement.reasons}


def test_a_photo_that_cannot_be_compared_holds_up_no_other(
    own: OwnDatabase, phone: Tracked, caplog: pytest.LogCaptureFixture
) -> None:
    """The thumbnail of one was lost: that is told in the log, and of the others it is found what they show again."""
    _report(own, phone)
    again, lost = [_photo(own, phone), _photo(own, phone, later=timedelta(hours=1))], _photo(own, phone, seed=2)
    with own.app.bound(phone.tenant_id) as session:
        photo_files().delete(phone.tenant_id, get_photo(session, lost).thumbnail.sha256)
    _state(own, phone, check_in_at(A, photo_ids=(again[0], lost)))
    _state(own, phone, check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(again[1],)))

    first, second = (
        {reason.kind for reason in one.visit.judgement.reasons} for one in _derive(own, phone, later=timedelta(hours=3))
    )

    assert ReasonKind.PHOTO_REUSED not in first
    assert ReasonKind.PHOTO_REUSED in second
    assert f"Photo {lost} is not compared" in caplog.text


def test_photos_that_cannot_be_read_just_now_are_compared_later(
    own: OwnDatabase, phone: Tracked, tmp_path: Path
) -> None:
    """Their place is away for a moment: the day is derived without, waits, and is derived anew when it is back."""
    files, folder = open_photo_files(None, state_dir=tmp_path), tmp_path / "photos"
    _report(own, phone)
    photo_ids = [_photo(own, phone, later=timedelta(hours=hours), files=files) for hours in (0, 1)]
    _state(own, phone, check_in_at(A, photo_ids=(photo_ids[0],)))
    _state(own, phone, check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(photo_ids[1],)))
    folder.rename(tmp_path / "elsewhere")
    folder.touch()  # no folder: nothing in it can be read
    with connected(own.cluster, database=own.name) as server:
        server.execute("delete from procrastinate_jobs where status = 'todo'")  # what waited is at work now

    meanwhile = _derive(own, phone, files=files)
    with own.app.bound(phone.tenant_id) as session:
        waiting = list_claims(session, limit=9)
        jobs = session.execute(text("select scheduled_at - now() from procrastinate_jobs where scheduled_at > now()"))
        (after,) = jobs.scalars()
    folder.unlink()
    (tmp_path / "elsewhere").rename(folder)
    at_last = _derive(own, phone, files=files, later=timedelta(hours=1))

    assert [one.visit.site_id for one in meanwhile] == [A, B]
    assert waiting == ((WORKER, ON),)
    assert timedelta() < after < timedelta(hours=1)
    assert ReasonKind.PHOTO_REUSED in {reason.kind for reason in at_last[1].visit.judgement.reasons}
    with own.app.bound(phone.tenant_id) as session:
        assert list_claims(session, limit=9) == ()


@pytest.mark.parametrize("is_named_again", [True, False], ids=["named again", "sent again"])
def test_what_was_shown_before_may_be_stated_last(own: OwnDatabase, phone: Tracked, *, is_named_again: bool) -> None:
    """What was stated offline comes days later: a visit derived long before shows its photo again."""
    _report(own, phone)
    earlier_id, later_id = _photo(own, phone), _photo(own, phone, later=timedelta(hours=1))
    shown_id = later_id if is_named_again else earlier_id
    _state(own, phone, check_in_at(B, ON_SHIFT + timedelta(minutes=20), position=THERE, photo_ids=(later_id,)))
    before = _derive(own, phone, later=timedelta(hours=2))
    offline = check_in_at(A, ON_SHIFT - timedelta(days=1), photo_ids=(shown_id,))

    _state(own, phone, replace(offline, sent_at=OFF_SHIFT, received_at=OFF_SHIFT))
    for hours in (3, 4):  # that two photos are alike is found while the first day is derived
        after = _derive(own, phone, later=timedelta(hours=hours))

    assert [
        ReasonKind.PHOTO_REUSED in {reason.kind for reason in kept[-1].visit.judgement.reasons}
        for kept in (before, after)
    ] == [False, True]


def _add_people_and_sites(session: Session) -> None:
    people = [Worker(id=WORKER, name="n", start=HERE)]
    import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    places = {A: HERE, B: THERE, FAR: Position(HERE.lon + 0.1, HERE.lat)}
    sites = [Site(id=site_id, name=site_id, position=position) for site_id, position in places.items()]
    import_sites(session, sites, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=NOW)
    refresh_site_fences(session, now=NOW)


def _report(own: OwnDatabase, phone: Tracked, fixes: Sequence[Fix] | None = None) -> None:
    told = a_morning(ON_SHIFT) if fixes is None else fixes
    Ingest(own.app).commit([phone.arrival(*told, received_at=OFF_SHIFT)], now=OFF_SHIFT)

    def claim(session: Session, device_id: DeviceId, from_at: datetime, until_at: datetime) -> None:
        claim_days(session, device_id, from_at=from_at, until_at=until_at, now=OFF_SHIFT)

    derive_tracks(own.app, phone.tenant_id, now=lambda: OFF_SHIFT, told=claim)


def _state(own: OwnDatabase, phone: Tracked, told: CheckIn) -> bool:
    with own.app.bound(phone.tenant_id) as session:
        return state_check_in(session, told, by=OPERATOR, now=OFF_SHIFT)


def _by_clock(told: CheckIn, wrong: timedelta) -> CheckIn:
    """Return what would be stated at the same moment by a clock that is wrong; positions know when they were found."""
    return replace(told, told_at=told.told_at + wrong, sent_at=told.sent_at + wrong)


def _claim(own: OwnDatabase, phone: Tracked) -> None:
    with own.app.bound(phone.tenant_id) as session:
        claim_day(session, WORKER, ON, now=OFF_SHIFT)


def _derive(
    own: OwnDatabase, phone: Tracked, *, later: timedelta = timedelta(), files: PhotoFiles | None = None
) -> tuple[KeptVisit, ...]:
    derive_visits(own.app, phone.tenant_id, files or photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT + later)
    with own.app.bound(phone.tenant_id) as session:
        return list_visits(session, ON, by=OPERATOR)


def _photo(
    own: OwnDatabase,
    phone: Tracked,
    *,
    later: timedelta = timedelta(),
    worker_id: WorkerId = WORKER,
    seed: int = 1,
    files: PhotoFiles | None = None,
) -> PhotoId:
    with own.app.bound(phone.tenant_id) as session:
        photo = sent_photo(worker_id, developed(as_jpeg(scene(seed))))
        return add_photo(session, files or photo_files(), photo, by=OPERATOR, now=OFF_SHIFT + later).id


def test_what_a_worker_stated_is_erased_with_what_came_of_it(own: OwnDatabase, phone: Tracked) -> None:
    """Statements, visits, decisions and days that wait; that it was done stays on record."""
    _report(own, phone)
    _state(own, phone, check_in_at(A))
    (first, *_) = _derive(own, phone)
    with own.app.bound(phone.tenant_id) as session:
        decide_visit(session, first.visit.id, DecisionKind.ACCEPTED, by=OPERATOR, now=OFF_SHIFT)

        count = erase_visits(session, WORKER, by=OPERATOR, now=OFF_SHIFT)

        assert count >= 4
        assert list_visits(session, ON, by=OPERATOR) == ()
        assert list_events(session, limit=1)[0].act == "erase_visits"


def test_what_is_derived_meanwhile_is_erased_too(own: OwnDatabase, phone: Tracked) -> None:
    """Whoever has begun to derive a day is waited for; a day that waits is derived no more."""
    _report(own, phone)
    visits = [one.visit for one in _derive(own, phone)]
    with own.app.bound(phone.tenant_id) as session:
        replace_day(session, WORKER, ON, [], rules="1", now=OFF_SHIFT)
    _claim(own, phone)

    def erase() -> int:
        with own.app.bound(phone.tenant_id) as session:
            return erase_visits(session, WORKER, by=OPERATOR, now=OFF_SHIFT)

    with ThreadPoolExecutor(1) as pool:
        with own.app.bound(phone.tenant_id) as session:
            lock_claim(session, WORKER, ON)
            begun = pool.submit(erase)
            wait_until_blocked(own)
            replace_day(session, WORKER, ON, visits, rules="1", now=OFF_SHIFT + timedelta(hours=1))
        begun.result(timeout=20.0)

    with own.app.bound(phone.tenant_id) as session:
        assert count_left(session, WORKER, by=OPERATOR) == {"visit": 0, "check_in": 0, "photo": 0}
        assert list_claims(session, limit=9) == ()


def test_what_is_stated_meanwhile_is_counted(own: OwnDatabase, phone: Tracked) -> None:
    """Whoever has begun to state is waited for before it is looked what is left."""
    left = []

    raised = outcome_meanwhile(
        own,
        phone.tenant_id,
        lambda session: state_check_in(session, check_in_at(A), by=OPERATOR, now=OFF_SHIFT),
        lambda session: left.append(count_left(session, WORKER, by=OPERATOR)),
    )

    assert raised is None
    assert left == [{"visit": 0, "check_in": 1, "photo": 0}]


@pytest.mark.parametrize("late", [timedelta(), timedelta(minutes=5)], ids=["at once", "by a clock behind"])
def test_what_is_believed_later_is_the_newest_whatever_the_clock_says(
    own: OwnDatabase, phone: Tracked, late: timedelta
) -> None:
    """Another machine derives the day anew, by a clock that is behind: what it believes holds, and can be decided."""
    _report(own, phone)
    before = _derive(own, phone)
    _state(own, phone, check_in_at(A))

    after = _derive(own, phone, later=-late)

    with own.app.bound(phone.tenant_id) as session:
        newest, oldest = get_visit(session, after[0].visit.id, by=OPERATOR)
        known = list_known(session, WORKER, [ON])
    assert (newest.superseded_at, oldest.superseded_at is None) == (None, False)
    assert (len(newest.visit.check_ins), newest.derived_at > before[0].derived_at) == (1, True)
    assert [one.superseded_at for one in known] == [None, None]


def test_two_copies_of_a_photo_that_are_found_at_once_are_both_known_of_it(own: OwnDatabase, phone: Tracked) -> None:
    """Two days are derived side by side, each with a picture that was shown before: the first one is told of both."""
    first, *copies = (_photo(own, phone, later=timedelta(minutes=number)) for number in range(3))
    with own.app.bound(phone.tenant_id) as session:
        add_reuse(session, first, [], now=OFF_SHIFT)

    raised = outcome_meanwhile(
        own,
        phone.tenant_id,
        *(
            lambda session, photo_id=photo_id: examine_photo(session, photo_files(), photo_id, now=OFF_SHIFT)
            for photo_id in copies
        ),
    )

    with own.app.bound(phone.tenant_id) as session:
        known = find_reuses(session, [first, *copies])
    assert raised is None
    assert set(known[first]) == set(copies)
    assert all(first in known[one] for one in copies)


def test_what_is_asked_for_while_a_day_is_derived_waits(own: OwnDatabase, phone: Tracked) -> None:
    """What came after it was read is not in what was derived: the day waits once more."""
    _claim(own, phone)
    with own.app.bound(phone.tenant_id) as session:
        number = lock_claim(session, WORKER, ON)
        assert number is not None
        _claim(own, phone)
        end_claim(session, WORKER, ON, number)
        waiting = list_claims(session, limit=9)

        end_claim(session, WORKER, ON, number + 1)
        left = list_claims(session, limit=9)

    assert (waiting, left) == (((WORKER, ON),), ())
