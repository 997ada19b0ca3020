"""The solver in its own processes: exact on small days, reproducible, stoppable, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from support.brute_force import best_cost
from support.problems import Line, job_at, matrix_of, random_problem, shift_at
from support.rich_problems import rich_problem

from geo_engine.errors import Unavailable
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem, build_problem
from geo_engine.planning.search.scope import kernel_plans
from geo_engine.planning.solver import kernel_process, model_process
from geo_engine.planning.solver.model_process import search
from geo_engine.planning.solver.solve import Budget, Progress, Solution, solve
from geo_engine.planning.solver.task import Incumbent, Strategy, Task

FEW = Budget(solution_limit=30)
LONG = Budget(time_limit_s=60.0)
TESTS = Path(__file__).parents[2]


def _children() -> set[int]:
    """List this process's living and dead children."""
    threads = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {int(child) for thread in threads for child in (thread / "children").read_text().split()}


def _broken(judged: Evaluation) -> list[ViolationKind]:
    return [broken.kind for broken in judged.violations if broken.kind is not ViolationKind.REQUIRED]


@dataclass
class _Kept:
    """Both ends of a search in this process: nobody asks it to stop, and its plans are kept."""

    plans: list[Incumbent] = field(default_factory=list)

    def poll(self) -> bool:
        """Return that nothing was sent to the search."""
        return False

    def send(self, plan: Incumbent) -> None:
        """Keep a plan."""
        self.plans.append(plan)


def _judged(problem: Problem, solution_limit: int, *, strategy: Strategy = Strategy.GUIDED) -> tuple[int, Evaluation]:
    """Return what the last plan costs as the search has it, and as it is judged.

    The search is that of a child, in this process: to start one takes longer than most of these searches.
    """
    kept = _Kept()
    task = Task(problem=problem, strategy=strategy, deadline_s=None, solution_limit=solution_limit)
    process = kernel_process if strategy is Strategy.KERNEL else model_process
    process.search(task, kept, kept)  # type: ignore[arg-type]
    return kept.plans[-1].cost, evaluate(problem, named(problem, kept.plans[-1].orders))


def _large(job_count: int = 60, shift_count: int = 6) -> Problem:
    return random_problem(7, job_count=job_count, shift_count=shift_count)


def test_the_solver_and_the_evaluator_agree_on_any_day() -> None:
    """Of 40 random days each plan breaks no rule when judged and costs what the model says.

    That is at most what leaving everything out costs.
    """
    problems = [random_problem(1000 + n, job_count=3 + n % 10, shift_count=1 + n % 4) for n in range(40)]

    found = [_judged(problem, 30) for problem in problems]

    assert [_broken(judged) for _, judged in found] == [[]] * 40
    assert [cost for cost, _ in found] == [judged.cost for _, judged in found]
    assert all(cost <= sum(problem.penalties) for (cost, _), problem in zip(found, problems, strict=True))


def test_the_solver_and_the_evaluator_agree_on_days_with_everything_in_them() -> None:
    """Of 40 random days with every constraint and price by chance each plan keeps every rule and costs what is said."""
    problems = [rich_problem(3000 + n, job_count=3 + n % 7, shift_count=1 + n % 3) for n in range(40)]

    found = [_judged(problem, 30) for problem in problems]

    assert [_broken(judged) for _, judged in found] == [[]] * 40
    assert [cost for cost, _ in found] == [judged.cost for _, judged in found]


def test_two_breaks_at_once_are_no_plan() -> None:
    """Two half hours that both begin at ten: nobody begins at ten sharp and takes both at once."""
    first, second = job_at("c", 0, (600, 600)), job_at("f", 5, service_min=10)
    shift = shift_at((540, 1080), (30, 600, 600), (30, 600, 600))
    problem = Line(jobs=(first, second), shifts=(shift,)).problem()

    found = solve(problem, Budget(solution_limit=20)).orders

    assert found == {shift.worker_id: [second.id, first.id]}


def test_the_kernel_and_the_evaluator_agree_on_any_day() -> None:
    """Of 60 random days each of the kernel's plans breaks no rule when judged and costs what the kernel says."""
    problems = [random_problem(3000 + n, job_count=10 + n % 30, shift_count=1 + n % 5) for n in range(60)]

    found = [_judged(problem, 3, strategy=Strategy.KERNEL) for problem in problems]

    assert [_broken(judged) for _, judged in found] == [[]] * 60
    assert [cost for cost, _ in found] == [judged.cost for _, judged in found]


def test_the_kernel_and_the_evaluator_agree_on_days_with_everything_in_them() -> None:
    """Of 60 random days with every constraint and price by chance the kernel's plans are judged as it says."""
    made = [rich_problem(7000 + n, job_count=4 + n % 20, shift_count=1 + n % 4) for n in range(60)]
    problems = [problem for problem in made if kernel_plans(problem)]

    found = [_judged(problem, 2, strategy=Strategy.KERNEL) for problem in problems]

    assert len(problems) > 30
    assert [_broken(judged) for _, judged in found] == [[]] * len(problems)
    assert [cost for cost, _ in found] == [judged.cost for _, judged in found]


def test_the_kernel_finds_the_best_plan_of_small_days_with_everything_in_them() -> None:
    """Of 60 random days of 5 jobs at most 3 have a better plan than the kernel finds, by trying every one."""
    made = [rich_problem(9000 + n, job_count=5, shift_count=2) for n in range(60)]
    problems = [problem for problem in made if kernel_plans(problem)]

    found = [_judged(problem, 5, strategy=Strategy.KERNEL)[0] for problem in problems]

    exact = [best_cost(problem) for problem in problems]
    assert sum(one > best for one, best in zip(found, exact, strict=True)) <= 3
    assert all(one >= best for one, best in zip(found, exact, strict=True))


def test_what_the_kernel_cannot_state_is_planned_by_the_model() -> None:
    """A worker with six breaks is planned without the kernel, which knows five."""
    breaks = tuple((5, 600 + 60 * number, 610 + 60 * number) for number in range(6))
    jobs = tuple(job_at(f"j{number}", number, service_min=5) for number in range(31))
    problem = Line(jobs=jobs, shifts=(shift_at((540, 1020), *breaks),)).problem()

    solution = solve(problem, FEW)

    assert not kernel_plans(problem)
    assert _broken(evaluate(problem, solution.orders)) == []
    assert sum(len(order) for order in solution.orders.values()) == 31


def test_ruin_and_recreate_tells_plans_whose_times_it_leaves_open() -> None:
    """Where waiting has a price its plans may have no one cost yet; asked for it, OR-Tools would end the process."""
    kept, problem = _Kept(), rich_problem(39, job_count=6, shift_count=3)
    until_s = time.monotonic() + 1.0
    task = Task(problem=problem, strategy=Strategy.RUIN_RECREATE, deadline_s=until_s, solution_limit=None)

    search(task, kept, kept)  # type: ignore[arg-type]

    assert kept.plans[-1].cost == evaluate(problem, named(problem, kept.plans[-1].orders)).cost


def test_small_days_are_planned_as_well_as_can_be() -> None:
    """Of 30 days with at most 6 jobs and 2 workers all are feasible and at least 29 optimal."""
    problems = [random_problem(2000 + n, job_count=4 + n % 3, shift_count=2) for n in range(30)]

    judged = [_judged(problem, 100)[1] for problem in problems]

    exact = [best_cost(problem) for problem in problems]
    misses = [
        f"seed {2000 + n}: {one.cost} against {best}, {100 * (one.cost / best - 1):+.2f} %"
        for n, (one, best) in enumerate(zip(judged, exact, strict=True))
        if one.cost != best
    ]
    print("\n".join(misses))  # noqa: T201 — each miss is shown with its gap
    assert [_broken(one) for one in judged] == [[]] * 30
    assert len(misses) <= 1, misses


def test_a_budget_of_solutions_is_reproducible() -> None:
    """The same problem and budget give the same orders."""
    problem = _large(40, 4)

    first, second = solve(problem, FEW), solve(problem, FEW)

    assert first.orders == second.orders


def test_nothing_is_printed_and_nobody_is_left_behind(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output stays clean, and no child, living or dead, remains."""
    before = _children()

    solve(_large(), Budget(time_limit_s=0.8))

    assert capfd.readouterr().out == ""
    assert _children() <= before


def test_being_asked_to_stop_keeps_the_best_plan_so_far() -> None:
    """Once there is a plan and a stop is asked for, the search of a minute ends within two seconds."""
    problem, asked_at = _large(), []

    def on_progress(progress: Progress) -> None:
        if progress.cost is not None and not asked_at:
            asked_at.append(time.monotonic())

    solution = solve(problem, LONG, on_progress=on_progress, should_stop=lambda: bool(asked_at))

    assert time.monotonic() - asked_at[0] < 2.0
    assert solution.orders
    assert solution.first_plan_s is not None


def test_being_asked_to_stop_at_once_is_obeyed_without_a_plan() -> None:
    """A stop before the first plan ends the search soon and is no error."""
    began = time.monotonic()

    solution = solve(_large(), LONG, should_stop=lambda: True)

    assert time.monotonic() - began < 6.0
    assert isinstance(solution, Solution)


def test_a_child_that_does_not_listen_is_killed() -> None:
    """With 400 jobs one second is over before there is much to listen to; the call ends soon after all the same."""
    problem = _large(400, 30)
    began = time.monotonic()

    solve(problem, Budget(time_limit_s=1.0))

    assert time.monotonic() - began < 5.0


def test_a_child_that_is_frozen_is_killed() -> None:
    """Children that stand still past their time are ended by force once there is a plan."""
    before, frozen_at = _children(), []

    def freeze(progress: Progress) -> None:
        if progress.cost is not None:
            frozen_at.append(time.monotonic())
            for child in _children() - before:
                os.kill(child, signal.SIGSTOP)

    solution = solve(_large(), Budget(time_limit_s=1.0), on_progress=freeze)

    assert solution.orders
    assert time.monotonic() - frozen_at[0] < 5.0
    assert _children() <= before


@pytest.mark.parametrize("problem", [random_problem(8, job_count=9, shift_count=2), _large(), _large(1_600, 40)])
def test_a_limit_too_short_for_any_search_still_has_a_first_plan(problem: Problem) -> None:
    """Nobody asks for an empty plan: what takes longer than the limit to begin is waited for."""
    solution = solve(problem, Budget(time_limit_s=0.01))

    assert solution.first_plan_s is not None
    assert sum(len(order) for order in solution.orders.values()) > len(problem.jobs) / 6


def test_the_best_plan_survives_the_death_of_every_child() -> None:
    """Children killed from outside after a first plan end the search with that plan."""
    before = _children()

    def kill_all(progress: Progress) -> None:
        if progress.cost is not None:
            for child in _children() - before:
                os.kill(child, signal.SIGKILL)

    solution = solve(_large(), LONG, on_progress=kill_all)

    assert solution.orders


def test_the_death_of_every_child_before_a_plan_is_said() -> None:
    """Children killed from outside before the first plan make the solver unavailable."""
    before, is_over = _children(), threading.Event()

    def kill_all() -> None:  # every hundredth of a second; asked for by the solver it might come after a plan
        while not is_over.wait(0.01):
            for child in _children() - before:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        with pytest.raises(Unavailable, match="without a plan: exit -9"):
            solve(_large(400, 30), LONG)
    finally:
        is_over.set()
        killer.join()

    assert _children() <= before


@pytest.mark.parametrize("has_plan", [True, False], ids=["after a plan", "while the child still starts"])
def test_children_end_when_their_parent_is_killed(has_plan: bool) -> None:  # noqa: FBT001
    """A killed parent leaves no child at work, not even one that finds its task in the pipe of a dead parent."""
    script = (
        "import sys\n"
        f"sys.path.insert(0, {str(TESTS)!r})\n"
        "from support.problems import random_problem\n"
        "from geo_engine.planning.solver.solve import Budget, solve\n"
        "tell = lambda progress: print(progress.cost, flush=True)\n"
        "solve(random_problem(7, job_count=12, shift_count=2), Budget(time_limit_s=60.0), on_progress=tell)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        next(line for line in parent.stdout if not has_plan or line.strip() != "None")
        orphans = [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]
        parent.kill()

    assert orphans
    assert all(_ends_within(pid, seconds=5.0) for pid in orphans)


def _ends_within(pid: int, *, seconds: float) -> bool:
    """Wait for a process that is no child of ours."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):  # it may end between opening and reading
            return True
        if state == "Z":
            return True
    return False


@pytest.mark.parametrize(
    "problem",
    [Line(jobs=(), shifts=(shift_at(),)), Line(jobs=(job_at("a", 5),), shifts=()), Line(jobs=(), shifts=())],
    ids=["no jobs", "no shifts", "nothing"],
)
def test_a_day_without_jobs_or_workers_has_an_empty_plan(problem: Line) -> None:
    """Nothing to do or nobody to do it needs no search."""
    solution = solve(problem.problem(), FEW)

    assert solution == Solution(orders={}, first_plan_s=None)


def test_an_unused_shift_with_no_way_home_prevents_nothing() -> None:
    """A worker whose start has no path to the end stays at home; the other does the job."""
    nan = float("nan")
    minutes = np.array([[0, 5, nan, nan], [5, 0, nan, nan], [nan, nan, 0, nan], [nan, nan, nan, 0]])
    stuck = shift_at(worker="stuck", end=9)
    lone = Line(jobs=(job_at("a", 5),), shifts=(shift_at(), stuck))
    # places: the job, 0 (both start here), 9
    problem = build_problem(lone.jobs, lone.shifts, matrix_of(minutes[:3, :3]))

    solution = solve(problem, FEW)

    assert solution.orders == {WorkerId("w"): [JobId("a")]}


def test_a_single_job_ends_a_budget_of_solutions() -> None:
    """Where there is only one plan to find, counting solutions would never end."""
    problem = Line(jobs=(job_at("a", 5),), shifts=(shift_at(),)).problem()
    began = time.monotonic()

    solution = solve(problem, Budget(solution_limit=50), should_stop=lambda: time.monotonic() - began > 20)

    assert solution.orders == {WorkerId("w"): [JobId("a")]}
    assert time.monotonic() - began < 10


def test_a_window_outside_the_day_leaves_the_job_out() -> None:
    """Windows before, across and after every shift are no contradiction."""
    windows = {"before": (100, 200), "into": (100, 545), "until": (1010, 1100), "after": (1030, 1100)}
    jobs = tuple(job_at(name, 5, ends) for name, ends in windows.items())
    problem = Line(jobs=jobs, shifts=(shift_at(),)).problem()

    solution = solve(problem, FEW)

    assert solution.orders == {WorkerId("w"): [JobId("into"), JobId("until")]}


@pytest.mark.parametrize(
    "breaks",
    [((60, 660, 900), (30, 720, 730)), ((60, 720, 760), (30, 720, 760)), ((10, 600, 900),) * 3],
    ids=["one within the other", "equal windows", "three alike"],
)
def test_breaks_whose_windows_overlap_are_no_contradiction(breaks: tuple[tuple[float, float, float], ...]) -> None:
    """Model and evaluator take breaks in the same order, also where another order would fit better."""
    jobs = (job_at("a", 5, (660, 700), service_min=60), job_at("z", 5, (1000, 1000)))
    problem = Line(jobs=jobs, shifts=(shift_at((540, 1020), *breaks),)).problem()

    solution = solve(problem, FEW)

    assert _broken(evaluate(problem, solution.orders)) == []


def test_sixty_jobs_are_all_placed_where_there_is_room() -> None:
    """Six workers with an hour of work each for every ten jobs leave nothing out."""
    jobs = tuple(job_at(f"j{number}", number, service_min=15) for number in range(60))
    shifts = tuple(shift_at((540, 1020), (60, 690, 810), worker=f"w{number}") for number in range(6))

    solution = solve(Line(jobs=jobs, shifts=shifts).problem(), FEW)

    assert sum(len(order) for order in solution.orders.values()) == 60
