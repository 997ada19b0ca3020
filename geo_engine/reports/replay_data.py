"""What a replay is told: a track and what was derived from it, as plain values."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.replay_model import Replay
from geo_engine.tracks import Flag, Gap, Stop, Trip
from geo_engine.tracks.codec import encode_track
from geo_engine.tracks.driven import DrivenTrip, DrivenWay, DrivenWays
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds, to_moment

MOST_FIXES = 250_000
"""How many fixes of a line one page draws; two and a half days at 1 Hz, 5 MB."""

_STEPS_PER_DEGREE = 1e6
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def replay_document(
    replay: Replay, *, tolerance_m: float | None = None, most_fixes: int | None = MOST_FIXES
) -> dict[str, Any]:
    """Return a replay as values JSON can hold; `assets/replay_data.js` reads it.

    Parameters
    ----------
    tolerance_m, most_fixes
        How far the line may be thinned, as `encode_track`.

    Notes
    -----
    Moments are seconds since 1970, as the page counts them. With the default every fix is there. Cost as
    `encode_track`, about 18 bytes a fix.
    """
    return {
        "title": replay.title,
        "zone": replay.zone.key,
        "offsets": [list(offset) for offset in zone_offsets(replay.zone, *_span(replay))],
        "fix_count": len(replay.track),
        "doubtful_count": int(np.count_nonzero(replay.flags)),
        "flag_counts": _flag_counts(replay),
        "track": encode_track(
            replay.track,
            replay.flags,
            tolerance_m=tolerance_m,
            most_fixes=most_fixes,
            stops=replay.stops,
            gaps=replay.gaps,
        ),
        "stops": [_stop(stop) for stop in replay.stops],
        "trips": [_trip(trip, replay.driven_trips.get(trip.started_at)) for trip in replay.trips],
        "gaps": [_gap(gap) for gap in replay.gaps],
        "driven": None if replay.driven is None else _driven(replay.driven),
    }


def replay_summary(replay: Replay) -> dict[str, Any]:
    """Return what is in a replay, in figures."""
    started_at, ended_at = _span(replay)
    return {
        "timezone": replay.zone.key,
        "started_at": local_iso(started_at, replay.zone),
        "ended_at": local_iso(ended_at, replay.zone),
        "fix_count": len(replay.track),
        "doubtful_count": int(np.count_nonzero(replay.flags)),
        "stop_count": len(replay.stops),
        "trip_count": len(replay.trips),
        "gap_count": len(replay.gaps),
        "distance_m": round(sum(trip.distance_m for trip in replay.trips)),
        "driven_m": None if replay.driven is None else round(replay.driven.distance_m),
    }


def zone_offsets(zone: ZoneInfo, first_at: datetime, last_at: datetime) -> Iterator[tuple[int, float]]:
    """Give since when, in seconds since 1970, the zone's clocks are how many minutes ahead of UTC.

    The first is that of `first_at`; each change up to `last_at` follows.

    Notes
    -----
    A change is found to the second, if no other is within a day of it. Cost: O(days).

    Examples
    --------
    >>> night = datetime(2026, 3, 29, tzinfo=ZoneInfo("UTC"))
    >>> list(zone_offsets(ZoneInfo("Europe/Lisbon"), night, night + timedelta(hours=6)))
    [(1774742400, 0.0), (1774746000, 60.0)]
    """
    known_at = first_at
    yield round(first_at.timestamp()), _offset_minutes(zone, first_at)
    while known_at < last_at:
        next_at = min(known_at + _DAY, last_at)
        if _offset_minutes(zone, next_at) != _offset_minutes(zone, known_at):
            changed_at = _change(zone, known_at, next_at)
            yield round(changed_at.timestamp()), _offset_minutes(zone, changed_at)
        known_at = next_at


def _change(zone: ZoneInfo, before_at: datetime, after_at: datetime) -> datetime:
    offset_minutes = _offset_minutes(zone, before_at)
    while after_at - before_at > _SECOND:
        middle_at = (before_at + (after_at - before_at) / 2).replace(microsecond=0)
        if middle_at <= before_at:
            break
        if _offset_minutes(zone, middle_at) == offset_minutes:
            before_at = middle_at
        else:
            after_at = middle_at
    return after_at


def _offset_minutes(zone: ZoneInfo, at: datetime) -> float:
    offset = at.astimezone(zone).utcoffset()
    return 0.0 if offset is None else offset / timedelta(minutes=1)


def _span(replay: Replay) -> tuple[datetime, datetime]:
    """Return the first and the last moment that is shown; of an empty track, any."""
    times_us = replay.track.times_us
    if not len(times_us):
        return to_moment(0), to_moment(0)
    started_at, ended_at = (to_moment(int(times_us[end])) for end in (0, -1))
    gaps = replay.gaps
    return min([started_at, *(gap.started_at for gap in gaps)]), max([ended_at, *(gap.ended_at for gap in gaps)])


def _flag_counts(replay: Replay) -> dict[str, int]:
    """Return how many fixes have each flag, by the number of its bit; flags that none has are left out."""
    counts = {flag: int(np.count_nonzero(replay.flags & np.uint16(flag))) for flag in Flag}
    return {str(flag.bit_length() - 1): count for flag, count in counts.items() if count}


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        **_between(stop),
        **_place(stop.position),
        "radius_m": round(stop.radius_m, 1),
        "fix_count": stop.fix_count,
    }


def _trip(trip: Trip, driven: DrivenTrip | None) -> dict[str, Any]:
    return {
        **_between(trip),
        "distance_m": round(trip.distance_m, 1),
        "driven_m": None if driven is None else round(driven.driven_m, 1),
        "fix_count": trip.fix_count,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {**_between(gap), "cause": gap.cause.value}


def _driven(driven: DrivenWays) -> dict[str, Any]:
    return {
        "distance_m": round(driven.distance_m, 1),
        "least_m": round(driven.least_m, 1),
        "most_m": round(driven.most_m, 1),
        "ways": [_way(way) for way in driven.ways],
    }


def _way(way: DrivenWay) -> dict[str, Any]:
    """Return a way as differences of whole milliseconds and millionths of a degree."""
    ends_us = (int(way.times_us[0]), int(way.times_us[-1]))
    return {
        "kind": way.kind.value,
        "confidence": round(way.confidence, 3),
        "from": round(ends_us[0] / MICROSECONDS_PER_S, 3),
        "to": round(ends_us[1] / MICROSECONDS_PER_S, 3),
        "times": _differences(way.times_us / 1_000),
        "lons": _differences(way.lons_deg * _STEPS_PER_DEGREE),
        "lats": _differences(way.lats_deg * _STEPS_PER_DEGREE),
    }


def _differences(values: NDArray[np.float64]) -> list[int]:
    differences: list[int] = np.diff(np.rint(values).astype(np.int64), prepend=0).tolist()
    return differences


def _between(span: Stop | Trip | Gap) -> dict[str, float]:
    return {"from": _seconds(span.started_at), "to": _seconds(span.ended_at)}


def _seconds(moment: datetime) -> float:
    return round(to_microseconds(moment) / MICROSECONDS_PER_S, 3)


def _place(position: Position) -> dict[str, float]:
    return {"lon": round(position.lon, 6), "lat": round(position.lat, 6)}
