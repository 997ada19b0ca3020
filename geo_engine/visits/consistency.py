"""Whether what devices told can have happened: leaps, frozen and invented positions, speeds that do not fit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.presences import Presence
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesics_m
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Track
from geo_engine.tracks.model import MICROSECONDS_PER_S, Flag, select_fixes, to_moment
from geo_engine.visits.model import DeviceTrack, Reason, ReasonKind
from geo_engine.visits.params import VerdictParams

_UNKNOWN_ACCURACY_M = 25.0
_LAST_DECIMAL = 7  # of degrees: a centimetre, finer than any phone knows
_EVER_US = 2**62
# A jump is what such a check looks for: the stops leave it out, a judge does not.
_UNREADABLE = Flag.DUPLICATE | Flag.FUTURE | Flag.INACCURATE | Flag.ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Leap:
    """A step between two fixes that nobody travels."""

    started_us: int
    ended_us: int
    way_m: float
    speed_mps: float


def readable(device: DeviceTrack, from_us: int, until_us: int) -> Track:
    """Return what a device reported in a span (both ends in it) that can be read at all, leaps among it."""
    track, flags = device.track, device.flags
    is_meant = (track.times_us >= from_us) & (track.times_us <= until_us) & ((flags & np.uint16(_UNREADABLE)) == 0)
    return select_fixes(track, is_meant)


def find_leaps(track: Track, params: VerdictParams) -> list[Leap]:
    """Return the steps of a track that are longer than reflections and faster than anybody travels.

    A step between two fixes that both say how fast the device was is one already when it was much faster than that.
    """
    if len(track) < 2:
        return []
    ways_m, sure_m, waited_s = _steps(track)
    said_mps = np.maximum(track.speeds_mps[:-1], track.speeds_mps[1:])  # NaN where one of the two does not say it
    is_unlike = (sure_m > params.unlike_mps * waited_s) & (said_mps < (1.0 - params.unlike_part) * sure_m / waited_s)
    is_fast = (sure_m > params.leap_mps * waited_s) | (is_unlike & (waited_s <= params.unlike_within_s))
    return [
        Leap(
            started_us=int(track.times_us[at]),
            ended_us=int(track.times_us[at + 1]),
            way_m=float(ways_m[at]),
            speed_mps=float(sure_m[at] / waited_s[at]),
        )
        for at in np.flatnonzero(is_fast & (sure_m > params.leap_m)).tolist()
    ]


def _steps(track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return of each step its length, what of it no inaccuracy explains (metres), and how long it took (seconds)."""
    ways_m = geodesics_m(track.lons_deg[:-1], track.lats_deg[:-1], track.lons_deg[1:], track.lats_deg[1:])
    accuracies_m = np.where(track.accuracies_m > 0.0, track.accuracies_m, _UNKNOWN_ACCURACY_M)
    sure_m = ways_m - 2.0 * (accuracies_m[:-1] + accuracies_m[1:])
    return ways_m, sure_m, np.maximum(np.diff(track.times_us) / MICROSECONDS_PER_S, 1.0)


def find_frozen(track: Track, params: VerdictParams) -> list[tuple[int, int]]:
    """Return from when until when (microseconds since 1970) a track had the same coordinates to the seventh decimal."""
    return _long_spans(track, _is_same_place(track), (params.frozen_count, params.frozen_s))


def find_frozen_accuracies(track: Track, params: VerdictParams) -> list[tuple[int, int]]:
    """Return from when until when a track that moved said the same accuracy of itself to the last digit."""
    accuracies_m = track.accuracies_m
    is_same = (np.diff(accuracies_m) == 0.0) & (accuracies_m[1:] > 0.0) & ~_is_same_place(track)
    return _long_spans(track, is_same, (params.frozen_accuracy_count, params.frozen_accuracy_s))


def _is_same_place(track: Track) -> NDArray[np.bool_]:
    is_same: NDArray[np.bool_] = np.logical_and(
        *(np.diff(np.round(degrees, _LAST_DECIMAL)) == 0.0 for degrees in (track.lons_deg, track.lats_deg))
    )
    return is_same


def _long_spans(track: Track, is_same: NDArray[np.bool_], least: tuple[int, float]) -> list[tuple[int, int]]:
    """Return from when until when steps were the same, of so many fixes and so many seconds at least."""
    spans = _runs(is_same & (np.diff(track.times_us) > 0))
    found = [
        (int(track.times_us[first]), int(track.times_us[last])) for first, last in spans if last - first + 1 >= least[0]
    ]
    return [(from_us, until_us) for from_us, until_us in found if until_us - from_us >= least[1] * MICROSECONDS_PER_S]


def _runs(is_so: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where steps begin to be so, and where they end to be."""
    turns = np.flatnonzero(np.diff(is_so.astype(np.int8), prepend=0, append=0)).reshape(-1, 2).tolist()
    return [(first, end) for first, end in turns]


def check_track(device: DeviceTrack, from_us: int, until_us: int, params: VerdictParams) -> Iterator[Reason]:
    """Yield what cannot be, or is doubtful, in what a device told about a visit that lasted so long."""
    around_us = round(params.leap_within_s * MICROSECONDS_PER_S)
    near = readable(device, from_us - around_us, until_us + around_us)
    within = readable(device, from_us, until_us)
    if within.mocks.any():
        count = int(np.count_nonzero(within.mocks))
        yield Reason(kind=ReasonKind.MOCK, weight=params.mock, span=_span(within, within.mocks), facts={"count": count})
    leaps = find_leaps(near, params)
    if leaps:
        worst = max(leaps, key=lambda leap: leap.speed_mps)
        yield Reason(
            kind=ReasonKind.LEAP,
            weight=params.leap,
            span=span_of(worst.started_us, worst.ended_us),
            facts={
                "way_m": round(worst.way_m),
                "seconds": round((worst.ended_us - worst.started_us) / MICROSECONDS_PER_S),
            },
        )
    for kind, spans, weight in (
        (ReasonKind.FROZEN, find_frozen(near, params), params.frozen),
        (ReasonKind.FROZEN_ACCURACY, find_frozen_accuracies(near, params), params.frozen_accuracy),
    ):
        during = [span for span in spans if span[0] <= until_us and span[1] >= from_us]
        if during:
            yield _frozen(kind, during, params.frozen_leap if _is_leapt(during, leaps) else weight)
    yield from _speeds(near, params)


def _frozen(kind: ReasonKind, spans: Sequence[tuple[int, int]], weight: float) -> Reason:
    longest = max(spans, key=lambda span: span[1] - span[0])
    return Reason(kind=kind, weight=weight, span=span_of(*longest), facts={"seconds": _seconds(*longest)})


def _is_leapt(spans: Sequence[tuple[int, int]], leaps: Sequence[Leap]) -> bool:
    """Return whether a leap leads to one of some spans, or from it."""
    ends = {end for leap in leaps for end in (leap.started_us, leap.ended_us)}
    return any(end in ends for span in spans for end in span)


def _speeds(track: Track, params: VerdictParams) -> Iterator[Reason]:
    if len(track) < 2:
        return
    _, sure_m, waited_s = _steps(track)
    said_mps = np.maximum(track.speeds_mps[:-1], track.speeds_mps[1:])
    is_wrong = (said_mps < params.standing_mps) & (sure_m / waited_s > params.moving_mps)
    for first, end in _runs(is_wrong):
        if end - first >= params.speed_count and _apart_m(track, first, end) > params.leap_m:
            span = span_of(int(track.times_us[first]), int(track.times_us[end]))
            yield Reason(kind=ReasonKind.SPEED, weight=params.speed, span=span, facts={"count": end - first})
            return


def _apart_m(track: Track, one: int, other: int) -> float:
    ends = [[column[at]] for at in (one, other) for column in (track.lons_deg, track.lats_deg)]
    return float(geodesics_m(*ends)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step between two fixes: `sure_m` is what of its length no inaccuracy explains."""

    started_us: int
    ended_us: int
    sure_m: float
    waited_s: float

    def speed_mps(self, *, beyond_m: float) -> float:
        """Return how fast it was as the crow flies; 0 for one that is no longer than said."""
        return self.sure_m / self.waited_s if self.sure_m > beyond_m else 0.0


def steps_around(device: DeviceTrack, presence: Presence) -> tuple[Step, Step] | None:
    """Return the step by which a worker came to a place and the one by which the worker left it; None if not both."""
    if presence.left is None:
        return None
    track = readable(device, 0, _EVER_US)
    ends = np.searchsorted(track.times_us, [presence.entered.at_us, presence.left.at_us])
    if ends[0] == 0 or ends[1] == len(track):
        return None
    came, went = (_step(select_fixes(track, slice(end - 1, end + 1))) for end in ends.tolist())
    return came, went


def _step(track: Track) -> Step:
    """Return the one step of a track of two fixes."""
    _, sure_m, waited_s = _steps(track)
    started_us, ended_us = track.times_us.tolist()
    return Step(started_us=started_us, ended_us=ended_us, sure_m=float(sure_m[0]), waited_s=float(waited_s[0]))


def is_unseen(device: DeviceTrack, presence: Presence, params: VerdictParams) -> bool:
    """Return whether a worker came from afar and left for afar, and the phone told of neither way."""
    steps = steps_around(device, presence)
    return steps is not None and all(
        step.sure_m > params.unseen_m and step.waited_s >= params.unseen_s for step in steps
    )


def check_rush(device: DeviceTrack, presence: Presence, params: VerdictParams) -> Iterator[Reason]:
    """Yield that a worker came and went faster than anybody drives to a place and parks there."""
    steps = steps_around(device, presence)
    if steps is None:
        return
    slower, faster = sorted(steps, key=lambda step: step.speed_mps(beyond_m=params.rush_m))
    is_twice = slower.speed_mps(beyond_m=params.rush_m) > params.rush_mps
    if is_twice or faster.speed_mps(beyond_m=params.rush_m) > params.rush_once_mps:
        facts = {"way_m": round(faster.sure_m), "seconds": round(faster.waited_s)}
        weight = params.rush if is_twice else params.rush_once
        yield Reason(kind=ReasonKind.RUSH, weight=weight, span=span_of(faster.started_us, faster.ended_us), facts=facts)


def check_devices(tracks: Sequence[DeviceTrack], moments_us: Iterable[int], params: VerdictParams) -> Iterator[Reason]:
    """Yield that two devices of one worker were apart at one of some moments, the farthest of all."""
    pairs = list(combinations(tracks, 2))
    found = (_apart_at(*pair, at_us, params) for at_us in moments_us for pair in pairs)
    way_m, at_us = max((one for one in found if one is not None), default=(0.0, 0))
    if way_m > 0.0:
        span, facts = span_of(at_us, at_us), {"distance_m": round(way_m)}
        yield Reason(kind=ReasonKind.DEVICES_APART, weight=params.devices, span=span, facts=facts)


def _apart_at(one: DeviceTrack, other: DeviceTrack, at_us: int, params: VerdictParams) -> tuple[float, int] | None:
    """Return how far apart two devices were, and when, where nobody gets so far between the fixes that say so."""
    within_us = round(params.track_within_s * MICROSECONDS_PER_S)
    near = readable(one, at_us - within_us, at_us + within_us)
    if not len(near):
        return None
    nearest = int(np.abs(near.times_us - at_us).argmin())
    here, here_us = Position(float(near.lons_deg[nearest]), float(near.lats_deg[nearest])), int(near.times_us[nearest])
    found = distance_at(other, here, here_us, within_us=within_us)
    if found is None:
        return None
    way_m, there_us = found
    travelled_m = params.apart_mps * abs(there_us - here_us) / MICROSECONDS_PER_S
    return (way_m, here_us) if way_m - travelled_m > params.devices_m else None


def distance_at(device: DeviceTrack, position: Position, at_us: int, *, within_us: int) -> tuple[float, int] | None:
    """Return how far a device was from a place by the fix nearest to a moment, and when that is; None without one."""
    near = readable(device, at_us - within_us, at_us + within_us)
    if not len(near):
        return None
    nearest = int(np.abs(near.times_us - at_us).argmin())
    lons_deg, lats_deg = near.lons_deg[nearest : nearest + 1], near.lats_deg[nearest : nearest + 1]
    way_m = geodesics_m([position.lon], [position.lat], lons_deg, lats_deg)
    return float(way_m[0]), int(near.times_us[nearest])


def span_of(from_us: int, until_us: int) -> TimeSpan:
    """Return a span of microseconds since 1970; one moment lasts as long as a clock shows it."""
    return TimeSpan(start_at=to_moment(from_us), end_at=to_moment(max(until_us, from_us + 1)))


def _seconds(from_us: int, until_us: int) -> int:
    return round((until_us - from_us) / MICROSECONDS_PER_S)


def _span(track: Track, chosen: NDArray[np.bool_]) -> TimeSpan:
    times_us = track.times_us[chosen]
    return span_of(int(times_us[0]), int(times_us[-1]))
