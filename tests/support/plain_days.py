"""A day to be planned as plain integers, so that any program can read it: places, travel, stops and crews.

Nothing of `geo_engine` is used: the rivals' own Python reads this as well.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Orders = Mapping[int, Sequence[int]]
"""Stops by crew, in the order they are visited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What is to be visited; stop k is at place k.

    Parameters
    ----------
    windows
        ``(earliest_s, latest_s)`` when service may begin, both included, in order, apart; none means at any time.
    priority
        0 to 99; leaving the stop out weighs one more than that.
    """

    service_s: int
    windows: tuple[tuple[int, int], ...] = ()
    skills: tuple[str, ...] = ()
    priority: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who visits: from the place `start` back to it, within `span_s`.

    Parameters
    ----------
    rest
        ``(duration_s, earliest_s, latest_s)`` of the break: it begins within, may interrupt travel and never service.
        It is void when the route ends by the latest begin, or begins after it.
    capacity
        What the amounts of its stops may add up to; None is no limit.
    """

    start: int
    span_s: tuple[int, int]
    rest: tuple[int, int, int] | None = None
    skills: tuple[str, ...] = ()
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainDay:
    """One problem: the travel seconds are to be few.

    Parameters
    ----------
    lon_lats
        Of each place: the stops, then the depots.
    durations_s
        Travel from row to column, shape (n, n), not symmetric.
    is_all_due
        Every stop must be visited; else weight left out counts first, then travel.
    """

    name: str
    lon_lats: tuple[tuple[float, float], ...]
    durations_s: NDArray[np.int64]
    stops: tuple[Stop, ...]
    crews: tuple[Crew, ...]
    is_all_due: bool

    def facts(self) -> dict[str, Any]:
        """Return all but the matrix, as JSON knows it."""
        return {
            "name": self.name,
            "lon_lats": [list(lon_lat) for lon_lat in self.lon_lats],
            "stops": [asdict(stop) for stop in self.stops],
            "crews": [asdict(crew) for crew in self.crews],
            "is_all_due": self.is_all_due,
        }

    def digest(self) -> str:
        """Return what tells this problem from any other."""
        text = json.dumps(self.facts(), sort_keys=True)
        return hashlib.sha256(text.encode() + self.durations_s.astype("<i8").tobytes()).hexdigest()[:32]

    def weight_of(self, left_out: Sequence[int]) -> int:
        """Return what leaving stops out weighs."""
        return sum(1 + self.stops[index].priority for index in left_out)

    def left_out(self, orders: Orders) -> list[int]:
        """List the stops that nobody visits."""
        return sorted(set(range(len(self.stops))) - {index for order in orders.values() for index in order})


def save_day(day: PlainDay, path: Path) -> None:
    """Write a problem to an .npz file."""
    np.savez(path, durations_s=day.durations_s.astype(np.int32), facts=np.array(json.dumps(day.facts())))


def load_day(path: Path) -> PlainDay:
    """Return the problem of an .npz file."""
    with np.load(path) as columns:
        durations_s, facts = columns["durations_s"].astype(np.int64), json.loads(str(columns["facts"]))
    return PlainDay(
        name=facts["name"],
        lon_lats=tuple((lon, lat) for lon, lat in facts["lon_lats"]),
        durations_s=durations_s,
        stops=tuple(
            Stop(
                service_s=stop["service_s"],
                windows=tuple((earliest_s, latest_s) for earliest_s, latest_s in stop["windows"]),
                skills=tuple(stop["skills"]),
                priority=stop["priority"],
                amount=stop["amount"],
            )
            for stop in facts["stops"]
        ),
        crews=tuple(
            Crew(
                start=crew["start"],
                span_s=(crew["span_s"][0], crew["span_s"][1]),
                rest=None if crew["rest"] is None else (crew["rest"][0], crew["rest"][1], crew["rest"][2]),
                skills=tuple(crew["skills"]),
                capacity=crew["capacity"],
            )
            for crew in facts["crews"]
        ),
        is_all_due=facts["is_all_due"],
    )
