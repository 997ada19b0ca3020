"""What the workers of a simulated fleet do: the routes they were given, or random days on the roads of an extract."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from geo_engine.cli.screen import say, step_teller
from geo_engine.cli.tenants import now, open_tenant
from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId
from geo_engine.planning import Route
from geo_engine.planning import service as planning
from geo_engine.roads.build import build_graph
from geo_engine.roads.opening import chosen_graph, open_roads
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.service import get_choice
from geo_engine.settings import read_settings
from geo_engine.simulation.conduct import Conduct, conducts_of, route_as_gone, route_moved_by
from geo_engine.simulation.corpus import area_of, random_day
from geo_engine.simulation.days import worker_seed
from geo_engine.simulation.routes import AT_ENDS_S, drive_route
from geo_engine.simulation.truth import Truth, moved_by
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.model import to_moment
from geo_engine.words import Language, Message

_NOT_AT_ONCE_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysRequest:
    """Whose days are simulated, and when they begin.

    Parameters
    ----------
    start_at
        When the first of the workers begins; as planned, or for random days now, unless given.
    seed
        The same gives the same days.
    has_odd_ones
        Whether some of those who drive a plan go about it otherwise than planned, see `Conduct`.
    """

    worker_ids: Sequence[WorkerId]
    start_at: datetime | None
    seed: int
    language: Language
    has_odd_ones: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LivedDay:
    """A worker's day as it was lived, and the route it was lived by, if any, moved as the day was."""

    worker_id: WorkerId
    truth: Truth
    route: Route | None = None
    conduct: Conduct = Conduct.AS_PLANNED


def planned_days(request: DaysRequest, code: str, service_on: date) -> Iterator[LivedDay]:
    """Yield the days of those workers who were given a route, who begin as far apart as planned.

    Raises
    ------
    InvalidInput
        When none of the workers was given one.
    """
    with open_tenant(code) as tenant:
        with tenant.transaction() as session:
            published = set(planning.list_published_workers(session, service_on, by=OPERATOR))
            routes = [
                planning.get_worker_day(session, worker_id, service_on, by=OPERATOR).route
                for worker_id in request.worker_ids
                if worker_id in published
            ]
            choice = get_choice(session)
        for worker_id in request.worker_ids:
            if worker_id not in published:
                facts = {"worker": worker_id, "date": service_on.isoformat()}
                say(Message("{worker} has no route of {date} and stays at home.", facts).render(request.language))
        if not routes:
            raise InvalidInput(Message("No device is of a worker with a route of {date}.", {"date": service_on}))
        with open_roads(chosen_graph(choice, cache_dir=tenant.settings.cache_dir)) as roads:
            later = _later(routes, request.start_at)
            usual = (Conduct.AS_PLANNED,) * len(routes)
            for route, conduct in zip(routes, conducts_of(routes) if request.has_odd_ones else usual, strict=True):
                generator = np.random.default_rng(worker_seed(route.worker_id, request.seed))
                truth = drive_route(route_as_gone(route, conduct), roads.router, generator=generator)
                yield LivedDay(
                    worker_id=route.worker_id,
                    truth=moved_by(truth, later),
                    route=route_moved_by(route, later),
                    conduct=conduct,
                )


def random_days(request: DaysRequest, extract: Path) -> Iterator[LivedDay]:
    """Yield random days on the roads of an extract, whose workers begin within ten minutes."""
    graph = build_graph(extract, cache_dir=read_settings().cache_dir, on_progress=step_teller(request.language))
    area, start_at = area_of(extract), request.start_at or now()
    with OsrmRouter(graph) as router:
        for worker_id in request.worker_ids:
            seed = worker_seed(worker_id, request.seed)
            truth = random_day(router, area, seed=seed)
            late = timedelta(seconds=round(float(np.random.default_rng(seed).uniform(0.0, _NOT_AT_ONCE_S))))
            moved = moved_by(truth, start_at + late - to_moment(int(truth.times_us[0])))
            yield LivedDay(worker_id=worker_id, truth=moved)


def _later(routes: Sequence[Route], start_at: datetime | None) -> timedelta:
    first_at = min(route.start_at for route in routes) - timedelta(seconds=AT_ENDS_S)
    return timedelta(0) if start_at is None else start_at - first_at
