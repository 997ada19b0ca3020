"""How a worker drives a planned route: along the roads from its start, serving at each planned visit."""

from datetime import timedelta

import numpy as np

from geo_engine.errors import InvalidInput
from geo_engine.planning import Route
from geo_engine.roads import RoadRouter
from geo_engine.simulation.truth import Halt, Truth, live_day
from geo_engine.words import Message

AT_ENDS_S = 300.0
"""How long a worker is seen at the start before leaving, and at the end after arriving."""


def drive_route(route: Route, router: RoadRouter, *, generator: np.random.Generator) -> Truth:
    """Live a planned route: leave on time, serve as long as planned and no earlier, come to its end.

    What the plan has of waiting and breaks is spent at the next place. Traffic is worse than the router thinks, so that
    a worker without such time comes later and later.

    Raises
    ------
    InvalidInput
        When the route leads nowhere, or there is no road between two of its places.
    """
    halts = [
        Halt(service_s=AT_ENDS_S, site=route.start),
        *(
            Halt(
                service_s=(visit.end_at - visit.start_at).total_seconds(),
                begins_at=visit.start_at,
                site=visit.position,
            )
            for visit in route.planned_visits
        ),
    ]
    if route.end is not None:
        halts.append(Halt(service_s=AT_ENDS_S, site=route.end))
    if len(halts) < 2:
        raise InvalidInput(Message("The route of {worker} leads nowhere.", {"worker": route.worker_id}))
    path = router.path([halt.site for halt in halts if halt.site is not None])
    return live_day(path, halts, started_at=route.start_at - timedelta(seconds=AT_ENDS_S), generator=generator)
