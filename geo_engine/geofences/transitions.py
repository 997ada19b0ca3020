"""Who came into which fence, stayed and left: presences in the hours of their fences, as transitions."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import Geofence, Schedule, Transition, TransitionKind
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.passes import find_passes
from geo_engine.geofences.presences import Crossing, Presence, find_presences
from geo_engine.geofences.sightings import Sightings, sightings_of
from geo_engine.timespan import DAY_S, ClockWindow, clock_on
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import MICROSECONDS_PER_S, Stop, Track, to_microseconds, to_moment

_DEFAULT = TransitionParams()
_WHOLE_DAY = ClockWindow(earliest_s=0, latest_s=DAY_S)


def detect_transitions(
    track: Track,
    flags: Flags,
    stops: Sequence[Stop],
    index: FenceIndex,
    *,
    zone: ZoneInfo,
    params: TransitionParams = _DEFAULT,
) -> tuple[Transition, ...]:
    """Return the transitions of a track, in order of time.

    Parameters
    ----------
    flags, stops
        What was derived of the track.
    zone
        By whose clocks fences have their hours.

    Notes
    -----
    What fences there are at which time is the caller's to know: an index holds the versions that were valid.
    """
    sightings = sightings_of(track, flags, stops, params)
    found = detect_presences(index, sightings, zone=zone, params=params)
    transitions = [one for presence in found for one in _transitions(index.fences[presence.fence], presence, params)]
    return tuple(sorted(transitions, key=lambda one: (one.at, one.fence_id, list(TransitionKind).index(one.kind))))


def detect_presences(
    index: FenceIndex, sightings: Sightings, *, zone: ZoneInfo, params: TransitionParams = _DEFAULT
) -> list[Presence]:
    """Return when each device was inside of which fence in the fence's hours, by fence, device and time."""
    found = find_presences(index, sightings, params)
    found += find_passes(index, sightings, found, params)
    found.sort(key=lambda one: (one.fence, one.device, one.entered.at_us))
    return [part for one in found for part in _within_hours(one, index.fences[one.fence].schedule, zone)]


def stayed_s(presence: Presence) -> float:
    """Return how long a presence lasted, as far as it is known."""
    ended_us = presence.seen_until_us if presence.left is None else presence.left.at_us
    return (ended_us - presence.entered.at_us) / MICROSECONDS_PER_S


def least_dwell_s(fence: Geofence, params: TransitionParams = _DEFAULT) -> float:
    """Return from how long a stay on a presence in a fence is a dwell."""
    return params.dwell_s if fence.dwell_s is None else float(fence.dwell_s)


def _transitions(fence: Geofence, presence: Presence, params: TransitionParams) -> Iterator[Transition]:
    probability = round(1.0 / (1.0 + math.exp(-presence.evidence)), 4)

    def told(kind: TransitionKind, crossing: Crossing) -> Transition:
        at, earliest_at, latest_at = map(to_moment, crossing)
        return Transition(
            kind=kind,
            fence_id=fence.id,
            fence_version=fence.version,
            at=at,
            earliest_at=earliest_at,
            latest_at=latest_at,
            probability=probability,
        )

    least_s = least_dwell_s(fence, params)
    yield told(TransitionKind.ENTER, presence.entered)
    if stayed_s(presence) >= least_s:
        later_us = round(least_s * MICROSECONDS_PER_S)
        yield told(TransitionKind.DWELL, Crossing(*(moment_us + later_us for moment_us in presence.entered)))
    if presence.left is not None:
        yield told(TransitionKind.EXIT, presence.left)


def _within_hours(presence: Presence, schedule: Schedule, zone: ZoneInfo) -> Iterator[Presence]:
    """Yield what of a presence lies in the hours of its fence: who was there before them came when they began."""
    if schedule == Schedule():
        yield presence
        return
    ended_us = presence.seen_until_us if presence.left is None else presence.left.at_us
    for began_us, over_us in _hours_us(schedule, to_moment(presence.entered.at_us), to_moment(ended_us), zone):
        if began_us <= ended_us and presence.entered.at_us < over_us:
            entered = presence.entered if presence.entered.at_us >= began_us else Crossing(began_us, began_us, began_us)
            left = presence.left if ended_us < over_us else Crossing(over_us, over_us, over_us)
            seen_us = min(presence.seen_until_us, over_us)
            yield replace(presence, entered=entered, seen_until_us=seen_us, left=left)


def _hours_us(schedule: Schedule, from_at: datetime, until_at: datetime, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Yield the hours of a schedule on the days around a span, in order of time; what touches is one."""
    first, last = from_at.astimezone(zone).date() - timedelta(days=2), until_at.astimezone(zone).date()
    spans: list[tuple[int, int]] = []
    for began_us, over_us in sorted(_each_us(schedule, _days(first, last), zone)):
        if spans and began_us <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], over_us)
        else:
            spans.append((began_us, over_us))
    yield from spans


def _each_us(schedule: Schedule, days: Iterable[date], zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    for day in days:
        if day.isoweekday() in schedule.weekdays:
            for window in schedule.windows or (_WHOLE_DAY,):
                began_at, over_at = (clock_on(at_s, day, zone) for at_s in (window.earliest_s, window.latest_s))
                yield to_microseconds(began_at), to_microseconds(over_at)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
