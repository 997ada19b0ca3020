"""How workers go about their planned visits, and what they state of them: most as planned, some not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesics_m
from geo_engine.ids import SiteId
from geo_engine.planning import PlannedVisit, Route
from geo_engine.simulation.metres import moved_deg
from geo_engine.simulation.truth import Truth
from geo_engine.tracks import Track
from geo_engine.tracks.model import to_microseconds, to_moment

_NEAR_M = 150.0
_SAME_PLACE_M = 5.0
_LONGER = timedelta(minutes=50)
_CLOCK_AHEAD = timedelta(minutes=25)
_AFTER_ARRIVAL_S, _BEFORE_LEAVING_S = 90.0, 20.0
_KNOWN_WITHIN_S = 30.0
_FAR_M = 1_000.0
"""So far from all else of a day is a site that somebody can be seen not to have been at."""
_SHORTEST = 3


class Conduct(StrEnum):
    """How a worker's day goes; what is not as planned concerns one visit (`odd_stop`), or all that follow."""

    AS_PLANNED = "as planned"
    LATE = "late"
    """Stays fifty minutes longer where it is first, and comes late from then on."""
    MISSED = "missed"
    """Leaves it out, and says nothing."""
    DRIVEN_BY = "driven by"
    """Checks in while driving past."""
    SPOOFED = "spoofed"
    """Leaves it out, and states it with a position that was made up."""
    WRONG_CLOCK = "wrong clock"
    """The phone's clock is twenty-five minutes ahead."""


_FAR_AWAY = (Conduct.SPOOFED, Conduct.DRIVEN_BY)
_ANYWHERE = (Conduct.LATE, Conduct.MISSED, Conduct.WRONG_CLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a worker states of a visit, as the phone tells it; `position` is None where it knows none."""

    site_id: SiteId
    is_arrival: bool
    stated_at: datetime
    told_at: datetime
    position: Position | None
    accuracy_m: float | None


def conducts_of(routes: Sequence[Route]) -> tuple[Conduct, ...]:
    """Return how the workers of some routes go about them: each way once, as far as there are routes for it.

    Of sites next door nobody can say who was there: those who make a visit up and who drive past do so at sites that
    are far from all else of their day, those whose turn is soonest. Short routes go as planned.
    """
    long = [at for at, route in enumerate(routes) if len(route.planned_visits) >= _SHORTEST]
    remote = [at for at in long if _apart_from_all_m(routes[at], odd_stop(routes[at])) >= _FAR_M]
    soonest = sorted(remote, key=lambda at: (routes[at].planned_visits[odd_stop(routes[at])].arrival_at, at))
    far = soonest[: len(_FAR_AWAY)]
    near = [at for at in long if at not in far]
    found = dict(zip(far, _FAR_AWAY, strict=False)) | dict(zip(near, _ANYWHERE, strict=False))
    return tuple(found.get(at, Conduct.AS_PLANNED) for at in range(len(routes)))


def odd_stop(route: Route) -> int:
    """Return which planned visit of a route, from 0, does not go as planned: the first inner one that is remote.

    The first of all inner ones where none is.
    """
    inner = range(1, len(route.planned_visits) - 1)
    return next((at for at in inner if _apart_from_all_m(route, at) >= _FAR_M), inner[0])


def _apart_from_all_m(route: Route, number: int) -> float:
    """Return how far a planned visit is from the nearest other place of its route."""
    places = [visit.position for at, visit in enumerate(route.planned_visits) if at != number]
    places += [route.start, *([] if route.end is None else [route.end])]
    return min(_apart_m(route.planned_visits[number].position, place) for place in places)


def route_as_gone(route: Route, conduct: Conduct) -> Route:
    """Return a route as its worker goes it."""
    visits = list(route.planned_visits)
    match conduct:
        case Conduct.LATE:
            visits[0] = replace(visits[0], end_at=visits[0].end_at + _LONGER)
        case Conduct.MISSED | Conduct.SPOOFED:
            del visits[odd_stop(route)]
        case Conduct.DRIVEN_BY:
            at_once = route.start_at  # no waiting and no service
            passed = odd_stop(route)
            visits[passed] = replace(visits[passed], start_at=at_once, end_at=at_once)
        case _:
            return route
    return replace(route, planned_visits=tuple(visits))


def route_moved_by(route: Route, later: timedelta) -> Route:
    """Return the planned visits of a route at another time."""
    visits = (
        replace(one, arrival_at=one.arrival_at + later, start_at=one.start_at + later, end_at=one.end_at + later)
        for one in route.planned_visits
    )
    return replace(route, planned_visits=tuple(visits))


def statements_of(
    route: Route, conduct: Conduct, truth: Truth, track: Track, *, generator: np.random.Generator
) -> Iterator[Statement]:
    """Yield what a worker states of the visits of a route, in order of the plan.

    Parameters
    ----------
    track
        What the phone reports: what it knows when something is stated.
    """
    odd = None if conduct is Conduct.AS_PLANNED else route.planned_visits[odd_stop(route)]
    for visit in route.planned_visits:
        if visit is odd and conduct is Conduct.MISSED:
            continue
        if visit is odd and conduct is Conduct.SPOOFED:
            yield _made_up(visit, generator)
        elif visit is odd and conduct is Conduct.DRIVEN_BY:
            yield from _passing(visit, truth, track)
        else:
            yield from _honest(
                visit, truth, track, ahead=_CLOCK_AHEAD if conduct is Conduct.WRONG_CLOCK else timedelta()
            )


def _honest(visit: PlannedVisit, truth: Truth, track: Track, *, ahead: timedelta) -> Iterator[Statement]:
    stays = [stay for stay in truth.stays if _apart_m(stay.position, visit.position) <= _NEAR_M]
    if not stays:
        return
    nearest_m = min(_apart_m(stay.position, visit.position) for stay in stays)
    here = [stay for stay in stays if _apart_m(stay.position, visit.position) <= nearest_m + _SAME_PLACE_M]
    stay = min(here, key=lambda one: abs(one.started_at - visit.arrival_at))
    lasting_s = (stay.ended_at - stay.started_at).total_seconds()
    arrived_at = stay.started_at + timedelta(seconds=min(_AFTER_ARRIVAL_S, lasting_s / 3))
    left_at = stay.ended_at - timedelta(seconds=min(_BEFORE_LEAVING_S, lasting_s / 3))
    yield _stated(visit, arrived_at, track, is_arrival=True, ahead=ahead)
    yield _stated(visit, left_at, track, is_arrival=False, ahead=ahead)


def _passing(visit: PlannedVisit, truth: Truth, track: Track) -> Iterator[Statement]:
    count = len(truth)
    site = np.full(count, visit.position.lon), np.full(count, visit.position.lat)
    nearest = int(geodesics_m(truth.lons_deg, truth.lats_deg, *site).argmin())
    yield _stated(visit, to_moment(int(truth.times_us[nearest])), track, is_arrival=True, ahead=timedelta())


def _made_up(visit: PlannedVisit, generator: np.random.Generator) -> Statement:
    east_m, north_m = generator.normal(0.0, 10.0, (2, 1))
    here = np.array([visit.position.lon]), np.array([visit.position.lat])
    lons, lats = moved_deg(*here, east_m=east_m, north_m=north_m)
    return Statement(
        site_id=SiteId(visit.job_id),
        is_arrival=True,
        stated_at=visit.start_at,
        told_at=visit.start_at,
        position=Position(float(lons[0]), float(lats[0])),
        accuracy_m=5.0,
    )


def _stated(visit: PlannedVisit, at: datetime, track: Track, *, is_arrival: bool, ahead: timedelta) -> Statement:
    known = int(np.searchsorted(track.times_us, to_microseconds(at), side="right")) - 1
    is_fresh = known >= 0 and (to_microseconds(at) - int(track.times_us[known])) / 1e6 <= _KNOWN_WITHIN_S
    accuracy_m = float(track.accuracies_m[known]) if is_fresh else float("nan")
    return Statement(
        site_id=SiteId(visit.job_id),
        is_arrival=is_arrival,
        stated_at=at,
        told_at=at + ahead,
        position=Position(float(track.lons_deg[known]), float(track.lats_deg[known])) if is_fresh else None,
        accuracy_m=accuracy_m if accuracy_m > 0.0 else None,
    )


def _apart_m(one: Position, other: Position) -> float:
    return float(geodesics_m([one.lon], [one.lat], [other.lon], [other.lat])[0])


def as_body(statement: Statement, check_in_id: str, *, sent_at: datetime) -> Mapping[str, object]:
    """Return a statement as it is sent; the phone's clock is as wrong when it sends as when it tells.

    Parameters
    ----------
    sent_at
        By the right clock.
    """
    ahead = statement.told_at - statement.stated_at
    position = statement.position
    found = {} if position is None else {"lon": position.lon, "lat": position.lat, "accuracy_m": statement.accuracy_m}
    return {
        "id": check_in_id,
        "kind": "in" if statement.is_arrival else "out",
        "site_id": statement.site_id,
        "told_at": statement.told_at.isoformat(),
        "sent_at": (sent_at + ahead).isoformat(),
        "positions": [] if position is None else [{**found, "tracked_at": statement.stated_at.isoformat()}],
    }
