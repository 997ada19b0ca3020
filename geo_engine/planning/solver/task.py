"""What is said between a solver and its process: a task goes in, ever better plans come out."""

import select
import signal
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection

from geo_engine.children import end_with_parent, parent_pipes
from geo_engine.planning.problem import Problem

IndexOrders = dict[int, list[int]]


class Strategy(StrEnum):
    """Who searches: the kernel, or OR-Tools leaving local optima in one way or another."""

    KERNEL = "kernel"
    RUIN_RECREATE = "ruin_recreate"
    GUIDED = "guided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one solver process is asked to do; a limit of None is none.

    Parameters
    ----------
    deadline_s
        A reading of ``time.monotonic()``, which all processes of a machine share.
    thread_count
        How many threads the kernel runs; OR-Tools has one.
    start
        Orders that keep every rule, from which the search goes on; OR-Tools' guided search takes it, ruin and recreate
        does not. Empty starts from nothing.
    """

    problem: Problem
    strategy: Strategy
    deadline_s: float | None
    solution_limit: int | None
    thread_count: int = 1
    start: IndexOrders = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incumbent:
    """A plan better than all this process sent before; the cost is the model's own, or as judged where that is near."""

    cost: int
    orders: IndexOrders


def take_task() -> tuple[Task, Connection, Connection]:
    """Return, in a solver's process, its task, what reads from the parent and what writes to it.

    The process ends with its parent from now on.
    """
    requests, plans_out = parent_pipes()
    _end_with_parent(requests)
    task: Task = requests.recv()
    return task, requests, plans_out


def _end_with_parent(requests: Connection) -> None:
    """Let Linux kill this process when the parent dies: a search looks at its pipe only at the next plan."""
    end_with_parent(signal.SIGKILL)
    # A parent that died before, while the libraries were read, has closed its end but may have left a task.
    pipe = select.poll()
    pipe.register(requests, 0)
    if pipe.poll(0):
        raise SystemExit
