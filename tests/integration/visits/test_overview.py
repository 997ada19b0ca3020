"""Visits side by side with the plan, what waits for review, one with all behind it, and deciding as it was seen."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from support.companies import SERVICE_ON, SOUTH, Company, add_alpha
from support.databases import Databases, OwnDatabase
from support.photographed import photo_files
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER
from support.visited import NEVER_AT, PLANNED, STAYED_AT, TWINS, ToldDay, tell_a_day
from support.waiting import outcome_meanwhile

from geo_engine.db.session import Database, Session
from geo_engine.geofences import Circle
from geo_engine.ids import PhotoId, SiteId, VisitId, WorkerId
from geo_engine.photos.files import PhotoFileMissing, open_photo_files
from geo_engine.photos.model import PhotoNotFound
from geo_engine.photos.service import read_display
from geo_engine.planning.versions.store import find_worker_day, list_ordered_visits
from geo_engine.tenancy import OPERATOR, Access
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, NotAllowed
from geo_engine.tracks.looks import LookKind, list_looks
from geo_engine.visits import Verdict
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.overview import (
    AsSeen,
    VisitDecidedMeanwhile,
    Word,
    WorkerVisits,
    decide_as_seen,
    get_day_visits,
    get_review,
    get_visit_file,
    look_at_photo,
)
from geo_engine.visits.reviewing import VisitNotFound
from geo_engine.visits.visit_store import replace_day
from geo_engine.words import Language

ACCEPTED, REJECTED = Word(kind=DecisionKind.ACCEPTED, note="seen"), Word(kind=DecisionKind.REJECTED)


@dataclass(frozen=True, kw_only=True)
class World:
    """A company and the day it has told of."""

    own: OwnDatabase
    company: Company
    day: ToldDay

    @property
    def database(self) -> Database:
        """Its database, as the product reaches it."""
        return self.own.app


@contextmanager
def _world(databases: Databases) -> Iterator[World]:
    with databases.clone_filled(add_alpha) as (own, company):
        yield World(own=own, company=company, day=tell_a_day(own.app, company.tenant_id))


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    """Give a company on whose day much happened, for tests that only look."""
    with _world(databases) as made:
        yield made


@pytest.fixture
def own_world(databases: Databases) -> Iterator[World]:
    """Give such a company of a test's own."""
    with _world(databases) as made:
        yield made


def _of_worker(world: World, worker_id: WorkerId = WORKER) -> WorkerVisits:
    with world.database.bound(world.company.tenant_id) as session:
        (found,) = get_day_visits(session, SERVICE_ON, by=OPERATOR, worker_id=worker_id).workers
    return found


def _visit_id(world: World, site_id: SiteId) -> VisitId:
    return next(one.visit.id for one in _of_worker(world).kept.values() if one.visit.site_id == site_id)


def test_a_day_shows_the_plan_beside_what_happened(world: World) -> None:
    """Late by how much, what is missed, what came besides; each visit with what was decided about it."""
    found, unplanned = _of_worker(world, PLANNED), _of_worker(world)

    kept = next(one for one in found.comparison.planned if one.stop.site_id == world.day.planned_site_id)
    assert kept.late_s is not None
    assert kept.late_s.likely == pytest.approx(7_200, abs=1)
    assert kept.visit is not None
    assert len(found.comparison.missed) == len(found.comparison.planned) - len(found.kept)
    assert unplanned.comparison.planned == ()
    assert {visit.site_id for visit in unplanned.comparison.extra} >= {STAYED_AT, NEVER_AT}
    assert [visit.id for visit in unplanned.comparison.extra] == list(unplanned.kept)


def test_a_day_is_of_whom_somebody_may_see_and_asks_for(world: World) -> None:
    """Of a team and those below it, or of all; who has a plan but made no visit is among them."""
    with world.database.bound(world.company.tenant_id) as session:
        everybody = get_day_visits(session, SERVICE_ON, by=OPERATOR)
        of_south = get_day_visits(session, SERVICE_ON, by=OPERATOR, team_id=SOUTH)
        dispatcher = replace(OPERATOR, grants=DEFAULT_GRANTS["dispatcher"], team_ids=frozenset({SOUTH}))  # type: ignore[index]
        as_seen = get_day_visits(session, SERVICE_ON, by=dispatcher)

    assert [one.worker.id for one in everybody.workers] == ["W1", "W2"]
    assert [one.worker.id for one in of_south.workers] == [one.worker.id for one in as_seen.workers] == ["W2"]
    assert {STAYED_AT, *TWINS, NEVER_AT} <= everybody.sites.keys()


def test_the_plans_visits_are_those_each_worker_was_given(world: World) -> None:
    """Read for all at once they are the same as one by one; nobody else's are among them."""
    with world.database.bound(world.company.tenant_id) as session:
        found = list_ordered_visits(session, SERVICE_ON, [WORKER, PLANNED, WorkerId("W404")])
        days = {one: find_worker_day(session, one, SERVICE_ON) for one in found}

    assert found == {one: day.ordered_visits for one, day in days.items() if day is not None}
    assert list(found) == [PLANNED]


def test_what_waits_for_review_is_told_with_its_names(world: World) -> None:
    """The contradicted, the unproven and the ambiguous; what is confirmed does not wait."""
    with world.database.bound(world.company.tenant_id) as session:
        review = get_review(session, since=SERVICE_ON, by=OPERATOR, now=OFF_SHIFT)

    waiting = {one.visit.site_id: one.visit for one in review.kept}
    assert waiting[NEVER_AT].judgement.verdict is Verdict.CONTRADICTED
    assert waiting.keys() & set(TWINS)
    assert STAYED_AT not in waiting
    assert review.workers[WORKER].name == "王芳 alpha"
    assert set(TWINS) <= review.sites.keys()


def test_a_file_has_the_fence_as_it_was_and_all_that_was_decided(own_world: World) -> None:
    """The newest decision first, each with who made it."""
    visit_id = _visit_id(own_world, STAYED_AT)
    with own_world.database.bound(own_world.company.tenant_id) as session:
        by = replace(OPERATOR, member_id=own_world.company.dispatcher_id)
        for word in (REJECTED, ACCEPTED):
            seen = AsSeen.of(get_visit_file(session, visit_id, by=OPERATOR).kept)
            decide_as_seen(
                session, visit_id, word, seen=seen, by=by, now=OFF_SHIFT + timedelta(minutes=word.note == "seen")
            )
        file = get_visit_file(session, visit_id, by=OPERATOR)

    assert file.fence is not None
    assert isinstance(file.fence.shape, Circle)
    assert file.fence.shape.centre == HERE
    assert [one.kind for one in file.decisions] == [DecisionKind.ACCEPTED, DecisionKind.REJECTED]
    assert {one.decider for one in file.decisions} == {"shared@example.com"}
    assert file.kept.decision == file.decisions[0]


def test_the_second_of_two_reviewers_is_told(own_world: World) -> None:
    """Whoever decides on what is no longer so is refused, and nothing is overwritten."""
    visit_id = _visit_id(own_world, NEVER_AT)
    with own_world.database.bound(own_world.company.tenant_id) as session:
        seen = AsSeen.of(get_visit_file(session, visit_id, by=OPERATOR).kept)
        decide_as_seen(session, visit_id, REJECTED, seen=seen, by=OPERATOR, now=OFF_SHIFT)

    with own_world.database.bound(own_world.company.tenant_id) as session, pytest.raises(VisitDecidedMeanwhile):
        decide_as_seen(session, visit_id, ACCEPTED, seen=seen, by=OPERATOR, now=OFF_SHIFT)

    with own_world.database.bound(own_world.company.tenant_id) as session:
        (decision,) = get_visit_file(session, visit_id, by=OPERATOR).decisions
    assert decision.kind is DecisionKind.REJECTED


@pytest.mark.parametrize("is_derived", [False, True], ids=["another reviewer", "the worker that derives days"])
def test_who_decides_at_once_with_another_is_told(own_world: World, *, is_derived: bool) -> None:
    """Neither has committed when the other begins: whoever comes second waits, and finds it otherwise than it was."""
    visit_id = _visit_id(own_world, NEVER_AT)
    with own_world.database.bound(own_world.company.tenant_id) as session:
        kept = get_visit_file(session, visit_id, by=OPERATOR).kept
    seen = AsSeen.of(kept)

    def decide(session: Session, word: Word = ACCEPTED) -> object:
        return decide_as_seen(session, visit_id, word, seen=seen, by=OPERATOR, now=OFF_SHIFT)

    def derive(session: Session) -> object:
        judged = replace(kept.visit, judgement=replace(kept.visit.judgement, verdict=Verdict.INSUFFICIENT))
        return replace_day(session, WORKER, SERVICE_ON, [judged], rules="1", now=OFF_SHIFT + timedelta(hours=1))

    first = derive if is_derived else partial(decide, word=REJECTED)
    raised = outcome_meanwhile(own_world.own, own_world.company.tenant_id, first, decide)

    assert isinstance(raised, VisitDecidedMeanwhile)


def test_a_stay_is_said_to_have_been_at_the_other_of_two_sites(own_world: World) -> None:
    """Then it is there, and does not wait any more."""
    doubtful = next(one.visit for one in _of_worker(own_world).kept.values() if one.visit.site_id in TWINS)
    other = next(one for one in TWINS if one != doubtful.site_id)
    with own_world.database.bound(own_world.company.tenant_id) as session:
        seen = AsSeen.of(get_visit_file(session, doubtful.id, by=OPERATOR).kept)
        word = Word(kind=DecisionKind.ASSIGNED, site_id=other)
        decide_as_seen(session, doubtful.id, word, seen=seen, by=OPERATOR, now=OFF_SHIFT)
    derive_visits(
        own_world.database,
        own_world.company.tenant_id,
        photo_files(),
        cache_dir=NO_ROADS,
        now=lambda: OFF_SHIFT + timedelta(minutes=1),
    )

    now_there = [one.visit for one in _of_worker(own_world).kept.values() if one.visit.site_id in TWINS]
    assert [(one.site_id, one.is_assigned) for one in now_there] == [(other, True)]
    with own_world.database.bound(own_world.company.tenant_id) as session:
        waiting = get_review(session, since=SERVICE_ON, by=OPERATOR, now=OFF_SHIFT).kept
    assert not {one.visit.site_id for one in waiting} & set(TWINS)


def test_a_photo_is_shown_with_its_visit_alone_and_says_what_it_is_of(world: World) -> None:
    """Worker, site, moment and verdict are stamped; through another visit it is not there."""
    stayed, other = _visit_id(world, STAYED_AT), _visit_id(world, NEVER_AT)
    with world.database.bound(world.company.tenant_id) as session:
        stamp = look_at_photo(session, stayed, world.day.photo_id, by=OPERATOR, now=OFF_SHIFT)
        for visit_id, photo_id in ((other, world.day.photo_id), (stayed, PhotoId(uuid.uuid4()))):
            with pytest.raises(PhotoNotFound):
                look_at_photo(session, visit_id, photo_id, by=OPERATOR, now=OFF_SHIFT)

    assert (stamp.worker, stamp.site) == ("王芳 alpha", "<b>stayed</b>")
    assert stamp.at == ON_SHIFT + timedelta(minutes=2)
    assert stamp.position == HERE
    assert stamp.verdict is not None
    assert stamp.verdict.render(Language.ZH_CN) == "已证实"


def test_looking_at_photos_is_one_look_for_a_while_and_told_to_the_worker(own_world: World) -> None:
    """However many are shown; later, of another visit or by somebody else it is another; one's own is none."""
    photo_id, visit_id = own_world.day.photo_id, _visit_id(own_world, STAYED_AT)
    dispatcher = replace(OPERATOR, member_id=own_world.company.dispatcher_id)
    looks = [
        (dispatcher, 0),
        (dispatcher, 14),
        (OPERATOR, 14),
        (dispatcher, 16),
        (replace(OPERATOR, worker_id=WORKER), 20),
    ]
    for by, minutes in looks:
        with own_world.database.bound(own_world.company.tenant_id) as session:
            look_at_photo(session, visit_id, photo_id, by=by, now=OFF_SHIFT + timedelta(minutes=minutes))

    with own_world.database.bound(own_world.company.tenant_id) as session:
        told = list_looks(session, WORKER, by=OPERATOR)

    assert [(one.looker, one.is_operator, (one.happened_at - OFF_SHIFT).total_seconds() / 60) for one in told] == [
        ("shared@example.com", False, 16),
        (None, True, 14),
        ("shared@example.com", False, 0),
    ]
    assert {(one.kind, one.visit_id, one.service_on, one.purpose) for one in told} == {
        (LookKind.PHOTOS, visit_id, SERVICE_ON, None)
    }


def test_a_photo_that_is_not_shown_is_not_looked_at(own_world: World, tmp_path: Path) -> None:
    """Whoever asks for another visit's, or may not see the worker's, leaves no look; nor does one that is not there."""
    stayed, other = _visit_id(own_world, STAYED_AT), _visit_id(own_world, NEVER_AT)
    stranger = replace(OPERATOR, grants=DEFAULT_GRANTS["worker"], worker_id=PLANNED)  # type: ignore[index]
    emptied, photo_id = open_photo_files("memory://emptied", state_dir=tmp_path), own_world.day.photo_id

    def look(visit_id: VisitId, by: Access) -> None:
        with own_world.database.bound(own_world.company.tenant_id) as session:
            look_at_photo(session, visit_id, photo_id, by=by, now=OFF_SHIFT)
            read_display(session, emptied, photo_id, by=by)

    for visit_id, by, refusal in (
        (other, OPERATOR, PhotoNotFound),
        (stayed, stranger, NotAllowed),
        (stayed, OPERATOR, PhotoFileMissing),
    ):
        with pytest.raises(refusal):
            look(visit_id, by)

    with own_world.database.bound(own_world.company.tenant_id) as session:
        assert list_looks(session, WORKER, by=OPERATOR) == ()


def test_photos_asked_for_at_once_are_one_look(own_world: World) -> None:
    """A page asks for all of them together, each in a transaction of its own."""
    visit_id, tenant_id = _visit_id(own_world, STAYED_AT), own_world.company.tenant_id
    together = Barrier(4)

    def look() -> None:
        together.wait(30.0)
        with own_world.database.bound(tenant_id) as session:
            look_at_photo(session, visit_id, own_world.day.photo_id, by=OPERATOR, now=OFF_SHIFT)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(look) for _ in range(4)]:
            done.result()

    with own_world.database.bound(tenant_id) as session:
        assert [one.kind for one in list_looks(session, WORKER, by=OPERATOR)] == [LookKind.PHOTOS]


def test_a_visit_that_never_was_is_not_found(world: World) -> None:
    """Nor can anything be decided about it."""
    nowhere = VisitId(uuid.uuid4())
    with world.database.bound(world.company.tenant_id) as session:
        with pytest.raises(VisitNotFound):
            get_visit_file(session, nowhere, by=OPERATOR)
        with pytest.raises(VisitNotFound):
            decide_as_seen(session, nowhere, ACCEPTED, seen=AsSeen(derived_at=OFF_SHIFT), by=OPERATOR, now=OFF_SHIFT)
