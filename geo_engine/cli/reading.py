"""A route as a person at a terminal reads it."""

from dataclasses import dataclass
from datetime import date, datetime

from geo_engine.timespan import DAY_S, clock_text
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Language, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRoute:
    """What is printed of a route; all moments in its local time.

    Parameters
    ----------
    stops
        Start, end and name of each visit, in order.
    breaks
        Start and end of each.
    mode
        How the worker travels; said where it is not by car.
    """

    worker: str
    service_on: date
    start_at: datetime
    end_at: datetime
    travel_s: int
    travel_m: int
    stops: tuple[tuple[datetime, datetime, str], ...]
    breaks: tuple[tuple[datetime, datetime], ...]
    mode: TravelMode = TravelMode.CAR


def route_lines(route: ReadRoute, language: Language) -> list[str]:
    """Return a title, then a line a visit or break in the order of time."""
    facts = {
        "worker": route.worker,
        "start": _clock(route.start_at, route),
        "end": _clock(route.end_at, route),
        "count": len(route.stops),
        "km": f"{route.travel_m / 1000:.1f}",
        "minutes": round(route.travel_s / 60),
    }
    title = Message("{worker}  {start}–{end}  {count} stops, {km} km, {minutes} min of travel", facts)
    if route.mode is not TravelMode.CAR:
        title = Message("{route} {mode}", {"route": title, "mode": MODE_WORDS[route.mode]})
    rest = Message("break").render(language)
    stops = [
        (start_at, f"{number:>3}  {_clock(start_at, route)}–{_clock(end_at, route)}  {name}")
        for number, (start_at, end_at, name) in enumerate(route.stops, start=1)
    ]
    breaks = [
        (start_at, f"  ·  {_clock(start_at, route)}–{_clock(end_at, route)}  {rest}")
        for start_at, end_at in route.breaks
    ]
    return [title.render(language), *(line for _, line in sorted(stops + breaks, key=lambda item: item[0]))]


def _clock(local: datetime, route: ReadRoute) -> str:
    return clock_text((local.date() - route.service_on).days * DAY_S + local.hour * 3600 + local.minute * 60)
