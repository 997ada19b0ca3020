"""Plans eight weeks of 600 real places of Porto for ten workers from visiting rules, beside what people do by hand.

Run it as ``.venv/bin/python tests/benchmarks/periods.py --shared FOLDER [--seed 1] [--search-limit 60]
[--route-limit 1] [--speeds 7-9:60,17-19:55]``; the folder has ``osm/porto-roads.osm.pbf`` and
``poi/porto-centre_poi.csv``. Exits 1 when a goal is missed: every rule kept, weeks within 10 %, days within 20 %, 300 s
in all.
"""

import argparse
import csv
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.period_checker import PeriodFacts, check_period, rows_of
from support.program import Cells, write_csv

from geo_engine.cli.speeds import read_speeds
from geo_engine.customers.files import read_sites
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.planning.day import DEFAULT_SNAP_LIMIT_M, build_day
from geo_engine.planning.periods.day_routes import day_request
from geo_engine.planning.periods.files import read_rules
from geo_engine.planning.periods.model import PeriodParams, PeriodPlan, PeriodRequest
from geo_engine.planning.periods.period import plan_period
from geo_engine.planning.periods.ways import usual_ways_s
from geo_engine.planning.problem import Problem
from geo_engine.reports.period_files import PeriodReport, day_evenness, week_evenness, write_period_files
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import Settings
from geo_engine.words import Language
from geo_engine.workforce.files import read_workers

FIRST_ON, WEEKS, ZONE = date(2026, 11, 30), 8, ZoneInfo("Europe/Lisbon")
LEVELS = {"A": (100, 1, 5, 9, (45, 60, 75)), "B": (200, 2, 10, 18, (30, 45, 60)), "C": (300, 4, 21, 35, (20, 30, 40))}
WORKERS, DAYS_A_WEEK = 10, 5
LIMIT_S, WEEK_BAND, DAY_BAND = 300.0, 0.10, 0.20


def main() -> None:
    """Sample, plan, check, print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _sample(folder, arguments)
        graph = build_graph(arguments.shared / "osm" / "porto-roads.osm.pbf", cache_dir=Settings().cache_dir)
        with OsrmRouter(graph) as router:
            router.matrix([Position(-8.61, 41.15 + step / 1e4) for step in range(60)])  # the child opens the graph
            sys.exit(not _measure(folder, router, arguments))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="the folder of shared data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--search-limit", type=float, default=PeriodParams().search_s)
    parser.add_argument("--round-limit", type=int)
    parser.add_argument("--route-limit", type=float, default=PeriodParams().route_limit_s)
    parser.add_argument("--speeds", action="append", default=[], help="how fast one gets on at each hour")
    return parser.parse_args()


def _sample(folder: Path, arguments: argparse.Namespace) -> None:
    chance = random.Random(arguments.seed)
    levels = [level for level, (count, *_) in LEVELS.items() for _ in range(count)]
    with (arguments.shared / "poi" / "porto-centre_poi.csv").open(encoding="utf-8", newline="") as file:
        places = chance.sample(list(csv.DictReader(file)), len(levels) + WORKERS)
    chance.shuffle(levels)
    write_csv(folder / "sites.csv", [_site(chance, n, *at) for n, at in enumerate(zip(places, levels, strict=False))])
    write_csv(folder / "workers.csv", [_worker(n, at) for n, at in enumerate(places[len(levels) :])])
    write_csv(
        folder / "rules.csv",
        [
            {"level": level, "visits": 1, "weeks": weeks, "min_days": least, "max_days": most, "weekdays": ""}
            for level, (_, weeks, least, most, _) in LEVELS.items()
        ],
    )


def _site(chance: random.Random, number: int, place: dict[str, str], level: str) -> Cells:
    minutes = chance.choice(LEVELS[level][-1])
    at = {"lon": place["lon"], "lat": place["lat"]}
    return {"id": f"S{number:03d}", "name": place["name"], **at, "service_min": minutes, "level": level}


def _worker(number: int, place: dict[str, str]) -> Cells:
    at = {"start_lon": place["lon"], "start_lat": place["lat"]}
    return {"id": f"W{number:02d}", **at, "shift": "08:30-18:00", "breaks": "60@11:30-13:30"}


def _measure(folder: Path, router: OsrmRouter, arguments: argparse.Namespace) -> bool:
    request = _request(folder, arguments)
    began_s, cpu_s = time.perf_counter(), _cpu_s()
    plan = plan_period(request, router)
    seconds, cpu_s = time.perf_counter() - began_s, _cpu_s() - cpu_s
    report = PeriodReport(request=request, plan=plan, problems=(), language=Language.EN)
    write_period_files(report, folder / "out")
    wrong = _check(folder)
    days, weeks = day_evenness(plan), week_evenness(request, plan)
    print(f"planned    {plan.visit_count:8d}   visits, {len(plan.missed)} missed, {len(plan.late)} late")
    print(f"checker    {len(wrong):8d}   rules broken")
    print("\n".join(wrong[:20]))
    print(f"took       {seconds:8.1f} s, {cpu_s:.1f} s of processors")
    print(f"{'':32}{'travel':>10}{'km':>10}{'worker-weeks':>20}{'worker-days':>20}")
    _print_row(
        "visiting rules planned", plan.travel_s, plan.travel_m, (weeks.least, weeks.most), (days.least, days.most)
    )
    _baselines(request, router, plan)
    even = max(-weeks.least, weeks.most) <= WEEK_BAND and max(-days.least, days.most) <= DAY_BAND
    return not wrong and not plan.missed and even and seconds <= LIMIT_S


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _print_row(
    name: str, travel_s: float, travel_m: float, weeks: tuple[float, float], days: tuple[float, float]
) -> None:
    spans = "".join(f"{f'{100 * low:+.0f}…{100 * high:+.0f} %':>20}" for low, high in (weeks, days))
    print(f"{name:32}{travel_s / 3600:8.1f} h{travel_m / 1000:10.0f}{spans}")


def _request(folder: Path, arguments: argparse.Namespace) -> PeriodRequest:
    sites = read_sites(folder / "sites.csv", crs=Crs.WGS84, resolve=None).sites
    workers = read_workers(folder / "workers.csv", crs=Crs.WGS84, resolve=None).workers
    rules = read_rules(
        folder / "rules.csv", worker_ids={worker.id for worker in workers}, site_ids={site.id for site in sites}
    )
    return PeriodRequest(
        first_on=FIRST_ON,
        week_count=WEEKS,
        zone=ZONE,
        sites=sites,
        workers=workers,
        rules=rules.rules,
        days_off={},
        snap_limit_m=DEFAULT_SNAP_LIMIT_M,
        speeds=read_speeds(arguments.speeds),
        params=PeriodParams(
            search_s=arguments.search_limit,
            round_limit=arguments.round_limit,
            route_limit_s=arguments.route_limit,
            seed=arguments.seed,
        ),
    )


def _check(folder: Path) -> list[str]:
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in ("sites.csv", "workers.csv", "rules.csv")}
    return check_period(
        PeriodFacts(
            sites=rows_of(texts["sites.csv"]),
            workers=rows_of(texts["workers.csv"]),
            rules=rows_of(texts["rules.csv"]),
            visits=rows_of((folder / "out" / "visits.csv").read_text(encoding="utf-8")),
            first=FIRST_ON,
            weeks=WEEKS,
            made={},
        )
    )


# What is done without a planner: each site to the worker who lives nearest, always on the same weekday, the weeks of
# what is due less often in turn. Shifts are not minded.


def _baselines(request: PeriodRequest, router: OsrmRouter, plan: PeriodPlan) -> None:
    problem, _ = build_day(day_request(request, FIRST_ON, request.sites), router)
    for name, is_even in (("same weekday, nearest worker", False), ("the same by sector, even work", True)):
        routes = _same_weekday(request, problem, is_even=is_even)
        legs = [_tour(problem, worker, sites) for (worker, _), sites in routes.items()]
        service_s = [sum(problem.jobs[site].service_s for site in sites) for sites in routes.values()]
        working_s = [leg[0] + own for leg, own in zip(legs, service_s, strict=True)] + [0] * (
            WORKERS * WEEKS * DAYS_A_WEEK - len(routes)
        )
        weeks_s = defaultdict[tuple[int, int], int](int)
        for (worker, on), own in zip(routes, working_s, strict=False):
            weeks_s[worker, on // 7] += own
        weekly = [*weeks_s.values(), *[0] * (WORKERS * WEEKS - len(weeks_s))]
        travel_s, travel_m = (sum(leg[part] for leg in legs) for part in (0, 1))
        _print_row(name, travel_s, travel_m, _spread(weekly), _spread(working_s))
        print(f"{'':32}{100 * (plan.travel_s / travel_s - 1):+8.1f} % is what the plan travels of it")


def _spread(loads: list[int]) -> tuple[float, float]:
    mean = sum(loads) / len(loads)
    return min(loads) / mean - 1, max(loads) / mean - 1


def _same_weekday(request: PeriodRequest, problem: Problem, *, is_even: bool) -> dict[tuple[int, int], list[int]]:
    own = _nearest_workers(request, problem, is_even=is_even)
    routes = defaultdict[tuple[int, int], list[int]](list)
    for worker, sites in own.items():
        home = request.workers[worker].start
        if is_even:
            sites.sort(key=lambda at: np.arctan2(*_offset(home, request.sites[at].position)))
        weights = [problem.jobs[site].service_s / LEVELS[request.sites[site].level][1] for site in sites]
        total, behind, loads = sum(weights), 0.0, [0.0] * DAYS_A_WEEK
        turns = defaultdict[tuple[int, int], int](int)
        for site, weight in zip(sites, weights, strict=True):
            weekday = min(int(DAYS_A_WEEK * behind / total), DAYS_A_WEEK - 1) if is_even else loads.index(min(loads))
            behind, loads[weekday] = behind + weight, loads[weekday] + weight
            every = LEVELS[request.sites[site].level][1]
            turn = turns[weekday, every] = (turns[weekday, every] + 1) % every
            for week in range(turn, WEEKS, every):
                routes[worker, 7 * week + weekday].append(site)
    return routes


def _nearest_workers(request: PeriodRequest, problem: Problem, *, is_even: bool) -> dict[int, list[int]]:
    """Return each worker's sites: those nearest to home, or the nearest of those who have not their share yet."""
    ways_s = problem.travel_s(0)[list(problem.start_places)][:, : len(request.sites)]
    weights = [job.service_s / LEVELS[site.level][1] for job, site in zip(problem.jobs, request.sites, strict=True)]
    share, loads = sum(weights) / WORKERS if is_even else float("inf"), [0.0] * WORKERS
    own = defaultdict[int, list[int]](list)
    for site in ways_s.min(axis=0).argsort(kind="stable").tolist():
        nearest = ways_s[:, site].argsort(kind="stable").tolist()
        worker = next((one for one in nearest if loads[one] + weights[site] <= share), int(np.argmin(loads)))
        loads[worker] += weights[site]
        own[worker].append(site)
    return own


def _offset(home: Position, at: Position) -> tuple[float, float]:
    return at.lat - home.lat, (at.lon - home.lon) * float(np.cos(np.radians(home.lat)))


def _tour(problem: Problem, worker: int, sites: list[int]) -> tuple[int, int]:
    """Return seconds and metres of a round by cheapest insertion, then moving single sites while that helps."""
    (ways_s,) = usual_ways_s(problem)
    start, end = problem.start_places[worker], problem.end_places[worker]
    assert end is not None
    order: list[int] = []
    for site in sites:
        order = _inserted(ways_s, start, end, order, site)
    improved = True
    while improved:
        improved = False
        for site in list(order):
            moved = _inserted(ways_s, start, end, [other for other in order if other != site], site)
            if _length(ways_s, start, end, moved) < _length(ways_s, start, end, order):
                order, improved = moved, True
    return _length(ways_s, start, end, order), _length(problem.travel_m(worker), start, end, order)


def _inserted(ways: np.ndarray, start: int, end: int, order: list[int], site: int) -> list[int]:
    places = [start, *order, end]
    added = [ways[a, site] + ways[site, b] - ways[a, b] for a, b in pairwise(places)]
    position = int(np.argmin(added))
    return [*order[:position], site, *order[position:]]


def _length(ways: np.ndarray, start: int, end: int, order: list[int]) -> int:
    places = [start, *order, end]
    return int(sum(ways[a, b] for a, b in pairwise(places)))


if __name__ == "__main__":
    main()
