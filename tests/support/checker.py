"""What a plan.json must fulfil, read from its text, the rows of the two files and travel as roads give it.

Nothing of `geo_engine.planning` is used: this is the second opinion.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geo_engine.geometry import Position
from geo_engine.roads import RoadRouter

type LonLat = tuple[float, float]
type Row = Mapping[str, str]
type Travel = Callable[[LonLat, LonLat], tuple[float, float]]
type Span = tuple[datetime, datetime]


def read_rows(path: Path) -> dict[int, Row]:
    """Return the rows of a CSV file by their line."""
    with path.open(encoding="utf-8", newline="") as file:
        return dict(enumerate(csv.DictReader(file), start=2))


def travel_of(router: RoadRouter, places: Iterable[LonLat]) -> Travel:
    """Return what looks up seconds and metres between two of the places."""
    known = {place: index for index, place in enumerate(dict.fromkeys(places))}
    matrix = router.matrix([Position(*place) for place in known])

    def travel(start: LonLat, end: LonLat) -> tuple[float, float]:
        cell = known[start], known[end]
        return float(matrix.durations_s[cell]), float(matrix.distances_m[cell])

    return travel


def places_of(sites: Mapping[int, Row], workers: Mapping[int, Row]) -> list[LonLat]:
    """Return every place the rows name by coordinates."""
    found = [_lon_lat(row, "lon", "lat") for row in sites.values()]
    found += [place for row in workers.values() for place in (_start(row), _end(row))]
    return [place for place in found if place is not None]


def check_plan(text: str, sites: Mapping[int, Row], workers: Mapping[int, Row], travel: Travel) -> list[str]:
    """Return everything wrong with a plan, in words.

    Parameters
    ----------
    sites, workers
        The rows of the files by line, coordinates given.
    """
    plan = json.loads(text)
    bad = {(problem["file"], problem["line"]) for problem in plan["problems"]}
    good_sites = {row["id"]: row for line, row in sites.items() if ("sites.csv", line) not in bad}
    good_workers = {row["id"]: row for line, row in workers.items() if ("workers.csv", line) not in bad}
    wrong = [*_wrong_ids(plan, good_sites, good_workers), *_wrong_summary(plan)]
    if wrong:
        return wrong
    for route in plan["routes"]:
        check = _RouteCheck(plan, route, good_sites, good_workers[route["worker_id"]], travel)
        wrong += [f"{route['worker_id']}: {words}" for words in check.wrong()]
    return wrong


def _wrong_ids(plan: Mapping[str, Any], sites: Mapping[str, Row], workers: Mapping[str, Row]) -> Iterator[str]:
    placed = [visit["job_id"] for route in plan["routes"] for visit in route["planned_visits"]]
    seen = Counter(placed + [left["job_id"] for left in plan["unassigned"]])
    yield from (f"site {job_id} appears {count} times" for job_id, count in seen.items() if count > 1)
    yield from (f"site {job_id} is not in the plan" for job_id in sites.keys() - seen.keys())
    yield from (f"site {job_id} is in no file" for job_id in seen.keys() - sites.keys())
    used = Counter(route["worker_id"] for route in plan["routes"])
    yield from (f"worker {worker_id} has {count} routes" for worker_id, count in used.items() if count > 1)
    yield from (f"worker {worker_id} is in no file" for worker_id in used.keys() - workers.keys())


def _wrong_summary(plan: Mapping[str, Any]) -> Iterator[str]:
    summary, routes = plan["summary"], plan["routes"]
    placed = sum(len(route["planned_visits"]) for route in routes)
    figures = {
        "placed_count": placed,
        "unassigned_count": len(plan["unassigned"]),
        "job_count": placed + len(plan["unassigned"]),
        "violation_count": len(plan["violations"]),
        "travel_s": sum(route["travel_s"] for route in routes),
        "travel_m": sum(route["travel_m"] for route in routes),
    }
    for key, value in figures.items():
        if summary[key] != value:
            yield f"summary: {key} is {summary[key]}, not {value}"
    yield from (f"the plan itself says {broken['kind']}" for broken in plan["violations"])
    cost = sum(route["cost"] for route in routes)
    if summary["cost"] < cost or (not plan["unassigned"] and summary["cost"] != cost):
        yield f"summary: cost is {summary['cost']}, of the routes {cost}"


class _RouteCheck:
    """One route against its worker's row and the rows of its sites."""

    def __init__(
        self, plan: Mapping[str, Any], route: Mapping[str, Any], sites: Mapping[str, Row], worker: Row, travel: Travel
    ) -> None:
        self._midnight = datetime.fromisoformat(plan["date"]).replace(tzinfo=ZoneInfo(plan["timezone"]))
        self._route, self._worker, self._travel = route, worker, travel
        self._visits: Sequence[Mapping[str, Any]] = route["planned_visits"]
        self._rows = [sites[visit["job_id"]] for visit in self._visits]
        self._span = self._moment(route["start_at"]), self._moment(route["end_at"])
        self._breaks = [(self._moment(b["start_at"]), self._moment(b["end_at"])) for b in route["breaks"]]
        self._services = [(self._moment(v["start_at"]), self._moment(v["end_at"])) for v in self._visits]
        self._arrivals = [self._moment(visit["arrival_at"]) for visit in self._visits]

    def wrong(self) -> Iterator[str]:
        yield from self._wrong_shift()
        yield from self._wrong_legs()
        yield from self._wrong_visits()
        yield from self._wrong_breaks()
        yield from self._wrong_limits()
        yield from self._wrong_departure()

    def _moment(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() != moment.astimezone(self._midnight.tzinfo).utcoffset():
            raise AssertionError(f"{text} is not in the plan's time zone")
        return moment

    def _windows(self, text: str) -> list[Span]:
        return [self._window(part) for part in text.split(";") if part]

    def _window(self, text: str) -> Span:
        first, last = (self._clock(part) for part in text.split("-"))
        return first, last if last >= first else last + timedelta(days=1)

    def _clock(self, text: str) -> datetime:
        hour, minute = map(int, text.split(":"))
        return self._midnight.replace(hour=hour, minute=minute)

    def _wrong_shift(self) -> Iterator[str]:
        opens, closes = self._window(self._worker.get("shift") or "09:00-18:00")
        if not opens <= self._span[0] <= self._span[1] <= closes:
            yield f"works {self._span[0]:%H:%M:%S}–{self._span[1]:%H:%M:%S}, outside the shift"
        if not self._visits:
            yield "has a route without a visit"

    def _stops(self) -> list[LonLat]:
        end = _end(self._worker)
        stops = [_start(self._worker), *(_lon_lat(row, "lon", "lat") for row in self._rows), *([end] if end else [])]
        return [stop for stop in stops if stop is not None]

    def _wrong_legs(self) -> Iterator[str]:
        stops = self._stops()
        roads = [self._travel(a, b) for a, b in pairwise(stops)]
        if any(math.isnan(seconds) for seconds, _ in roads):
            yield "has a leg without a path"
            return
        for visit, (seconds, metres) in zip(self._visits, roads, strict=False):
            if visit["travel_s"] < math.ceil(seconds) or abs(visit["travel_m"] - metres) > 1:
                told = f"{visit['travel_s']} s, {visit['travel_m']} m"
                yield f"to {visit['job_id']}: {told}; roads say {seconds}, {metres}"
        if self._route["travel_s"] != sum(math.ceil(seconds) for seconds, _ in roads):
            yield f"travels {self._route['travel_s']} s, not what its legs add up to"
        if abs(self._route["travel_m"] - sum(metres for _, metres in roads)) > len(roads):
            yield f"travels {self._route['travel_m']} m, not what its legs add up to"
        frees = [self._span[0], *(end for _, end in self._services)]
        for free, arrival, (seconds, _) in zip(frees, [*self._arrivals, self._span[1]], roads, strict=False):
            if (arrival - free - self._rested(free, arrival)).total_seconds() < math.ceil(seconds):
                yield f"arrives at {arrival:%H:%M:%S}, faster than roads allow"

    def _rested(self, start: datetime, end: datetime) -> timedelta:
        overlaps = [min(end, last) - max(start, first) for first, last in self._breaks]
        return sum((overlap for overlap in overlaps if overlap > timedelta(0)), timedelta(0))

    def _wrong_visits(self) -> Iterator[str]:
        for visit, row, arrival, (start, end) in zip(
            self._visits, self._rows, self._arrivals, self._services, strict=True
        ):
            windows = self._windows(row.get("windows") or "")
            if not arrival <= start:
                yield f"begins {row['id']} before arriving"
            if end - start != timedelta(minutes=float(row.get("service_min") or 15)):
                yield f"serves {row['id']} for {end - start}"
            if windows and not any(first <= start <= last for first, last in windows):
                yield f"begins {row['id']} at {start:%H:%M:%S}, outside {row['windows']}"
            if abs(visit["lon"] - float(row["lon"])) + abs(visit["lat"] - float(row["lat"])) > 1e-6:
                yield f"visits {row['id']} elsewhere"

    def _wrong_breaks(self) -> Iterator[str]:
        rules = [part.split("@") for part in (self._worker.get("breaks") or "").split(";") if part]
        due = [(timedelta(minutes=float(minutes)), self._window(window)) for minutes, window in rules]
        for start, end in self._breaks:
            fitting = [rule for rule in due if rule[0] == end - start and rule[1][0] <= start <= rule[1][1]]
            if not fitting:
                yield f"rests at {start:%H:%M:%S} for {end - start} by no rule"
            else:
                due.remove(fitting[0])
            if not self._span[0] <= start <= end <= self._span[1]:
                yield "rests outside the route"
            if any(start < done and begun < end for begun, done in self._services):
                yield f"rests at {start:%H:%M:%S} during a service"
        if any(self._span[0] <= last < self._span[1] for _, (_, last) in due):
            yield "misses a break"

    def _wrong_limits(self) -> Iterator[str]:
        skills = set(_words(self._worker, "skills"))
        for row in self._rows:
            if not set(_words(row, "skills")) <= skills:
                yield f"lacks a skill for {row['id']}"
            if _words(row, "worker") and self._worker["id"] not in _words(row, "worker"):
                yield f"may not visit {row['id']}"
        most = self._worker.get("max_visits")
        if most and len(self._visits) > int(most):
            yield "has too many visits"
        most = self._worker.get("max_driving_min")
        if most and self._route["travel_s"] > 60 * float(most):
            yield "drives too long"
        for dimension, capacity in enumerate(_words(self._worker, "capacity")):
            amounts = [_words(row, "amounts") for row in self._rows]
            if sum(int(amount[dimension]) for amount in amounts if dimension < len(amount)) > int(capacity):
                yield "carries too much"

    def _wrong_departure(self) -> Iterator[str]:
        rests_before = [rest for rest in self._breaks if rest[0] < self._services[0][0]]
        if rests_before:
            return
        if self._arrivals[0] != self._services[0][0]:
            yield "waits at the first stop instead of leaving later"
        if self._span[0] + timedelta(seconds=self._visits[0]["travel_s"]) != self._arrivals[0]:
            yield "leaves earlier than the first stop needs"


def _words(row: Row, column: str) -> list[str]:
    return [word for word in (row.get(column) or "").split(";") if word]


def _lon_lat(row: Row, lon: str, lat: str) -> LonLat | None:
    return (float(row[lon]), float(row[lat])) if row.get(lon) and row.get(lat) else None


def _start(row: Row) -> LonLat | None:
    return _lon_lat(row, "start_lon", "start_lat")


def _end(row: Row) -> LonLat | None:
    """Return where a worker ends: at the start unless told otherwise; None when the end is open."""
    if "open" in (row.get("end"), row.get("end_lon")):
        return None
    return _lon_lat(row, "end_lon", "end_lat") or _start(row)
