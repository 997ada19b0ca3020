"""Every reason for a job on no route, and the sentence a dispatcher reads in both languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, timezone

import numpy as np
import pytest
from support.problems import Line, at, job_at, matrix_of, shift_at

from geo_engine.ids import WorkerId
from geo_engine.planning.explain.reasons import ExplainContext, explain
from geo_engine.planning.insertion import Insertion, complete
from geo_engine.planning.model import Job, Shift, UnassignedReason
from geo_engine.planning.problem import build_problem
from geo_engine.words import Language

GAS = frozenset({"gas"})
NAMES = {WorkerId("w"): "王芳"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One job nobody does, why, and what must stand in the English and the Chinese sentence."""

    claim: str
    job: Job
    shifts: tuple[Shift, ...] = (shift_at((540, 1020)),)
    others: tuple[Job, ...] = ()
    far_m: Mapping[int, float] = field(default_factory=dict)
    fitting: Mapping[int, Insertion] = field(default_factory=dict)
    reason: UnassignedReason
    says: tuple[str, ...]


CASES = (
    Case(claim="nobody works", job=job_at("a", 5), shifts=(), reason=UnassignedReason.NO_WORKER, says=("No worker",)),
    Case(
        claim="everybody is barred",
        job=job_at("a", 5, forbidden_worker_ids=frozenset(NAMES)),
        reason=UnassignedReason.NO_WORKER,
        says=("barred",),
    ),
    Case(
        claim="its worker is not in the list",
        job=job_at("a", 5, worker_ids=frozenset({WorkerId("ghost")})),
        reason=UnassignedReason.WORKER_UNKNOWN,
        says=("ghost",),
    ),
    Case(
        claim="nobody has the skill",
        job=job_at("a", 5, skills=GAS | {"lift"}),
        shifts=(shift_at(skills=GAS),),
        reason=UnassignedReason.NO_SKILL,
        says=("lift",),
    ),
    Case(
        claim="nobody has both skills",
        job=job_at("a", 5, skills=GAS | {"lift"}),
        shifts=(shift_at(skills=GAS), shift_at(worker="v", skills=frozenset({"lift"}))),
        reason=UnassignedReason.NO_SKILL,
        says=("gas, lift",),
    ),
    Case(
        claim="it is far from any road",
        job=job_at("a", 5),
        far_m={0: 9876.4},
        reason=UnassignedReason.FAR_FROM_ROAD,
        says=("9876",),
    ),
    Case(
        claim="nobody can carry it",
        job=job_at("a", 5, amounts=(1, 7)),
        shifts=(shift_at(capacity=(9, 6)),),
        reason=UnassignedReason.OVER_CAPACITY,
        says=("1, 7",),
    ),
    Case(
        claim="service is longer than the shift",
        job=job_at("a", 5, service_min=481),
        reason=UnassignedReason.TOO_LONG,
        says=("481", "480"),
    ),
    Case(
        claim="its windows are outside the shift",
        job=job_at("a", 5, (400, 500), (1100, 1500)),
        reason=UnassignedReason.OUTSIDE_SHIFTS,
        says=("06:40–08:20", "18:20–01:00+1", "09:00–17:00"),
    ),
    Case(
        claim="its window closes before anyone arrives",
        job=job_at("a", 60, (540, 590)),
        reason=UnassignedReason.OUT_OF_REACH,
        says=("王芳", "10"),
    ),
    Case(
        claim="nobody would be back in time",
        job=job_at("a", 200, service_min=90),
        reason=UnassignedReason.OUT_OF_REACH,
        says=("王芳", "10"),
    ),
    Case(
        claim="it is beyond the driving limit",
        job=job_at("a", 30),
        shifts=(shift_at(max_driving_s=50 * 60),),
        reason=UnassignedReason.OUT_OF_REACH,
        says=("王芳", "10"),
    ),
    Case(
        claim="nobody may visit anything",
        job=job_at("a", 30),
        shifts=(shift_at(max_visits=0),),
        reason=UnassignedReason.OUT_OF_REACH,
        says=("王芳",),
    ),
    Case(
        claim="the day is full",
        job=job_at("a", 5, service_min=60),
        others=(job_at("long", 5, service_min=420, priority=1),),
        reason=UnassignedReason.NO_ROOM,
        says=("1",),
    ),
    Case(
        claim="its penalty is cheaper than the way",
        job=job_at("a", 10, penalty=1199),
        reason=UnassignedReason.PENALTY_CHEAPER,
        says=("王芳", "1200", "1199"),
    ),
    Case(
        claim="it fits and nobody placed it",
        job=job_at("a", 10),
        fitting={0: Insertion(shift_index=0, position=0, cost=1200)},
        reason=UnassignedReason.FITS,
        says=("王芳", "1200"),
    ),
)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim.replace(" ", "-"))
def test_a_job_left_out_is_explained(case: Case, language: Language) -> None:
    """The reason is the first that prevents it, and the sentence has its facts and no unfilled placeholder."""
    problem = Line(jobs=(case.job, *case.others), shifts=case.shifts).problem()
    done = complete(problem, {}, range(len(problem.jobs)))
    context = _context(problem=problem, fitting={**done.too_dear, **case.fitting}, far_m=case.far_m)

    found = explain(context, 0)

    sentence = found.detail.render(language)
    assert found.reason is case.reason
    assert not re.search(r"[{}]", sentence)
    if language is Language.EN:
        assert all(said in sentence for said in case.says)
    else:
        assert re.search(r"[\u4e00-\u9fff]", sentence)
        assert sentence != found.detail.render(Language.EN)
        assert all(said in sentence for said in case.says if re.search(r"\d|王", said))


@pytest.mark.parametrize("hole", [(1, 0), (0, 1)], ids=["there", "back"])
def test_no_road_there_or_none_back_is_named_with_the_workers(hole: tuple[int, int]) -> None:
    """One direction without a path is enough."""
    minutes = np.array([[0.0, 5.0], [5.0, 0.0]])
    minutes[hole] = np.nan
    problem = build_problem((job_at("a", 5),), (shift_at(),), matrix_of(minutes))

    found = explain(_context(problem=problem), 0)

    assert found.reason is UnassignedReason.NO_PATH
    assert "王芳" in found.detail.render(Language.EN)
    assert "王芳" in found.detail.render(Language.ZH_CN)


def test_times_are_told_in_the_zone_of_the_plan() -> None:
    """Eight hours east, 06:40 UTC is 14:40."""
    problem = Line(jobs=(job_at("a", 5, (400, 500)),), shifts=(shift_at(),)).problem()

    found = explain(_context(problem=problem, zone=timezone(timedelta(hours=8))), 0)

    assert "14:40–16:20" in found.detail.render(Language.EN)


def test_a_window_is_told_as_it_was_asked_for_whatever_was_promised() -> None:
    """Promised for 08:00, the visit may not begin long before that, but its window is still the one from 06:40."""
    job = job_at("a", 5, (400, 500), promised_at=at(480))
    problem = Line(jobs=(job,), shifts=(shift_at(),)).problem()

    assert "06:40–08:20" in explain(_context(problem=problem), 0).detail.render(Language.EN)


def test_what_only_the_promise_puts_outside_the_shifts_is_no_fault_of_its_window() -> None:
    """Open all day and promised for 18:00: of a shift that ends at 17:00 it is not said that the window is outside."""
    job = job_at("a", 5, (540, 1200), promised_at=at(1080))
    problem = Line(jobs=(job,), shifts=(shift_at(),)).problem()

    found = explain(_context(problem=problem), 0)

    assert found.reason is UnassignedReason.OUT_OF_REACH
    assert "王芳" in found.detail.render(Language.EN)


def test_every_reason_is_explained_here_at_least_once() -> None:
    """The cases leave no reason out."""
    assert {case.reason for case in CASES} | {UnassignedReason.NO_PATH} == set(UnassignedReason)


def _context(**facts: object) -> ExplainContext:
    plain: dict[str, object] = {
        "fitting": dict[int, Insertion](),
        "worker_names": NAMES,
        "service_on": date(2026, 11, 23),
        "zone": UTC,
        "far_m": {},
    }
    return ExplainContext(**(plain | facts))  # type: ignore[arg-type]
