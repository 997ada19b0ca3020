"""A believable day's work on any extract: real places as customers, workers with homes, shifts and skills."""

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.basemap.business import business_of, short_opening
from geo_engine.basemap.extract import Feature, Form, read_features
from geo_engine.basemap.model import Place
from geo_engine.basemap.places import inner_position, read_places
from geo_engine.customers import Site
from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.plane import LocalPlane, plane_around
from geo_engine.ids import SiteId, WorkerId
from geo_engine.timespan import ClockWindow, parse_clock_window, window_text
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message
from geo_engine.workforce import BreakRule, Worker

DEFAULT_SITE_COUNT = 130
DEFAULT_WORKER_COUNT = 8
DEFAULT_SEED = 1

_DRIVABLE = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
                       "living_street", "road"})  # fmt: skip
_CLOSED = frozenset({"no", "private", "permit", "destination;no"})
_HOMES = frozenset({"apartments", "residential", "house", "detached", "terrace", "semidetached_house", "dormitory"})
_ROAD_REACH_M = 200.0
_HOME_REACH_M = 100.0
_CELL_M = 250.0
_SAME_PLACE_M = 150.0
_WINDOW_SHARE = 0.5
_SKILL_SHARES = {"cold_chain": 0.13, "medical": 0.1, "pos": 0.1, "install": 0.08}
_SCARCE_SKILLS = ("cold_chain", "medical", "pos")
_SCARCE_SHARE = 0.25
_HOLDER_COUNT = 3
_SHIFTS = ("08:00-17:30", "07:30-17:00", "08:30-18:00", "08:00-18:00", "09:00-18:30", "08:30-18:00", "09:00-19:00")
_LUNCH = parse_clock_window("11:30-13:30")
_WESTERN_NAMES = ("Camille Rossi", "Luc Moreau", "Li Na", "Sofia Almeida", "Hugo Martin", "Inês Carvalho",
                  "Nadia Benali", "Marco Ferrari", "Paul Lefèvre", "Wang Wei", "Clara Costa", "Emma Dubois",
                  )  # fmt: skip
_CHINESE_NAMES = ("王伟", "李娜", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周杰", "吴婷", "徐强", "孙悦")
_CHINA = (73.0, 18.0, 135.0, 54.0)
_SITE_COLUMNS = ("id", "name", "lon", "lat", "address", "service_min", "windows", "skills", "priority", "penalty",
                 "required", "worker", "level")  # fmt: skip
_LEVELS = ("C", "A", "B", "B", "C", "C")
_WORKER_COLUMNS = ("id", "name", "start_lon", "start_lat", "end_lon", "end_lat", "shift", "breaks", "skills",
                   "max_visits", "capacity", "mode")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roads:
    """The public roads of an extract that hang together, in metres of the plane."""

    tree: shapely.STRtree
    plane: LocalPlane

    def reach(self, positions: Sequence[Position], within_m: float) -> list[bool]:
        """Return for each position whether such a road passes within some metres."""
        points = np.array([self.plane.point(position) for position in positions], dtype=object)
        near, _ = self.tree.query(points, predicate="dwithin", distance=within_m)
        reached = set(near.tolist())
        return [at in reached for at in range(len(points))]


def sample_sites(extract: Path, *, count: int = DEFAULT_SITE_COUNT, seed: int = DEFAULT_SEED) -> tuple[Site, ...]:
    """Return real named places of an extract as customers, spread over its roads; fewer when there are fewer.

    Half of them can be served only in windows of at most three hours (from ``opening_hours`` where simple,
    else usual for the kind), a quarter or more need a skill that at most three of `sample_workers` hold.

    Raises
    ------
    InvalidInput
        When the extract cannot be read or no place in it can be reached by car.

    Notes
    -----
    A place is reachable when a public road of the largest connected network passes within 200 m. The
    same extract, count and seed give the same sites.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    roads = _read_roads(extract)
    places = _distinct([place for place in read_places(extract) if place.kind != "amenity=parking"], roads.plane)
    reached = roads.reach([place.position for place in places], _ROAD_REACH_M)
    chosen = _spread([place for place, is_near in zip(places, reached, strict=True) if is_near], count, roads, rng)
    if not chosen:
        raise InvalidInput(
            Message("{file} has no named place within {metres} m of a road.", {"file": extract.name, "metres": 200})
        )
    windows, skills = _windows(chosen, rng), _skills(chosen, rng)
    return tuple(
        Site(
            id=SiteId(f"S{number:03d}"),
            name=place.name,
            position=_rounded(place.position),
            address=place.address,
            service_s=60 * rng.choice(business_of(place.kind).service_min),
            windows=windows[number - 1],
            skills=frozenset(filter(None, [skills[number - 1]])),
            priority=rng.choice((0, 0, 0, 0, 10, 10, 30, 60)),
            level=_LEVELS[number % len(_LEVELS)],
        )
        for number, place in enumerate(chosen, start=1)
    )


def sample_workers(extract: Path, *, count: int = DEFAULT_WORKER_COUNT, seed: int = DEFAULT_SEED) -> tuple[Worker, ...]:
    """Return workers who live at real addresses or in residential buildings of an extract, far from each other.

    Raises
    ------
    InvalidInput
        When the extract cannot be read or has no building or address near a road.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    roads = _read_roads(extract)
    homes = _far_apart(_read_homes(extract, roads, 2 * count), count, roads.plane, rng)
    if not homes:
        raise InvalidInput(Message("{file} has no building or address near a road.", {"file": extract.name}))
    west, south, east, north = _CHINA
    in_china = west <= homes[0].lon <= east and south <= homes[0].lat <= north
    names = _CHINESE_NAMES if in_china else _WESTERN_NAMES
    return tuple(_worker(at, names, _rounded(homes[at % len(homes)]), count) for at in range(count))


def write_sample(
    extract: Path,
    folder: Path,
    *,
    site_count: int = DEFAULT_SITE_COUNT,
    worker_count: int = DEFAULT_WORKER_COUNT,
    seed: int = DEFAULT_SEED,
    later_by_s: Callable[[Position], int] = lambda _: 0,
    modes: Sequence[TravelMode] = (TravelMode.CAR,),
) -> tuple[Path, Path]:
    """Write ``sites.csv`` and ``workers.csv`` of a sample into a folder, made if missing, and return their paths.

    Parameters
    ----------
    modes
        How the workers travel, one after the other and again from the first.
    later_by_s
        By how much all clock times are later than usual, given where the first worker lives; earlier when below 0,
        but none than midnight.

    Raises
    ------
    InvalidInput
        When the extract cannot be read or has nobody to visit.
    """
    sites = sample_sites(extract, count=site_count, seed=seed)
    workers = sample_workers(extract, count=worker_count, seed=seed)
    by_s = later_by_s(workers[0].start)
    sites, workers = tuple(_later_site(one, by_s) for one in sites), tuple(_later(one, by_s) for one in workers)
    folder.mkdir(parents=True, exist_ok=True)
    return (
        _write_rows(folder / "sites.csv", _SITE_COLUMNS, map(_site_row, sites)),
        _write_rows(folder / "workers.csv", _WORKER_COLUMNS, map(_worker_row, _travelling(workers, modes))),
    )


def _travelling(workers: Iterable[Worker], modes: Sequence[TravelMode]) -> list[Worker]:
    return [replace(worker, mode=modes[number % len(modes)]) for number, worker in enumerate(workers)]


def _later_site(site: Site, by_s: int) -> Site:
    return replace(site, windows=tuple(_later_window(window, by_s) for window in site.windows))


def _later(worker: Worker, by_s: int) -> Worker:
    breaks = tuple(replace(rule, window=_later_window(rule.window, by_s)) for rule in worker.breaks)
    return replace(worker, shift=_later_window(worker.shift, by_s), breaks=breaks)


def _later_window(window: ClockWindow, by_s: int) -> ClockWindow:
    return ClockWindow(earliest_s=max(0, window.earliest_s + by_s), latest_s=max(0, window.latest_s + by_s))


def _read_roads(extract: Path) -> _Roads:
    ways = [
        feature for feature in read_features(extract, keys=("highway",), with_members=True) if _is_public_road(feature)
    ]
    shapes = shapely.from_wkb(np.array([way.wkb for way in ways], dtype=object))
    plane = plane_around(shapes)
    lines = plane.to_plane(shapes)
    return _Roads(tree=shapely.STRtree(lines[_largest_network(ways, shapely.length(lines))]), plane=plane)


def _is_public_road(feature: Feature) -> bool:
    tags = feature.tags
    return (
        feature.form is Form.WAY
        and tags.get("highway", "").removesuffix("_link") in _DRIVABLE
        and not {tags.get("access"), tags.get("motor_vehicle"), tags.get("motorcar")} & _CLOSED
    )


def _largest_network(ways: Sequence[Feature], lengths_m: NDArray[np.float64]) -> list[int]:
    """Return the indices of the ways in the longest connected network."""
    ways_at: dict[str, list[int]] = defaultdict(list)
    for at, way in enumerate(ways):
        for node in way.members:
            ways_at[node].append(at)
    left, best, best_m = set(range(len(ways))), list[int](), -1.0
    while left:
        network, edge = [], [left.pop()]
        while edge:
            at = edge.pop()
            network.append(at)
            fresh = {other for node in ways[at].members for other in ways_at[node]} & left
            left -= fresh
            edge.extend(fresh)
        length_m = float(lengths_m[network].sum())
        if length_m > best_m:
            best, best_m = network, length_m
    return sorted(best)


def _distinct(places: Sequence[Place], plane: LocalPlane) -> list[Place]:
    """Return the places without those that repeat a name close by."""
    kept: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        twins = kept[place.name.casefold()]
        if all(plane.distance_m(place.position, twin.position) > _SAME_PLACE_M for twin in twins):
            twins.append(place)
    return [place for twins in kept.values() for place in twins]


def _spread(places: Sequence[Place], count: int, roads: _Roads, rng: random.Random) -> list[Place]:
    """Return up to `count` places, drawn in turn from cells of 250 m so that no quarter has them all."""
    cells: dict[tuple[int, int], list[Place]] = defaultdict(list)
    for place in places:
        spot = roads.plane.point(place.position)
        cells[int(spot.x // _CELL_M), int(spot.y // _CELL_M)].append(place)
    stacks = [rng.sample(cells[key], len(cells[key])) for key in sorted(cells)]
    rng.shuffle(stacks)
    chosen: list[Place] = []
    while stacks and len(chosen) < count:
        chosen.extend(stack.pop() for stack in stacks)
        stacks = [stack for stack in stacks if stack]
    return chosen[:count]


def _windows(places: Sequence[Place], rng: random.Random) -> list[tuple[ClockWindow, ...]]:
    order = rng.sample(range(len(places)), len(places))
    windows = [short_opening(place.tags) for place in places]
    missing = round(_WINDOW_SHARE * len(places)) - sum(map(bool, windows))
    for at in [at for at in order if not windows[at]][: max(0, missing)]:
        text = rng.choice(business_of(places[at].kind).windows)
        windows[at] = tuple(parse_clock_window(part) for part in text.split(";"))
    return windows


def _skills(places: Sequence[Place], rng: random.Random) -> list[str]:
    """Return the skill each place needs, mostly none: enough for scarce skills to matter, few enough to be done."""
    left = {skill: int(share * len(places)) for skill, share in _SKILL_SHARES.items()}
    skills = [""] * len(places)
    order = rng.sample(range(len(places)), len(places))
    for at in order:
        skill = business_of(places[at].kind).skill
        if left[skill]:
            left[skill] -= 1
            skills[at] = skill
    scarce = sum(skill in _SCARCE_SKILLS for skill in skills)
    for at in [at for at in order if not skills[at]][: max(0, round(_SCARCE_SHARE * len(places)) - scarce)]:
        skills[at] = "pos"  # a card terminal stands anywhere
    return skills


def _read_homes(extract: Path, roads: _Roads, least_count: int) -> list[Position]:
    """Return addresses near a road, residential buildings too if these are few, any building if there are none."""
    homes = _near_road(read_features(extract, keys=("addr:housenumber",)), roads)
    if len(homes) >= least_count:
        return homes
    buildings = [feature for feature in read_features(extract, keys=("building",)) if feature.form is Form.AREA]
    homes += _near_road((house for house in buildings if house.tags["building"] in _HOMES), roads)
    return homes or _near_road(buildings, roads)


def _near_road(features: Iterable[Feature], roads: _Roads) -> list[Position]:
    positions = [inner_position(feature) for feature in features if feature.form in (Form.NODE, Form.AREA)]
    reached = roads.reach(positions, _HOME_REACH_M)
    return [position for position, is_near in zip(positions, reached, strict=True) if is_near]


def _far_apart(homes: Sequence[Position], count: int, plane: LocalPlane, rng: random.Random) -> list[Position]:
    """Return up to `count` of some random homes, each the farthest from those already chosen."""
    pool = rng.sample(homes, min(len(homes), 5 * count))
    chosen = pool[:1]
    while len(chosen) < min(count, len(pool)):
        chosen.append(max(pool, key=lambda home: min(plane.distance_m(home, other) for other in chosen)))
    return chosen


def _worker(at: int, names: Sequence[str], home: Position, count: int) -> Worker:
    lunch_min = 45 if at % 4 == 3 else 60
    turn = f" {at // len(names) + 1}" if at >= len(names) else ""
    return Worker(
        id=WorkerId(f"W{at + 1:02d}"),
        name=names[at % len(names)] + turn,
        start=home,
        end=home,
        shift=parse_clock_window(_SHIFTS[at % len(_SHIFTS)]),
        breaks=(BreakRule(duration_s=lunch_min * 60, window=_LUNCH),),
        skills=_held_skills(at, count),
    )


def _held_skills(at: int, count: int) -> frozenset[str]:
    """Return a worker's skills: each scarce one is held by at most three, `install` by every other worker."""
    step = _HOLDER_COUNT if count >= 8 else 1
    holders = {
        skill: {(number + step * turn) % count for turn in range(_HOLDER_COUNT)}
        for number, skill in enumerate(_SCARCE_SKILLS)
    }
    skills = {skill for skill, workers in holders.items() if at in workers}
    if at % 2 or not skills:
        skills.add("install")
    return frozenset(skills)


def _rounded(position: Position) -> Position:
    return Position(round(position.lon, 6), round(position.lat, 6))


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _site_row(site: Site) -> tuple[object, ...]:
    windows = ";".join(window_text(window, dash="-") for window in site.windows)
    skills = ";".join(sorted(site.skills))
    at = site.position
    return (site.id, site.name, at.lon, at.lat, site.address, site.service_s // 60, windows, skills,
            site.priority or "", "", "", "", site.level)  # fmt: skip


def _worker_row(worker: Worker) -> tuple[object, ...]:
    end = worker.end or worker.start
    breaks = ";".join(f"{rule.duration_s // 60}@{window_text(rule.window, dash='-')}" for rule in worker.breaks)
    return (worker.id, worker.name, worker.start.lon, worker.start.lat, end.lon, end.lat,
            window_text(worker.shift, dash="-"), breaks, ";".join(sorted(worker.skills)), "", "",
            worker.mode.value)  # fmt: skip
