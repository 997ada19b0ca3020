"""Who came into which fence, stayed and left: presences while their fences count, as transitions."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import Geofence, Schedule, Transition, TransitionKind
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.passes import find_passes
from geo_engine.geofences.presences import Crossing, Presence, ended_us, find_presences, look
from geo_engine.geofences.sightings import Sightings, sightings_of, split_stays
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
    What fences there are at which time is the caller's to know: an index holds all versions that were valid. An enter
    names the version by which the device came, an exit that by which it left.
    """
    sightings = sightings_of(track, flags, stops, params)
    found = detect_presences(index, sightings, zone=zone, params=params)
    transitions = [one for presence in found for one in transitions_of(index, presence, params)]
    return tuple(sorted(transitions, key=lambda one: (one.at, one.fence_id, list(TransitionKind).index(one.kind))))


def detect_presences(
    index: FenceIndex, sightings: Sightings, *, zone: ZoneInfo, params: TransitionParams = _DEFAULT
) -> list[Presence]:
    """Return when each device was inside of which fence while that counted, by fence, device and time.

    Notes
    -----
    A fence counts in the hours of its version, from when until when that is valid. Each sighting is judged by the
    version of its moment, so a fence that is drawn anew is one fence whose edge moved: who is inside by both outlines
    stays, who is inside by one of them comes or leaves as it changes. Who is there when a fence begins to count comes
    then, and who is there when it ends leaves then.
    """
    parted = split_stays(sightings, index.versions.turns_us)
    if not len(parted) or not len(index):
        return []
    looked = look(index, parted, params)
    found = find_presences(index, parted, params, looked=looked)
    found += find_passes(index, parted, looked[1], found, params)
    counted = [part for one in found for part in _while_counting(one, index, zone)]
    return sorted(counted, key=lambda one: (one.fence, one.device, one.entered.at_us))


def stayed_s(presence: Presence) -> float:
    """Return how long a presence lasted, as far as it is known."""
    return (ended_us(presence) - presence.entered.at_us) / MICROSECONDS_PER_S


def least_dwell_s(fence: Geofence, params: TransitionParams = _DEFAULT) -> float:
    """Return from how long a stay on a presence in a fence is a dwell."""
    return params.dwell_s if fence.dwell_s is None else float(fence.dwell_s)


def transitions_of(index: FenceIndex, presence: Presence, params: TransitionParams = _DEFAULT) -> Iterator[Transition]:
    """Yield the enter of a presence, its dwell where it lasted long enough, and its exit where it has ended."""
    probability = round(1.0 / (1.0 + math.exp(-presence.evidence)), 4)

    def told(kind: TransitionKind, crossing: Crossing) -> Transition:
        fence = index.fences[index.versions.number_at(presence.fence, crossing.at_us)]
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

    least_s = least_dwell_s(index.fences[presence.fence], params)
    yield told(TransitionKind.ENTER, presence.entered)
    if stayed_s(presence) >= least_s:
        later_us = round(least_s * MICROSECONDS_PER_S)
        yield told(TransitionKind.DWELL, Crossing(*(moment_us + later_us for moment_us in presence.entered)))
    if presence.left is not None:
        yield told(TransitionKind.EXIT, presence.left)


def _while_counting(presence: Presence, index: FenceIndex, zone: ZoneInfo) -> Iterator[Presence]:
    """Yield what of a presence lies where its fence counts: who was there before came when that began."""
    if index.versions.is_plain and index.fences[presence.fence].schedule == Schedule():
        yield presence
        return
    over_us = ended_us(presence)
    spans_us = [
        span_us
        for number in index.versions.versions(presence.fence)
        for span_us in _counting_us(index, number, (presence.entered.at_us, over_us), zone)
    ]
    came_us = presence.entered.at_us
    for from_us, until_us in _merged(spans_us):
        is_later = from_us < over_us or (from_us == over_us and presence.left is None)
        if came_us < until_us and (from_us <= came_us or is_later):
            yield _cut(presence, index, (from_us, until_us))


def _cut(presence: Presence, index: FenceIndex, span_us: tuple[int, int]) -> Presence:
    """Return the part of a presence that lies in a span which it meets, microseconds since 1970, itself not in it."""

    def within(moment_us: int) -> int:
        return min(max(moment_us, span_us[0]), span_us[1])

    entered = Crossing(*map(within, presence.entered))
    if ended_us(presence) >= span_us[1]:
        left: Crossing | None = Crossing(span_us[1], span_us[1], span_us[1])
    else:
        left = None if presence.left is None else Crossing(*map(within, presence.left))
    fence = index.versions.number_at(presence.fence, entered.at_us)
    return replace(presence, fence=fence, entered=entered, seen_until_us=within(presence.seen_until_us), left=left)


def _counting_us(
    index: FenceIndex, number: int, during_us: tuple[int, int], zone: ZoneInfo
) -> Iterator[tuple[int, int]]:
    """Yield the hours of a version, around a span, from when until when it is valid."""
    from_us, until_us = int(index.versions.from_us[number]), int(index.versions.until_us[number])
    schedule = index.fences[number].schedule
    if schedule == Schedule():
        if from_us < until_us:
            yield from_us, until_us
        return
    first = to_moment(during_us[0]).astimezone(zone).date() - timedelta(days=2)
    last = to_moment(during_us[1]).astimezone(zone).date()
    for began_us, over_us in _each_us(schedule, _days(first, last), zone):
        if max(began_us, from_us) < min(over_us, until_us):
            yield max(began_us, from_us), min(over_us, until_us)


def _merged(spans_us: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order of time; what touches is one."""
    merged: list[tuple[int, int]] = []
    for began_us, over_us in sorted(spans_us):
        if merged and began_us <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], over_us)
        else:
            merged.append((began_us, over_us))
    return merged


def _each_us(schedule: Schedule, days: Iterable[date], zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    for day in days:
        if day.isoweekday() in schedule.weekdays:
            for window in schedule.windows or (_WHOLE_DAY,):
                began_at, over_at = (clock_on(at_s, day, zone) for at_s in (window.earliest_s, window.latest_s))
                yield to_microseconds(began_at), to_microseconds(over_at)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
