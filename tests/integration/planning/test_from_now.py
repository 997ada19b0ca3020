"""What is left of a day is searched in processes of its own, from the plan that is followed."""

import pytest
from support.days_under_way import broken_promises, day_under_way

from geo_engine.planning.insertion import indexed
from geo_engine.planning.replan.from_now import Reach, plan_rest
from geo_engine.planning.replan.repair import is_better, judged, repair
from geo_engine.planning.replan.rest import continued
from geo_engine.planning.solver.solve import Budget


@pytest.mark.parametrize("reach", list(Reach))
@pytest.mark.parametrize("seed", [3, 12])
def test_a_search_is_never_worse_than_the_repair_and_changes_nothing_frozen(seed: int, reach: Reach) -> None:
    """Locks and what is under way hold through the solver's processes as well."""
    day = day_under_way(seed, job_count=14)
    repaired = judged(day.problem, repair(day.problem, indexed(day.problem, day.rest.orders)).orders)

    found = plan_rest(day.rest, day.problem, Budget(solution_limit=20), reach=reach)

    assert not is_better(repaired, found.evaluation)
    routes = continued(day.rest, day.problem, found.evaluation)
    assert broken_promises(day, routes, found.evaluation.violations) == []
