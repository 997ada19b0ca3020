"""When a device should have been tracked and told nothing; computed for a whole track at once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.timespan import TimeSpan
from geo_engine.tracks.flags import Flags, usable_indices
from geo_engine.tracks.model import Gap, GapCause, Track, to_microseconds, to_moment
from geo_engine.tracks.params import DeriveParams, GapParams
from geo_engine.tracks.rules import microseconds

_DEFAULT = DeriveParams()

type _Part = tuple[datetime, datetime]


def detect_gaps(track: Track, flags: Flags, *, params: DeriveParams = _DEFAULT) -> tuple[Gap, ...]:
    """Return the silences between usable fixes."""
    return gaps_of(track.times_us[usable_indices(flags)], params.gaps)


def gaps_of(times_us: NDArray[np.int64], params: GapParams) -> tuple[Gap, ...]:
    """Return what `detect_gaps` returns, for the moments of the usable fixes."""
    before = np.flatnonzero(np.diff(times_us) > microseconds(params.least_s))
    return tuple(Gap(started_at=to_moment(int(times_us[k])), ended_at=to_moment(int(times_us[k + 1]))) for k in before)


def explain_gaps(
    track: Track,
    flags: Flags,
    silences: Iterable[Gap],
    *,
    span: TimeSpan,
    on_shift: Sequence[TimeSpan],
    params: GapParams = _DEFAULT.gaps,
) -> tuple[Gap, ...]:
    """Return what was missed of shifts, with its cause, and which silences nobody was to break; in the order of time.

    Parameters
    ----------
    silences
        Between usable fixes of the track, as `detect_gaps` returns them.
    span
        What is looked at, such as a day.
    on_shift
        When the device was to be tracked, in any order; what has not passed yet is not in them.

    Notes
    -----
    Shifts have play at both ends (`GapParams.play_s`), so their first and last minutes are missed only between two
    fixes; where `span` cuts a shift nothing is missed at the cut. A silence between fixes that touches no shift at all
    was in one when they were kept, as before a late clock-in: it stays unexplained. A silence behind a fix of an almost
    empty battery is the battery's. Whether a phone was offline for good or had lost its permission, no protocol of
    today tells.
    """
    start_us, end_us = to_microseconds(span.start_at), to_microseconds(span.end_at)
    seen = usable_indices(flags)
    chosen = seen[(track.times_us[seen] >= start_us) & (track.times_us[seen] < end_us)]
    times_us, batteries_percent = track.times_us[chosen], track.batteries_percent[chosen]
    here = [(span.start_at, span.end_at)]
    shifts = list(_united(part for one in on_shift for part in _within((one.start_at, one.end_at), here)))
    between = [part for one in silences for part in _within((one.started_at, one.ended_at), here)]
    missed = [part for silence in between for part in _within(silence, shifts)]
    missed += _at_ends(times_us, shifts, span, timedelta(seconds=params.play_s))

    def cause(start_at: datetime) -> GapCause:
        before = int(np.searchsorted(times_us, to_microseconds(start_at), side="right")) - 1
        is_empty = before >= 0 and batteries_percent[before] <= params.empty_percent
        return GapCause.BATTERY if is_empty else GapCause.UNKNOWN

    found = [(start_at, end_at, cause(start_at)) for start_at, end_at in missed]
    for silence in between:
        # Whoever was heard as a shift ended was in it.
        is_aside = not any(one.start_at <= silence[1] and silence[0] <= one.end_at for one in on_shift)
        found += [(*part, cause(part[0]) if is_aside else GapCause.OFF_SHIFT) for part in _outside(silence, shifts)]
    least = timedelta(seconds=params.least_s)
    return tuple(
        Gap(started_at=start_at, ended_at=end_at, cause=cause)
        for start_at, end_at, cause in sorted(found)
        if end_at - start_at > least
    )


def off_shift(silences: Iterable[Gap], on_shift: Iterable[TimeSpan]) -> tuple[TimeSpan, ...]:
    """Return the parts of silences that lie in no shift, in the order of the silences: nothing was to be told then."""
    shifts = list(_united((one.start_at, one.end_at) for one in on_shift))
    parts = (part for one in silences for part in _outside((one.started_at, one.ended_at), shifts))
    return tuple(TimeSpan(start_at=start_at, end_at=end_at) for start_at, end_at in parts)


def _at_ends(times_us: NDArray[np.int64], shifts: Sequence[_Part], span: TimeSpan, play: timedelta) -> Iterator[_Part]:
    """Yield what is missed of shifts before the first fix and behind the last."""
    first_at, last_at = (to_moment(int(times_us[k])) for k in (0, -1)) if len(times_us) else (span.end_at, span.end_at)
    for start_at, end_at in shifts:
        if start_at > span.start_at:
            yield start_at + play, first_at if first_at <= end_at else end_at - play
        if end_at < span.end_at:
            yield last_at if last_at >= start_at else start_at + play, end_at - play


def _united(parts: Iterable[_Part]) -> Iterator[_Part]:
    """Yield the parts in the order of time, those that overlap or touch as one."""
    last: _Part | None = None
    for start_at, end_at in sorted(parts):
        if last and start_at <= last[1]:
            last = (last[0], max(last[1], end_at))
            continue
        if last:
            yield last
        last = (start_at, end_at)
    if last:
        yield last


def _within(part: _Part, shifts: Sequence[_Part]) -> Iterator[_Part]:
    for shift in shifts:
        start_at, end_at = max(part[0], shift[0]), min(part[1], shift[1])
        if start_at < end_at:
            yield start_at, end_at


def _outside(part: _Part, shifts: Sequence[_Part]) -> Iterator[_Part]:
    start_at, end_at = part
    for shift in _within(part, shifts):
        if start_at < shift[0]:
            yield start_at, shift[0]
        start_at = shift[1]
    if start_at < end_at:
        yield start_at, end_at
