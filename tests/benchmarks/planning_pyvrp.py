"""What PyVRP makes of a plain day."""

import pyvrp
from support.plain_days import PlainDay


def solve(day: PlainDay, limit_s: float, seed: int, cores: int) -> list[tuple[int, list[int]]]:
    """Return PyVRP's best: one depot, crews alike, all stops due, at most one window each."""
    depot, crew = day.crews[0].start, day.crews[0]
    assert all(one == crew for one in day.crews)
    assert cores == 1, "it searches on one core; more seeds are more processes"
    clients = []
    for place, stop in enumerate(day.stops):
        earliest_s, latest_s = stop.windows[0] if stop.windows else crew.span_s
        clients.append(
            pyvrp.Client(
                place,
                delivery=[stop.amount],
                service_duration=stop.service_s,
                tw_early=earliest_s,
                tw_late=latest_s,
            )
        )
    kind = pyvrp.VehicleType(
        len(day.crews),
        capacity=[crew.capacity],
        tw_early=crew.span_s[0],
        tw_late=crew.span_s[1],
    )
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(round(1e6 * lon), round(1e6 * lat)) for lon, lat in day.lon_lats],
        clients=clients,
        depots=[pyvrp.Depot(depot)],
        vehicle_types=[kind],
        distance_matrices=[day.durations_s],
        duration_matrices=[day.durations_s],
    )
    result = pyvrp.solve(data, stop=pyvrp.stop.MaxRuntime(limit_s), seed=seed, collect_stats=False)
    if not result.is_feasible():
        return []
    routes = result.best.routes()
    return [(number, [one.idx for one in route if one.is_client()]) for number, route in enumerate(routes)]
