"""What the pages remember of roads, and what they let go."""

from collections.abc import Sequence

import numpy as np

from geo_engine.geometry import Position
from geo_engine.ids import GraphKey
from geo_engine.roads import TravelMatrix
from geo_engine.roads.straight import StraightRouter
from web.remembering import MatrixMemory, RememberingRouter

HERE, THERE = GraphKey("here"), GraphKey("there")


class _CountingRouter(StraightRouter):
    """Counts how often travel is worked out, and for how many places."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Return nothing but zeros."""
        self.asked.append(len(positions))
        zeros = np.zeros((len(positions), len(positions)))
        return TravelMatrix(durations_s=zeros, distances_m=zeros, is_estimate=True)


def _places(count: int) -> list[Position]:
    return [Position(number * 0.001, 0.0) for number in range(count)]


def _bytes(count: int) -> int:
    return 2 * 8 * count * count


def test_a_days_matrix_is_worked_out_once() -> None:
    """Whatever small ones are asked for in between: those take milliseconds and are not remembered."""
    router = _CountingRouter()
    remembering = RememberingRouter(router, HERE, MatrixMemory(_bytes(100)))

    remembering.matrix(_places(100))
    for count in range(2, 51):
        remembering.matrix(_places(count))
    remembering.matrix(_places(100))

    assert router.asked == [100, *range(2, 51)]


def test_what_is_larger_than_the_memory_is_not_remembered() -> None:
    """Nor does it push out what is."""
    router = _CountingRouter()
    remembering = RememberingRouter(router, HERE, MatrixMemory(_bytes(100)))

    for count in (100, 101, 101, 100):
        remembering.matrix(_places(count))

    assert router.asked == [100, 101, 101]


def test_all_matrices_of_all_graphs_together_take_no_more_than_the_memory() -> None:
    """The one asked for longest ago goes first, and only when there is no room."""
    routers = [_CountingRouter(), _CountingRouter()]
    matrices = MatrixMemory(_bytes(60) + _bytes(80))
    here, there = (RememberingRouter(one, key, matrices) for one, key in zip(routers, (HERE, THERE), strict=True))

    here.matrix(_places(80))
    there.matrix(_places(60))
    here.matrix(_places(80))  # remembered, and asked for last
    there.matrix(_places(59))  # no room: the 60 go
    here.matrix(_places(80))
    there.matrix(_places(60))

    assert [one.asked for one in routers] == [[80], [60, 59, 60]]


def test_one_graphs_matrix_is_not_anothers() -> None:
    """Between the same places travel differs by the roads."""
    routers = [_CountingRouter(), _CountingRouter()]
    matrices = MatrixMemory()

    for router, key in zip(routers, (HERE, THERE), strict=True):
        RememberingRouter(router, key, matrices).matrix(_places(60))

    assert [one.asked for one in routers] == [[60], [60]]
