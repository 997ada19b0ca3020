"""Which presences are one stay: in fences that overlap, of several devices, and from one day into the next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from geo_engine.geofences.presences import Crossing, Presence, ended_us
from geo_engine.geofences.transitions import least_dwell_s, stayed_s
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits.day import Seen

LONGEST_OVER = timedelta(hours=12)
"""For how long a stay may go on beyond the end of the day it began on: what lasts longer is parted there."""
_SAME_PART = 0.5


def group_stays(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Return presences that are the same stay in fences that overlap, each stay in order of its sites."""
    dwelt = [one for one in seen if stayed_s(one.presence) >= least_dwell_s(one.fence)]
    groups: list[list[Seen]] = []
    for one in sorted(dwelt, key=lambda found: (found.presence.entered.at_us, found.site_id)):
        group = next(
            (group for group in groups if all(_is_same_stay(one.presence, other.presence) for other in group)), None
        )
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def seen_once(seen: Sequence[Seen]) -> Iterator[Seen]:
    """Yield presences, of those in one fence that several devices of a worker tell at once the longest alone."""
    kept: list[Seen] = []
    for one in sorted(seen, key=lambda one: (-stayed_s(one.presence), one.device, one.presence.entered.at_us)):
        rivals = (other for other in kept if other.fence.id == one.fence.id and other.device != one.device)
        if not any(shared_us(one.presence, other.presence) > 0 for other in rivals):
            kept.append(one)
            yield one


def _is_same_stay(one: Presence, other: Presence) -> bool:
    shorter_us = min(span_us(one)[1] - span_us(one)[0], span_us(other)[1] - span_us(other)[0])
    return shared_us(one, other) > _SAME_PART * shorter_us


def shared_us(one: Presence, other: Presence) -> int:
    """Return how long two presences were at once, microseconds; negative: how long one was after the other."""
    (from_us, until_us), (other_from_us, other_until_us) = span_us(one), span_us(other)
    return min(until_us, other_until_us) - max(from_us, other_from_us)


def span_us(presence: Presence) -> tuple[int, int]:
    """Return from when until when a presence lasted, as far as it is known, microseconds since 1970."""
    return presence.entered.at_us, ended_us(presence)


def part_long_stays(seen: Iterable[Seen], day: TimeSpan) -> Iterator[Seen]:
    """Yield presences; those that go on for too long after a day has begun or ended as two, parted then."""
    for one in seen:
        parts = [one]
        for turned_at in (day.start_at, day.end_at):
            turn_us, over_us = to_microseconds(turned_at), to_microseconds(turned_at + LONGEST_OVER)
            parts = [part for whole in parts for part in _parted(whole, turn_us, over_us)]
        yield from parts


def _parted(seen: Seen, turn_us: int, over_us: int) -> Iterator[Seen]:
    presence = seen.presence
    if presence.entered.at_us >= turn_us or ended_us(presence) <= over_us:
        yield seen
        return
    over, seen_us = Crossing(over_us, over_us, over_us), presence.seen_until_us
    yield replace(seen, presence=replace(presence, left=over, seen_until_us=min(seen_us, over_us)))
    yield replace(seen, presence=replace(presence, entered=over, seen_until_us=max(seen_us, over_us)))
