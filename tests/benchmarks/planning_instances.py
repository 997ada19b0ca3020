"""The instances that planning is measured on: Solomon's and Homberger's from files, days and road problems of Porto.

What is made of Porto's places is a pure function of a seed, the places and the roads. `planning_frozen.json` holds the
seeds and a digest of what each of them made, written down before anything was tuned; what differs from it is refused.
Run ``python planning_instances.py --shared FOLDER --freeze`` to write that file anew.
"""

import argparse
import csv
import json
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.plain_days import Crew, PlainDay, Stop

from geo_engine.geometry import Position
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings

FROZEN = Path(__file__).with_name("planning_frozen.json")
SOLOMON = ("C104", "C204", "R101", "R112", "R202", "R208", "RC108", "RC204")
HOMBERGER = ("c1_2_3", "c2_2_4", "r1_2_3", "r2_2_3", "rc1_2_4", "rc2_2_2")
_TENTHS = 10
_HOUR_S = 3600
_SERVICES_S = (900, 1_200, 1_800, 2_700, 3_600)
_HALF_SERVICES_S = (450, 600, 900, 1_350, 1_800)
_SKILLS = ("gas", "power", "water", "lifts")
# Where workers live: the towns around the centre, west to east and south to north.
_HOMES = (-8.66, 41.11, -8.55, 41.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadProblem:
    """A vehicle routing problem with time windows among Porto's places, one depot, all stops due.

    Parameters
    ----------
    windowed_share
        Of the stops, how many have a window; it is one to three hours wide.
    """

    name: str
    seed: int
    stop_count: int
    crew_count: int
    capacity: int
    windowed_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDay:
    """A day of field service among Porto's places: homes, shifts, lunch, skills, windows, priorities."""

    name: str
    seed: int
    stop_count: int
    crew_count: int


ROAD_PROBLEMS = (
    RoadProblem(name="porto-213", seed=71, stop_count=213, crew_count=22, capacity=100, windowed_share=0.9),
    RoadProblem(name="porto-320", seed=72, stop_count=320, crew_count=14, capacity=400, windowed_share=0.5),
    RoadProblem(name="porto-460", seed=73, stop_count=460, crew_count=30, capacity=150, windowed_share=0.7),
)
THOUSAND = RoadProblem(name="porto-1000", seed=74, stop_count=1_000, crew_count=70, capacity=120, windowed_share=0.6)
FIELD_DAYS = (
    FieldDay(name="100 × 8", seed=81, stop_count=100, crew_count=8),
    FieldDay(name="100 × 10", seed=81, stop_count=100, crew_count=10),
    FieldDay(name="300 × 26", seed=82, stop_count=300, crew_count=26),
    FieldDay(name="300 × 30", seed=82, stop_count=300, crew_count=30),
    FieldDay(name="1,000 × 95", seed=83, stop_count=1_000, crew_count=95),
)
_DAY_SIZES = ((30, 3), (50, 4), (80, 7), (100, 8), (150, 13), (200, 16))
SIXTY_DAYS = tuple(
    FieldDay(name=f"day {number:02d}", seed=9_001 + number, stop_count=stops, crew_count=crews)
    for number in range(60)
    for stops, crews in (_DAY_SIZES[number % len(_DAY_SIZES)],)
)


def read_solomon(path: Path) -> PlainDay:
    """Return an instance of Solomon's or Homberger's; a second stands for a tenth of its unit, distances truncated."""
    rows = [[int(word) for word in line.split()] for line in path.read_text().splitlines() if line[:1] == " "]
    (vehicle_count, capacity), *customers = [row for row in rows if row]
    depot, stops = customers[0], customers[1:]
    points = np.array([row[1:3] for row in (*stops, depot)], dtype=np.float64)
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    span_s = (_TENTHS * depot[4], _TENTHS * depot[5])
    return PlainDay(
        name=path.stem,
        # A unit is a thousandth of a degree, so that whoever looks at positions sees who is near.
        lon_lats=tuple((x / 1_000, y / 1_000) for x, y in points.tolist()),
        durations_s=np.floor(_TENTHS * apart + 1e-9).astype(np.int64),
        stops=tuple(
            Stop(service_s=_TENTHS * row[6], windows=((_TENTHS * row[4], _TENTHS * row[5]),), amount=row[3])
            for row in stops
        ),
        crews=(Crew(start=len(stops), span_s=span_s, capacity=capacity),) * vehicle_count,
        is_all_due=True,
    )


class Porto:
    """The places and roads of Porto."""

    def __init__(self, shared: Path) -> None:
        with (shared / "poi" / "porto-centre_poi.csv").open(encoding="utf-8", newline="") as file:
            self._places = sorted({(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)})
        graph = build_graph(shared / "osm" / "porto-roads.osm.pbf", cache_dir=read_settings().cache_dir)
        self._router = OsrmRouter(graph)
        self._frozen: dict[str, str] = json.loads(FROZEN.read_text()) if FROZEN.exists() else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._router.close()

    def made(self, spec: RoadProblem | FieldDay) -> PlainDay:
        """Return what a seed makes, as it was frozen.

        Raises
        ------
        SystemExit
            When the places, the roads or this program make something else.
        """
        day = self.make(spec)
        if self._frozen.get(spec.name) != frozen_line(spec, day):
            raise SystemExit(f"{spec.name} is not what was frozen: other data, roads or rules")
        return day

    def make(self, spec: RoadProblem | FieldDay) -> PlainDay:
        """Return what a seed makes."""
        return self._road_problem(spec) if isinstance(spec, RoadProblem) else self._field_day(spec)

    def lon_lats(self, chance: random.Random, count: int) -> list[tuple[float, float]]:
        """Return places, none twice while there are others."""
        return chance.sample(self._places, count)

    def _durations_s(self, lon_lats: Sequence[tuple[float, float]]) -> np.ndarray:
        durations_s = self._router.matrix([Position(lon, lat) for lon, lat in lon_lats]).durations_s
        if np.isnan(durations_s).any():
            raise SystemExit("a place has no path to another")
        return np.ceil(durations_s).astype(np.int64)

    def _road_problem(self, spec: RoadProblem) -> PlainDay:
        chance = random.Random(spec.seed)
        lon_lats = self.lon_lats(chance, spec.stop_count + 1)
        span_s = (0, 10 * _HOUR_S)
        return PlainDay(
            name=spec.name,
            lon_lats=tuple(lon_lats),
            durations_s=self._durations_s(lon_lats),
            stops=tuple(_due_stop(chance, spec) for _ in range(spec.stop_count)),
            crews=(Crew(start=spec.stop_count, span_s=span_s, capacity=spec.capacity),) * spec.crew_count,
            is_all_due=True,
        )

    def _field_day(self, spec: FieldDay) -> PlainDay:
        chance = random.Random(spec.seed)
        lon_lats = self.lon_lats(chance, spec.stop_count)
        stops = tuple(_field_stop(chance) for _ in range(spec.stop_count))
        crews = tuple(_field_crew(chance, spec.stop_count, number) for number in range(spec.crew_count))
        west, south, east, north = _HOMES
        homes = [
            (round(chance.uniform(west, east), 6), round(chance.uniform(south, north), 6))
            for _ in range(spec.crew_count)
        ]
        return PlainDay(
            name=spec.name,
            lon_lats=(*lon_lats, *homes),
            durations_s=self._durations_s([*lon_lats, *homes]),
            stops=stops,
            crews=crews,
            is_all_due=False,
        )


def five_thousand(shared: Path) -> PlainDay:
    """Return 5,000 stops × 250 crews: Porto's places, jittered where they repeat, and straight lines × 1.4 at 8 m/s."""
    chance = random.Random(5_000)
    with (shared / "poi" / "porto-centre_poi.csv").open(encoding="utf-8", newline="") as file:
        known = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]
    lon_lats = [_near(chance, known[number % len(known)]) for number in range(5_000)]
    # Twenty visits a crew: half as long as on the other days.
    stops = tuple(_field_stop(chance, _HALF_SERVICES_S) for _ in range(5_000))
    crews = tuple(_field_crew(chance, 5_000, number) for number in range(250))
    lon_lats += [(chance.uniform(_HOMES[0], _HOMES[2]), chance.uniform(_HOMES[1], _HOMES[3])) for _ in crews]
    points_m = np.array(lon_lats) * (111_320 * math.cos(math.radians(41.15)), 111_320)
    durations_s = np.empty((len(points_m), len(points_m)), dtype=np.int64)
    for row, point_m in enumerate(points_m):
        durations_s[row] = np.ceil(1.4 / 8 * np.hypot(*(points_m - point_m).T))
    return PlainDay(
        name="5,000 × 250",
        lon_lats=tuple(lon_lats),
        durations_s=durations_s,
        stops=stops,
        crews=crews,
        is_all_due=False,
    )


def _near(chance: random.Random, lon_lat: tuple[float, float]) -> tuple[float, float]:
    return lon_lat[0] + chance.uniform(-1e-3, 1e-3), lon_lat[1] + chance.uniform(-1e-3, 1e-3)


def _due_stop(chance: random.Random, spec: RoadProblem) -> Stop:
    wide_s = chance.randrange(1, 4) * _HOUR_S
    opens_s = 300 * chance.randrange(12, (9 * _HOUR_S - wide_s) // 300)
    is_windowed = chance.random() < spec.windowed_share
    return Stop(
        service_s=chance.choice([300, 600, 900, 1_200]),
        windows=((opens_s, opens_s + wide_s),) if is_windowed else (),
        amount=chance.randrange(1, 11),
    )


def _field_stop(chance: random.Random, services_s: Sequence[int] = _SERVICES_S) -> Stop:
    morning_s = 900 * chance.randrange(32, 44)
    afternoon_s = 900 * chance.randrange(48, 62)
    first = (morning_s, morning_s + chance.choice([3_600, 7_200]))
    second = (afternoon_s, afternoon_s + chance.choice([3_600, 7_200]))
    windows = chance.choices([(), (first,), (second,), (first, second)], [35, 22, 23, 20])[0]
    if len(windows) == 2 and first[1] >= second[0]:
        windows = (first,)
    return Stop(
        service_s=chance.choices(services_s, [1, 2, 3, 3, 2])[0],
        windows=windows,
        skills=(chance.choice(_SKILLS),) if chance.random() < 0.3 else (),
        priority=chance.choice([0, 0, 0, 9, 9, 29, 59, 99]),
    )


def _field_crew(chance: random.Random, stop_count: int, number: int) -> Crew:
    starts_s = 1_800 * chance.randrange(15, 19)
    own = {_SKILLS[number % len(_SKILLS)], *chance.sample(_SKILLS, chance.randrange(0, 3))}
    return Crew(
        start=stop_count + number,
        span_s=(starts_s, starts_s + chance.choice([8, 9]) * _HOUR_S),
        # Every shift holds the window and the break, so that it means the same to all who plan.
        rest=(2_700, 41_400, 48_600),
        skills=tuple(sorted(own)),
    )


def frozen_line(spec: RoadProblem | FieldDay, day: PlainDay) -> str:
    """Return what is written down of an instance: seed, size and digest."""
    return f"seed {spec.seed}, {spec.stop_count} × {spec.crew_count}, {day.digest()}"


def main() -> None:
    """Compare what the seeds make with what was frozen, or write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--freeze", action="store_true")
    chosen = parser.parse_args()
    specs = (*ROAD_PROBLEMS, THOUSAND, *FIELD_DAYS, *SIXTY_DAYS)
    with Porto(chosen.shared) as porto:
        if chosen.freeze:
            lines = {spec.name: frozen_line(spec, porto.make(spec)) for spec in specs}
            FROZEN.write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n")
        else:
            for spec in specs:
                porto.made(spec)
    print(f"{len(specs)} instances are as frozen")


if __name__ == "__main__":
    main()
