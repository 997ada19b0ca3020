"""How a problem is solved: the kernel and OR-Tools search in processes of their own, `evaluate` judges every plan."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from geo_engine.children import Child, ready_children
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.limits import breaks_may_meet
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.relations import route_timetable
from geo_engine.planning.search.scope import kernel_plans
from geo_engine.planning.solver.kernel_spare import is_kernel_loaded, renew_kernel, take_kernel
from geo_engine.planning.solver.task import Incumbent, IndexOrders, Strategy, Task
from geo_engine.words import Message

_MODEL_MODULE = "geo_engine.planning.solver.model_process"
_TICK_S = 0.2
_GRACE_S = 1.0
# Reading the code may take longer than a short limit: a first plan is worth waiting for, and is there soon after.
_FIRST_PLAN_GRACE_S = 30.0
_CORES = 2
# Up to so many jobs the model finds what the kernel has no move for, such as leaving after a break's window.
_FEW_JOBS = 30
# Up to so many the model has a first plan before a new process of the kernel is up, or while it is still compiled.
_MODELLED_JOBS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long to search: by the clock, for people, or by solutions, which is reproducible.

    Parameters
    ----------
    time_limit_s
        Wall-clock seconds from the call; two cores are used. Without a plan by then the first one is waited for.
    solution_limit
        Of up to 30 jobs, solutions the model may visit (or 2,000 dead ends each); of more, and where the model is weak,
        hundreds of iterations of the kernel's one thread. The clock is not looked at.
    """

    time_limit_s: float = 10.0
    solution_limit: int | None = None

    @property
    def shown_s(self) -> float | None:
        """The seconds the search will take; None when it is counted in solutions."""
        return self.time_limit_s if self.solution_limit is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search is; cost and count are None until there is a first plan."""

    elapsed_s: float
    cost: int | None
    unassigned_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The best orders found, and the seconds after which the first plan was there (None: none)."""

    orders: dict[WorkerId, list[JobId]]
    first_plan_s: float | None


class SolverContradictionError(RuntimeError):
    """The model and `evaluate` disagree about a plan: a defect of ours, never of the input."""


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


def solve(
    problem: Problem,
    budget: Budget,
    *,
    start: IndexOrders | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Solution:
    """Return the best orders found within the budget.

    Parameters
    ----------
    start
        Orders that keep every rule, from which the search goes on.
    on_progress
        Called about five times a second, in the caller's thread.
    should_stop
        Asked as often; once it is true the search ends with the best plan so far.

    Raises
    ------
    InvalidInput
        When what a route has to begin with cannot be done in its order and time.
    Unavailable
        When no process can be started, or every one failed before there was a plan.
    SolverContradictionError
        When the model's cost is not `evaluate`'s, or its plan breaks a rule.
    """
    if not problem.jobs or not problem.shifts:
        return Solution(orders={}, first_plan_s=None)
    _refuse_lost_prefixes(problem)
    with ExitStack() as ends:
        ends.callback(renew_kernel)
        search = _Search(problem, budget, ends, start or {})
        told_s = 0.0
        while search.is_running:
            search.receive()
            if on_progress is not None and search.elapsed_s - told_s >= _TICK_S:
                told_s = search.elapsed_s
                on_progress(search.progress())
            if should_stop is not None and should_stop():
                search.stop()
        search.require_outcome()
        if on_progress is not None:
            on_progress(search.progress())
    return _judged(problem, search.best, search.first_plan_s)


def _refuse_lost_prefixes(problem: Problem) -> None:
    for shift_index, prefix in enumerate(problem.prefixes):
        if prefix and route_timetable(problem, shift_index, prefix) is None:
            worker_id = problem.shifts[shift_index].worker_id
            raise InvalidInput(
                Message("What is locked to worker {id} cannot be done in its order and time.", {"id": worker_id})
            )


def _judged(problem: Problem, best: Incumbent | None, first_plan_s: float | None) -> Solution:
    orders = named(problem, dict(enumerate(problem.prefixes)) if best is None else best.orders)
    judged = evaluate(problem, orders)
    broken = [violation for violation in judged.violations if violation.kind is not ViolationKind.REQUIRED]
    if best is not None and (broken or best.cost != judged.cost):
        raise SolverContradictionError(f"cost {best and best.cost} against {judged.cost}, violations {broken}")
    return Solution(orders=orders, first_plan_s=first_plan_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Who searches in one of the processes, with how many threads, and whether only until the kernel has a plan."""

    strategy: Strategy
    thread_count: int = 1
    is_relieved: bool = False


def _parts(problem: Problem, budget: Budget) -> list[_Part]:
    """Return who searches; the model first, which reads its task sooner."""
    job_count, is_counted = len(problem.jobs), budget.shown_s is None
    guided = _Part(strategy=Strategy.GUIDED)
    has_kernel = kernel_plans(problem)
    if is_counted:
        kernel = _Part(strategy=Strategy.KERNEL)
        if has_kernel and job_count > _FEW_JOBS:
            return [kernel]
        return [guided, kernel] if has_kernel and _is_hard_to_model(problem) else [guided]
    if job_count <= _FEW_JOBS or not has_kernel:
        return [guided, _Part(strategy=Strategy.KERNEL if has_kernel else Strategy.RUIN_RECREATE)]
    kernel = _Part(strategy=Strategy.KERNEL, thread_count=_CORES)
    if job_count > _MODELLED_JOBS or is_kernel_loaded():
        return [kernel]
    return [replace(guided, is_relieved=True), kernel]


def _child_of(part: _Part) -> Child:
    return take_kernel() if part.strategy is Strategy.KERNEL else Child(_MODEL_MODULE)


def _is_hard_to_model(problem: Problem) -> bool:
    """Return whether a problem states what the model often misses the best plan for, however few its jobs."""
    return (
        problem.prices_time
        or bool(problem.speeds)
        or problem.has_setups
        or problem.has_pickups
        or bool(problem.bonds)
        or breaks_may_meet(problem)
    )


class _Search:
    """Several solver processes on one problem, and the best plan of each."""

    def __init__(self, problem: Problem, budget: Budget, ends: ExitStack, start: IndexOrders) -> None:
        self._started_s = time.monotonic()
        self._job_count = len(problem.jobs)
        self.first_plan_s: float | None = None
        limit_s = budget.shown_s
        self._kill_at_s = None if limit_s is None else limit_s + _GRACE_S
        self._stopping = False
        parts = _parts(problem, budget)
        self._parts = {ends.enter_context(closing(_child_of(part))): part for part in parts}
        self._best_of: dict[Child, Incumbent] = {}
        self._open = set(self._parts)
        for child, part in self._parts.items():
            task = Task(
                problem=problem,
                strategy=part.strategy,
                deadline_s=None if limit_s is None else self._started_s + limit_s,
                solution_limit=budget.solution_limit,
                thread_count=part.thread_count,
                start=start,
            )
            child.send(task)

    @property
    def best(self) -> Incumbent | None:
        """The best plan; of equal ones, that of the process started first."""
        found = [self._best_of[child] for child in self._parts if child in self._best_of]
        return min(found, key=lambda incumbent: incumbent.cost, default=None)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the search was asked for."""
        return time.monotonic() - self._started_s

    @property
    def is_running(self) -> bool:
        """Whether any process may still send a plan."""
        if self._kill_at_s is None:
            return bool(self._open)
        is_waited_for = self.best is None and not self._stopping
        overdue_s = self.elapsed_s - self._kill_at_s
        return bool(self._open) and overdue_s <= (_FIRST_PLAN_GRACE_S if is_waited_for else 0.0)

    def receive(self) -> None:
        """Take in what has arrived, waiting for at most one tick."""
        for child in ready_children(self._open, _TICK_S):
            try:
                incumbent: Incumbent = child.receive()  # type: ignore[assignment]
            except EOFError:
                self._open.discard(child)
                continue
            self._best_of[child] = incumbent
            self.first_plan_s = self.first_plan_s or self.elapsed_s
            if self._parts[child].strategy is Strategy.KERNEL:
                self._relieve()

    def _relieve(self) -> None:
        """End those who searched only until the kernel had a plan."""
        for child in [child for child in self._open if self._parts[child].is_relieved]:
            self._open.discard(child)
            child.close()

    def stop(self) -> None:
        """Ask every process to end, and kill soon after what does not."""
        if not self._stopping:
            self._stopping = True
            self._kill_at_s = self.elapsed_s + _GRACE_S
            for child in self._open:
                child.send("stop")

    def progress(self) -> Progress:
        """Return where the search stands."""
        best = self.best
        placed = None if best is None else sum(len(order) for order in best.orders.values())
        return Progress(
            elapsed_s=self.elapsed_s,
            cost=None if best is None else best.cost,
            unassigned_count=None if placed is None else self._job_count - placed,
        )

    def require_outcome(self) -> None:
        """Raise when nothing was found because every process failed; ending at the limit without a plan is none."""
        if self.best is None and not self._open and all(child.exit_code() for child in self._parts):
            reason = next(iter(self._parts)).last_words()
            raise Unavailable(Message("The solver's processes ended without a plan: {reason}", {"reason": reason}))
