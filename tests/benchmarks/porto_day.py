"""Plans 200 real places of Porto for 12 workers: how soon there is a plan, how good it is, and whether it holds.

Run it as ``.venv/bin/python tests/benchmarks/porto_day.py --shared FOLDER [--sites 200] [--workers 12]
[--time-limit 10] [--seed 1]``; the folder has ``osm/porto-roads.osm.pbf`` and ``poi/porto-centre_poi.csv``.
"""

import argparse
import csv
import random
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.checker import check_plan, places_of, read_rows, travel_of
from support.program import Cells, write_csv

from geo_engine.customers.files import read_sites
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.planning.day import DayPlan, DayRequest, job_of, plan_day, shift_of
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.problem import build_problem
from geo_engine.planning.problem import places_of as planned_places
from geo_engine.planning.solver.nearest_neighbour import nearest_neighbour
from geo_engine.planning.solver.solve import Budget
from geo_engine.reports.model import PlanReport
from geo_engine.reports.paths import route_paths
from geo_engine.reports.plan_json import render_plan_json
from geo_engine.roads import RoadRouter
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import Settings
from geo_engine.workforce.files import read_workers

SERVICE_ON, ZONE = date(2026, 11, 23), ZoneInfo("Europe/Lisbon")
WINDOWS = ("09:00-11:00", "10:30-13:00", "14:00-17:00", "09:00-10:30;16:00-17:30")


def main() -> None:
    """Sample, plan, check, print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _sample(folder, arguments)
        graph = build_graph(arguments.shared / "osm" / "porto-roads.osm.pbf", cache_dir=Settings().cache_dir)
        with OsrmRouter(graph) as router:
            router.matrix([Position(-8.61, 41.15 + step / 1e4) for step in range(60)])  # the child opens the graph
            _measure(folder, router, arguments.time_limit)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="the folder of shared data")
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _sample(folder: Path, arguments: argparse.Namespace) -> None:
    chance = random.Random(arguments.seed)
    with (arguments.shared / "poi" / "porto-centre_poi.csv").open(encoding="utf-8", newline="") as file:
        places = chance.sample(list(csv.DictReader(file)), arguments.sites + arguments.workers)
    write_csv(folder / "sites.csv", [_site(chance, n, at) for n, at in enumerate(places[: arguments.sites])])
    write_csv(folder / "workers.csv", [_worker(n, at) for n, at in enumerate(places[arguments.sites :])])


def _site(chance: random.Random, number: int, place: dict[str, str]) -> Cells:
    return {
        "id": f"S{number:03d}",
        "name": place["name"],
        "lon": place["lon"],
        "lat": place["lat"],
        "service_min": chance.choice([10, 15, 20, 25]),
        "windows": chance.choice(WINDOWS) if chance.random() < 0.4 else "",
        "skills": chance.choice(["gas", "power"]) if chance.random() < 0.25 else "",
        "priority": chance.choice([0, 10, 50]),
    }


def _worker(number: int, place: dict[str, str]) -> Cells:
    return {
        "id": f"W{number:02d}",
        "start_lon": place["lon"],
        "start_lat": place["lat"],
        "shift": ("08:30-18:00", "09:00-18:30")[number % 2],
        "breaks": "60@11:30-13:30",
        "skills": ("gas", "power", "", "")[number % 4],
    }


def _measure(folder: Path, router: RoadRouter, time_limit_s: float) -> None:
    sites = read_sites(folder / "sites.csv", crs=Crs.WGS84, resolve=None)
    workers = read_workers(folder / "workers.csv", crs=Crs.WGS84, resolve=None)
    request = DayRequest(
        service_on=SERVICE_ON,
        zone=ZONE,
        sites=sites.sites,
        workers=workers.workers,
        budget=Budget(time_limit_s=time_limit_s),
    )
    baseline = _baseline(request, router)
    began = time.perf_counter()
    day = plan_day(request, router)
    seconds = time.perf_counter() - began
    placed = sum(len(route.planned_visits) for route in day.plan.routes)
    print(f"first plan {day.first_plan_s or float('nan'):8.2f} s after the matrix")
    print(f"cost       {day.plan.cost:8d}   after {time_limit_s:g} s")
    print(f"placed     {placed:8d}   and {len(day.plan.unassigned)} left out")
    print(f"travel     {day.plan.travel_s:8d} s {day.plan.travel_m:8d} m")
    ratio = day.plan.cost / baseline.cost
    print(f"           {ratio:8.3f}   of nearest neighbour's cost, the rest fitted in")
    print(f"           {day.plan.travel_s / baseline.travel_s:8.3f}   of its travel")
    print(f"saved      {day.saved.travel_m if day.saved else None} m")
    print(f"whole day  {seconds:8.2f} s")
    _check(folder, day, router)


def _baseline(request: DayRequest, router: RoadRouter) -> Evaluation:
    jobs = [job_of(site, request.service_on, request.zone) for site in request.sites]
    shifts = [shift_of(worker, request.service_on, request.zone) for worker in request.workers]
    places = planned_places(jobs, shifts)
    began = time.perf_counter()
    matrix = router.matrix(places)
    print(f"matrix     {time.perf_counter() - began:8.2f} s, {len(places)} × {len(places)}")
    problem = build_problem(jobs, shifts, matrix)
    began = time.perf_counter()
    greedy = nearest_neighbour(problem, range(len(jobs)))
    completed = complete(problem, greedy, range(len(jobs))).orders
    seconds = time.perf_counter() - began
    for told, orders in (("nearest neighbour", greedy), ("the rest fitted in", completed)):
        judged = evaluate(problem, named(problem, orders))
        placed = len(jobs) - len(judged.unassigned_ids)
        print(f"{told}: cost {judged.cost}, {placed} placed, {judged.travel_s} s of travel")
    print(f"           {seconds:8.2f} s")
    return judged


def _check(folder: Path, day: DayPlan, router: RoadRouter) -> None:
    report = PlanReport(day_plan=day, problems=(), geocodings={}, paths=route_paths(day, router))
    sites, workers = read_rows(folder / "sites.csv"), read_rows(folder / "workers.csv")
    travel = travel_of(router, places_of(sites, workers))
    violations = check_plan(render_plan_json(report), sites, workers, travel)
    print("\n".join([f"checker    {len(violations):8d}   violations", *violations]))


if __name__ == "__main__":
    main()
