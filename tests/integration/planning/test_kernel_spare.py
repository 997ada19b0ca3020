"""A kernel process that waits: the next solve uses it, another takes its place, and none is left behind."""

import os
import signal
from pathlib import Path

import pytest
from support.problems import random_problem

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.solver import kernel_spare
from geo_engine.planning.solver.kernel_spare import kernel_ready, take_kernel
from geo_engine.planning.solver.solve import Budget, Progress, solve

COUNTED = Budget(solution_limit=1)  # of more than thirty jobs: the kernel alone


def _children() -> set[int]:
    """List this process's living and dead children."""
    threads = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {int(child) for thread in threads for child in (thread / "children").read_text().split()}


def test_a_solve_uses_the_process_that_waits() -> None:
    """The process is there before the solve and gone after it."""
    problem, before = random_problem(5, job_count=32, shift_count=4), _children()

    with kernel_ready():
        waiting = _children() - before
        solution = solve(problem, COUNTED)
        left = _children() & waiting

    assert len(waiting) == 1
    assert not left
    assert evaluate(problem, solution.orders).cost <= sum(problem.penalties)
    assert _children() <= before


def test_another_process_takes_its_place() -> None:
    """Where one is to be kept ready there is another one after a solve, and none in the end."""
    problem, before = random_problem(5, job_count=32, shift_count=4), _children()

    with kernel_ready(keep=True):
        first = _children() - before
        solve(problem, COUNTED)
        second = _children() - before

    assert len(first) == len(second) == 1
    assert first != second
    assert _children() <= before


def test_a_process_that_was_killed_is_not_waited_for() -> None:
    """One that ended while it waited is left alone; the next solve starts its own."""
    problem, before = random_problem(5, job_count=32, shift_count=4), _children()

    with kernel_ready():
        (killed,) = _children() - before
        os.kill(killed, signal.SIGKILL)
        os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
        solution = solve(problem, COUNTED)

    assert solution.first_plan_s is not None
    assert _children() <= before


def test_without_one_that_waits_a_process_is_started() -> None:
    """A kernel that nobody had ready comes all the same."""
    child = take_kernel()

    assert child.is_running
    child.close()
    assert not child.is_running


def test_a_loaded_kernel_searches_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model, there for the first plan, would only take processor from a kernel that has its plan sooner."""
    monkeypatch.setattr(kernel_spare, "_LOADED_AFTER_S", 0.0)
    problem, before, seen = random_problem(5, job_count=32, shift_count=4), _children(), []

    def on_progress(progress: Progress) -> None:
        seen.append((len(_children() - before), progress.cost))

    with kernel_ready():
        solve(
            problem,
            Budget(time_limit_s=30.0),
            on_progress=on_progress,
            should_stop=lambda: bool(seen) and seen[-1][1] is not None,
        )

    assert {count for count, _ in seen[:-1]} == {1}
    assert seen[-1][1] is not None
