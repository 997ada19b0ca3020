"""How long a worker stands before a door that is not open yet."""

from datetime import timedelta

from geo_engine.planning import PlannedVisit, Route


def waiting_s(visit: PlannedVisit, route: Route) -> int:
    """Return the seconds between arrival and start of a visit that its route does not spend on a break."""
    resting = sum(
        (
            max(timedelta(), min(rest.end_at, visit.start_at) - max(rest.start_at, visit.arrival_at))
            for rest in route.breaks
        ),
        timedelta(),
    )
    return round((visit.start_at - visit.arrival_at - resting).total_seconds())
