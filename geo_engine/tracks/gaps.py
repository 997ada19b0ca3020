"""When a device should have been tracked and told nothing; computed for a whole track at once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.timespan import TimeSpan
from geo_engine.tracks.flags import Flags, usable
from geo_engine.tracks.model import Gap, GapCause, Track, to_microseconds, to_moment
from geo_engine.tracks.params import DeriveParams, GapParams
from geo_engine.tracks.rules import microseconds

_DEFAULT = DeriveParams()

type _Part = tuple[datetime, datetime]


def detect_gaps(track: Track, flags: Flags, *, params: DeriveParams = _DEFAULT) -> tuple[Gap, ...]:
    """Return the silences between usable fixes."""
    return gaps_of(track.times_us[usable(flags)], params.gaps)


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
        What is looked at: before its first usable fix and behind its last there is silence, too.
    on_shift
        When the device was to be tracked, in any order; what has not passed yet is not in them.

    Notes
    -----
    A silence behind a fix of an almost empty battery is the battery's. Whether a phone was offline for good or had lost
    its permission, no protocol of today tells.
    """
    here = [(span.start_at, span.end_at)]
    shifts = list(_united(part for one in on_shift for part in _within((one.start_at, one.end_at), here)))
    within = (track.times_us >= to_microseconds(span.start_at)) & (track.times_us < to_microseconds(span.end_at))
    times_us, batteries_percent = (
        column[usable(flags) & within] for column in (track.times_us, track.batteries_percent)
    )
    between = [part for one in silences for part in _within((one.started_at, one.ended_at), here)]
    first_at, last_at = (to_moment(int(times_us[k])) for k in (0, -1)) if len(times_us) else (span.end_at, span.end_at)

    def cause(start_at: datetime) -> GapCause:
        before = int(np.searchsorted(times_us, to_microseconds(start_at), side="right")) - 1
        is_empty = before >= 0 and batteries_percent[before] <= params.empty_percent
        return GapCause.BATTERY if is_empty else GapCause.UNKNOWN

    found = [
        Gap(started_at=start_at, ended_at=end_at, cause=cause(start_at))
        for silence in ((span.start_at, first_at), *between, (last_at, span.end_at))
        for start_at, end_at in _within(silence, shifts)
    ]
    found += [
        Gap(started_at=start_at, ended_at=end_at, cause=GapCause.OFF_SHIFT)
        for silence in between
        for start_at, end_at in _outside(silence, shifts)
    ]
    least = timedelta(seconds=params.least_s)
    return tuple(
        sorted((one for one in found if one.ended_at - one.started_at > least), key=lambda one: one.started_at)
    )


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
