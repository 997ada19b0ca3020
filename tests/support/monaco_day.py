"""A hand-made day on the real places of the bundled extract."""

import math
from collections.abc import Sequence
from pathlib import Path

from geo_engine.basemap.model import Place
from geo_engine.basemap.places import read_places
from geo_engine.customers import Site
from geo_engine.planning.day import DayPlan
from geo_engine.roads import RoadRouter
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import Worker
from support.day_plans import HOSTILE_NAMES, day_plan, site, worker

EXTRACT = Path(__file__).parents[2] / "scripts" / "data" / "monaco.osm.pbf"
CHINESE_NAMES = ("王芳", "李建国", "Camille Rossi", "Luca Moretti", "张伟", "Sofia Novak", "赵敏", "Ana Duarte")
FORENOON = (ClockWindow(earliest_s=32400, latest_s=39600),)


def monaco_day(router: RoadRouter, *, worker_count: int = 8, visit_count: int = 96, hostile: bool = True) -> DayPlan:
    """Return a day in which each worker visits one sector of the town, nearest site first.

    With `hostile` the first five sites and the first worker have names that would run if they were not text.
    """
    places = read_places(EXTRACT)
    step = len(places) / (visit_count + 2)
    chosen = [places[int(i * step)] for i in range(visit_count + 2)]
    sites = [_site(i, place) for i, place in enumerate(chosen)]
    if hostile:
        sites[:5] = [
            site(i, at.position, name=name) for i, (at, name) in enumerate(zip(sites, HOSTILE_NAMES, strict=False))
        ]
    homes = [places[(17 * i + 5) % len(places)] for i in range(worker_count)]
    workers = [_worker(i, home) for i, home in enumerate(homes)]
    if hostile:
        workers[0] = worker(0, workers[0].start, name=f"王芳 {HOSTILE_NAMES[0]}")
    visited = sorted(sites[:visit_count], key=_bearing)
    share = math.ceil(visit_count / worker_count)
    given = [(who, _nearest_first(who, visited[i * share : (i + 1) * share])) for i, who in enumerate(workers)]
    return day_plan(given, left=sites[visit_count:], router=router)


def _site(number: int, place: Place) -> Site:
    windows = FORENOON if number % 4 == 0 else ()
    skills = frozenset({"冷链"}) if number % 5 == 0 else frozenset[str]()
    return site(number, place.position, name=place.name, address=place.address, windows=windows, skills=skills)


def _worker(number: int, home: Place) -> Worker:
    name = CHINESE_NAMES[number % len(CHINESE_NAMES)]
    return worker(number, home.position, name=name if number < len(CHINESE_NAMES) else f"{name} {number}")


def _bearing(at: Site) -> float:
    return math.atan2(at.position.lat - 43.738, at.position.lon - 7.424)


def _nearest_first(who: Worker, sites: Sequence[Site]) -> list[Site]:
    left, here, ordered = list(sites), who.start, []
    while left:
        following = min(left, key=lambda at: math.hypot(at.position.lon - here.lon, at.position.lat - here.lat))
        left.remove(following)
        ordered.append(following)
        here = following.position
    return ordered
