"""What is said of a job on no route: who could, what prevents it by how much, and what would make room."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from support.offers import broken_promises, offers_of
from support.problems import Line, at, job_at, matrix_of, shift_at

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.explain.making_room import RoomParams
from geo_engine.planning.explain.offers import BestPlace, Lever, WhyNot
from geo_engine.planning.explain.relaxation import best_offers
from geo_engine.planning.explain.why_not import find_why_nots
from geo_engine.planning.insertion import named
from geo_engine.planning.model import Job, Shift, ViolationKind
from geo_engine.planning.problem import build_problem
from geo_engine.planning.versions.inputs import read_why_not, why_not_document

GAS = frozenset({"gas"})


@dataclass(frozen=True, kw_only=True)
class Case:
    """A job `x` for one worker: what prevents it by how much, and an offer that is made, by its lever and amount."""

    claim: str
    job: Job
    route: tuple[Job, ...] = ()
    shift: Shift = field(default_factory=shift_at)
    kind: ViolationKind
    excess: int
    lever: Lever
    amount: int


CASES = (
    Case(
        claim="the window closes before the arrival",
        job=job_at("x", 60, (540, 590)),
        kind=ViolationKind.WINDOW,
        excess=600,
        lever=Lever.WINDOW_LATER,
        amount=600,
    ),
    Case(
        claim="the worker could begin earlier",
        job=job_at("x", 60, (540, 590)),
        kind=ViolationKind.WINDOW,
        excess=600,
        lever=Lever.SHIFT_EARLIER,
        amount=600,
    ),
    Case(
        claim="the window opens after the shift",
        job=job_at("x", 10, (1040, 1100)),
        kind=ViolationKind.SHIFT,
        excess=1800,
        lever=Lever.WINDOW_EARLIER,
        amount=1800,
    ),
    Case(
        claim="the day is too short",
        job=job_at("x", 200, service_min=90),
        kind=ViolationKind.SHIFT,
        excess=600,
        lever=Lever.SHIFT_LATER,
        amount=600,
    ),
    Case(
        claim="the service is too long",
        job=job_at("x", 200, service_min=90),
        kind=ViolationKind.SHIFT,
        excess=600,
        lever=Lever.SERVICE_SHORTER,
        amount=600,
    ),
    Case(
        claim="the break does not go with the window",
        job=job_at("x", 10, (560, 560), service_min=200),
        shift=shift_at((540, 1020), (30, 600, 740)),
        kind=ViolationKind.WINDOW,
        excess=4200,
        lever=Lever.BREAK_LATER,
        amount=1200,
    ),
    Case(
        claim="another visit would be late",
        job=job_at("x", 30, (540, 580), service_min=30),
        route=(job_at("a", 20, (540, 600), service_min=60),),
        kind=ViolationKind.WINDOW,
        excess=600,
        lever=Lever.WINDOW_LATER,
        amount=600,
    ),
    Case(
        claim="the driving limit is too low",
        job=job_at("x", 30),
        shift=shift_at(max_driving_s=50 * 60),
        kind=ViolationKind.MAX_DRIVING,
        excess=600,
        lever=Lever.MAX_DRIVING,
        amount=600,
    ),
    Case(
        claim="the worker has visits enough",
        job=job_at("x", 30),
        route=(job_at("a", 10), job_at("b", 20)),
        shift=shift_at(max_visits=2),
        kind=ViolationKind.MAX_VISITS,
        excess=1,
        lever=Lever.MAX_VISITS,
        amount=1,
    ),
    Case(
        claim="the second capacity is too small",
        job=job_at("x", 30, amounts=(1, 7)),
        shift=shift_at(capacity=(9, 6)),
        kind=ViolationKind.CAPACITY,
        excess=1,
        lever=Lever.CAPACITY,
        amount=1,
    ),
    Case(
        claim="the skill is missing",
        job=job_at("x", 30, skills=GAS),
        kind=ViolationKind.SKILL,
        excess=1,
        lever=Lever.SKILL,
        amount=0,
    ),
    Case(
        claim="the worker may not go there",
        job=job_at("x", 30, forbidden_worker_ids=frozenset({WorkerId("w")})),
        kind=ViolationKind.WORKER,
        excess=0,
        lever=Lever.WORKER,
        amount=0,
    ),
)


def _only(why_not: WhyNot) -> BestPlace:
    (place,) = why_not.places
    return place


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim.replace(" ", "-"))
def test_what_prevents_it_and_what_would_make_room_are_told_to_the_minute(case: Case) -> None:
    """The rule that binds at the best place, by how much, and the least by which it has to give way."""
    problem = Line(jobs=(*case.route, case.job), shifts=(case.shift,)).problem()
    orders = {0: list(range(len(case.route)))} if case.route else {}

    found = find_why_nots(problem, orders, [len(case.route)])

    place = _only(found[JobId("x")])
    steps = [offer.relaxations[0] for offer in place.offers if len(offer.relaxations) == 1]
    assert (place.broken[0].kind, place.broken[0].excess) == (case.kind, case.excess)
    assert (case.lever, case.amount) in [(step.lever, step.amount) for step in steps]
    assert broken_promises(problem, named(problem, orders), offers_of(found)) == []


def test_a_visit_that_matters_less_is_offered_in_exchange() -> None:
    """Only one of lower priority is, never one that matters as much or has to be visited."""
    route = (
        job_at("must", 1, service_min=100, required=True),
        job_at("low", 2, service_min=150, priority=1),
        job_at("same", 3, service_min=150, priority=5),
    )
    problem = Line(jobs=(*route, job_at("x", 4, service_min=140, priority=5)), shifts=(shift_at(),)).problem()

    found = find_why_nots(problem, {0: [0, 1, 2]}, [3], params=RoomParams(offer_count=20))

    given_up = {offer.leaves_out for offer in _only(found[JobId("x")]).offers}
    assert given_up == {None, JobId("low")}


def test_two_rules_that_bind_together_are_both_named_in_one_offer() -> None:
    """A skill and minutes of overtime: neither alone would do."""
    problem = Line(jobs=(job_at("x", 200, service_min=90, skills=GAS),), shifts=(shift_at(),)).problem()

    place = _only(find_why_nots(problem, {}, [0])[JobId("x")])

    assert [violation.kind for violation in place.broken] == [ViolationKind.SKILL, ViolationKind.SHIFT]
    assert all(offer.relaxations[0].lever is Lever.SKILL for offer in place.offers)
    assert all(len(offer.relaxations) == 2 for offer in place.offers)


def test_what_moves_says_what_it_is_moved_to() -> None:
    """A window that closes at 09:50 and gives way by ten minutes closes at 10:00."""
    problem = Line(jobs=(job_at("x", 60, (540, 590)),), shifts=(shift_at(),)).problem()

    offers = _only(find_why_nots(problem, {}, [0])[JobId("x")]).offers

    moved = {step.lever: step.to_at for offer in offers for step in offer.relaxations}
    assert moved == {Lever.WINDOW_LATER: at(600), Lever.SHIFT_EARLIER: at(530)}


def test_where_no_road_leads_nothing_is_offered() -> None:
    """It is said, and no relaxation is made up."""
    minutes = np.array([[0.0, 5.0], [5.0, 0.0]])
    minutes[0, 1] = np.nan
    problem = build_problem((job_at("x", 5),), (shift_at(),), matrix_of(minutes))

    place = _only(find_why_nots(problem, {}, [0])[JobId("x")])

    assert place.broken[0].kind is ViolationKind.NO_PATH
    assert place.offers == ()


def test_rules_that_a_route_breaks_already_are_not_held_against_the_job() -> None:
    """A dispatcher has made the day ten minutes too long: a job on the way adds nothing to that, and fits."""
    route = job_at("a", 200, service_min=90)
    problem = Line(jobs=(route, job_at("x", 100)), shifts=(shift_at(),)).problem()

    place = _only(find_why_nots(problem, {0: [0]}, [1])[JobId("x")])

    assert place.broken == ()
    assert place.offers[0].is_free


def test_of_many_workers_the_nearest_are_looked_at_and_those_who_may_before_others() -> None:
    """Two of twenty have the skill and live far away: both are looked at; who is not is counted."""
    shifts = [shift_at(worker=f"near{number}") for number in range(20)]
    shifts += [shift_at(worker=f"able{number}", skills=GAS) for number in range(2)]
    problem = Line(jobs=(job_at("x", 300, skills=GAS),), shifts=tuple(shifts)).problem()

    why_not = find_why_nots(problem, {}, [0])[JobId("x")]

    workers = [place.worker_id for place in why_not.places]
    assert len(workers) == RoomParams().worker_count
    assert {WorkerId("able0"), WorkerId("able1")} <= set(workers)
    assert why_not.unseen_count == 22 - len(workers)


def test_the_best_offers_of_all_are_of_different_kinds() -> None:
    """Ten workers who lack the same skill are one offer, not ten."""
    shifts = tuple(shift_at(worker=f"w{number}") for number in range(10))
    problem = Line(jobs=(job_at("x", 30, skills=GAS),), shifts=shifts).problem()

    why_not = find_why_nots(problem, {}, [0])[JobId("x")]

    assert len(why_not.places) == 10
    assert [offer.relaxations[0].lever for offer in best_offers(why_not)] == [Lever.SKILL]


def test_what_is_known_of_unchanged_routes_is_taken_over() -> None:
    """A place that is given is not worked out again."""
    problem = Line(jobs=(job_at("x", 30, skills=GAS),), shifts=(shift_at(), shift_at(worker="v"))).problem()
    places = {place.worker_id: place for place in find_why_nots(problem, {}, [0])[JobId("x")].places}
    marked = BestPlace(worker_id=WorkerId("v"), position=0, cost=7, travel_s=0, travel_m=0, broken=(), offers=())

    found = find_why_nots(problem, {}, [0], known={(JobId("x"), WorkerId("v")): marked})

    assert {place.worker_id: place for place in found[JobId("x")].places} == places | {WorkerId("v"): marked}


def test_while_somebody_waits_only_some_places_are_worked_out_anew() -> None:
    """Those of the jobs dearest to leave out; whoever was not looked at is counted."""
    jobs = (job_at("low", 20, skills=GAS), job_at("high", 30, skills=GAS, priority=9))
    problem = Line(jobs=jobs, shifts=(shift_at(), shift_at(worker="v"))).problem()

    found = find_why_nots(problem, {}, [0, 1], params=RoomParams(new_count=3))

    assert {job_id: (len(one.places), one.unseen_count) for job_id, one in found.items()} == {
        JobId("high"): (2, 0),
        JobId("low"): (1, 1),
    }


def test_what_is_kept_reads_back_as_it_was_and_what_is_newer_is_passed_over() -> None:
    """A document says its version; one of a later program is none, like one of an earlier."""
    problem = Line(jobs=(job_at("x", 60, (540, 590), skills=GAS),), shifts=(shift_at(),)).problem()
    why_not = find_why_nots(problem, {}, [0])[JobId("x")]

    document = why_not_document(why_not)

    assert read_why_not(document) == why_not
    assert read_why_not({"why_not": {**document["why_not"], "version": 2}}) is None
    assert read_why_not(why_not_document(None)) is None
