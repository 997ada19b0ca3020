"""The timetable against two judges that share nothing with it: exhaustive choice, and a life minute by minute."""

import random
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.brute_force import can_be_kept
from support.minute_clock import can_live_through
from support.problems import Line, job_at, random_problem, shift_at

from geo_engine.planning.problem import NO_PATH, BreakSlot, Problem
from geo_engine.planning.timetable import Timetable, find_timetable, leg_travel_s

HORIZON = 120
MINUTES = st.integers(0, HORIZON)


def flaws(problem: Problem, shift: int, order: list[int], found: Timetable) -> list[str]:
    """List what a timetable breaks, checked from its figures alone."""
    opens, closes = problem.spans[shift]
    wrong = [] if opens <= found.start_s <= found.end_s <= closes else ["shift"]
    ends = [start + problem.jobs[job].service_s for start, job in zip(found.starts_s, order, strict=True)]
    frees, readies = [found.start_s, *ends], [*found.starts_s, found.end_s]
    for free, ready, leg in zip(frees, readies, leg_travel_s(problem, shift, order), strict=True):
        rested = sum(end - start for start, end in found.breaks_s if free <= start and end <= ready)
        wrong += ["travel"] if ready - free < leg + rested else []
    for job, arrival, start in zip(order, found.arrivals_s, found.starts_s, strict=True):
        opened = any(earliest <= start <= latest for earliest, latest in problem.windows[job])
        wrong += [] if opened and arrival <= start else ["window"]
    for start, end in found.breaks_s:
        interrupted = any(start < free and ready < end for ready, free in zip(found.starts_s, ends, strict=True))
        wrong += ["break in service"] if interrupted else []
    return wrong + break_flaws(problem.breaks[shift], found)


def break_flaws(slots: Sequence[BreakSlot], found: Timetable) -> list[str]:
    """List breaks outside every window, and those that were due and not taken."""
    left, wrong = list(slots), []
    for start, end in found.breaks_s:
        fitting = [s for s in left if s.duration_s == end - start and s.earliest_s <= start <= s.latest_s]
        if fitting:
            left.remove(min(fitting, key=lambda slot: slot.latest_s))
        else:
            wrong.append("break window")
    missed = [slot for slot in left if slot.is_always_taken or found.start_s <= slot.latest_s < found.end_s]
    return wrong + ["break missed" for _ in missed]


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_timetable_is_found_exactly_when_there_is_one(seed: int) -> None:
    """Over thousands of routes of random days the timetable agrees with exhaustive choice, and has no flaw."""
    rng = random.Random(seed)
    problem = random_problem(seed, job_count=6, shift_count=3)

    for _ in range(10):
        shift, order = rng.randrange(3), rng.sample(range(6), rng.randrange(1, 6))
        legs = leg_travel_s(problem, shift, order)
        found = find_timetable(problem, shift, order)
        expected = NO_PATH not in legs and can_be_kept(problem, shift, tuple(order), legs)
        assert (found is not None) == expected
        assert found is None or flaws(problem, shift, order, found) == []


@st.composite
def short_days(draw: st.DrawFn) -> Problem:
    """Draw two hours of one worker in whole minutes, with breaks whose windows may overlap, some always taken."""

    def window() -> tuple[int, int]:
        first, last = sorted((draw(MINUTES), draw(MINUTES)))
        return first, last

    breaks = tuple((draw(st.integers(1, 25)), *window()) for _ in range(draw(st.integers(0, 2))))
    jobs = tuple(
        job_at(
            f"j{number}",
            draw(st.integers(0, 15)),
            *(window() for _ in range(draw(st.integers(0, 2)))),
            service_min=draw(st.integers(0, 25)),
        )
        for number in range(draw(st.integers(1, 3)))
    )
    end = draw(st.sampled_from([0, 9, None]))
    closes = draw(st.integers(30, HORIZON))
    shift = shift_at((0, closes), *breaks, end=end)
    always = [draw(st.booleans()) and first + minutes <= closes for minutes, first, _ in breaks]
    rules = tuple(replace(rule, is_always_taken=one) for rule, one in zip(shift.breaks, always, strict=True))
    return Line(jobs=jobs, shifts=(replace(shift, breaks=rules),)).problem()


@settings(max_examples=400, deadline=None)
@given(problem=short_days())
def test_a_timetable_is_found_exactly_when_the_day_can_be_lived_through(problem: Problem) -> None:
    """Drive, wait, serve or rest each minute: if that can end well there is a timetable, else there is none."""
    order = list(range(len(problem.jobs)))
    legs = leg_travel_s(problem, 0, order)

    found = find_timetable(problem, 0, order)

    assert (found is not None) == can_live_through(problem, 0, order, legs)
    assert found is None or flaws(problem, 0, order, found) == []


@settings(max_examples=200, deadline=None)
@given(problem=short_days())
def test_a_worker_leaves_as_late_as_keeps_every_start(problem: Problem) -> None:
    """There is no waiting before the first service but for a break."""
    found = find_timetable(problem, 0, list(range(len(problem.jobs))))

    if found is not None:
        leg = leg_travel_s(problem, 0, [0])[0]
        rests = [end - start for start, end in found.breaks_s if end <= found.starts_s[0]]
        assert rests or found.start_s == found.starts_s[0] - leg
