"""What is said between a solver and its process: a task goes in, ever better plans come out."""

from dataclasses import dataclass
from enum import StrEnum

from geo_engine.planning.problem import Problem

IndexOrders = dict[int, list[int]]


class Strategy(StrEnum):
    """How the search leaves local optima."""

    RUIN_RECREATE = "ruin_recreate"
    GUIDED = "guided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one solver process is asked to do; a limit of None is none.

    Parameters
    ----------
    deadline_s
        A reading of ``time.monotonic()``, which all processes of a machine share.
    """

    problem: Problem
    strategy: Strategy
    deadline_s: float | None
    solution_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incumbent:
    """A plan better than all this process sent before; the cost is the model's own, or as judged where that is near."""

    cost: int
    orders: IndexOrders
