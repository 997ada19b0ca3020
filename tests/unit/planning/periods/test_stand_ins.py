"""What is missed or late after the search, put on days of the site's worker or of others, step by step."""

from collections.abc import Sequence

import pytest
from support.periods import MONDAY, QUICK, request_of, site_at, worker_at

from geo_engine.planning.periods.beginning import ways_between_sites
from geo_engine.planning.periods.day_routes import day_request
from geo_engine.planning.periods.demand import Demand, demands_of
from geo_engine.planning.periods.search import PatternSearch, Wishes
from geo_engine.planning.periods.stand_ins import stand_in
from geo_engine.planning.periods.tours import Tours
from geo_engine.planning.periods.ways import find_travel
from geo_engine.roads.straight import StraightRouter

_WORKDAYS = frozenset(day for day in range(28) if day % 7 < 5)


def _searched(days: Sequence[int], *, worked: Sequence[frozenset[int]]) -> tuple[PatternSearch, list[Demand], Wishes]:
    """Return a search that has a weekly site on some days of the first worker, and nothing else."""
    request = request_of([site_at("S", "A")], [worker_at(f"W{number}") for number in range(len(worked))])
    demands = demands_of(request)
    day = day_request(request, MONDAY, [demand.site for demand in demands])
    problem = find_travel(day, StraightRouter()).problem(day)
    wishes = Wishes(able=[frozenset(range(len(worked)))], kept=[{}], preferred=[None], held=[None])
    tours = Tours(problem, [[day in own for day in range(28)] for own in worked], QUICK)
    search = PatternSearch(tours, demands, wishes, ways_between_sites(problem), QUICK)
    search.place(0, 0, days)
    return search, demands, wishes


def _who(search: PatternSearch) -> dict[int, int]:
    tours = search.tours
    return {day: worker for day in range(28) for worker in range(tours.worker_count) if 0 in tours.order(worker, day)}


@pytest.mark.parametrize("worker_count", [1, 2])
def test_a_worker_who_has_room_by_now_goes_alone(worker_count: int) -> None:
    """A site that lacks visits gets them from its own worker where that has room, whether there are others or not."""
    search, demands, wishes = _searched([0, 7], worked=[_WORKDAYS] * worker_count)

    stand_in(search, demands, wishes, [frozenset()] * worker_count)

    assert len(_who(search)) == 4
    assert set(_who(search).values()) == {0}
    assert search.placements[0].days == tuple(_who(search))


def test_others_go_on_days_of_the_leave_alone_and_on_which_they_work() -> None:
    """Off in the second week: of two who may go one works on no day of it, and nobody goes on any other day."""
    leave = frozenset(range(7, 12))
    search, demands, wishes = _searched([2, 16, 23], worked=[_WORKDAYS - leave, _WORKDAYS - leave, _WORKDAYS])

    stand_in(search, demands, wishes, [leave, leave, frozenset()])

    assert [worker for _, worker in sorted(_who(search).items())] == [0, 2, 0, 0]
    assert next(day for day, worker in _who(search).items() if worker == 2) in leave


def test_what_is_neither_missed_nor_late_stays() -> None:
    """Days that keep the rule are left alone, though a leave has days on which another could go."""
    search, demands, wishes = _searched([1, 8, 16, 23], worked=[_WORKDAYS - {9, 10, 11}, _WORKDAYS])
    before = list(search.tours.routes)

    stand_in(search, demands, wishes, [frozenset({9, 10, 11}), frozenset()])

    assert search.tours.routes == before
