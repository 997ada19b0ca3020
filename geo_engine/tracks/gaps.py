"""When a device should have been tracked and told nothing; computed for a whole track at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo_engine.timespan import TimeSpan
from geo_engine.tracks.flags import Flags, usable
from geo_engine.tracks.model import Gap, Track, to_microseconds, to_moment
from geo_engine.tracks.params import DeriveParams, GapParams
from geo_engine.tracks.rules import microseconds

_DEFAULT = DeriveParams()


def detect_gaps(
    track: Track, flags: Flags, *, spans: Sequence[TimeSpan] = (), params: DeriveParams = _DEFAULT
) -> tuple[Gap, ...]:
    """Return the parts of `spans` without a usable fix; without spans, the silences between fixes.

    Parameters
    ----------
    spans
        When the device should be tracked: disjoint, in order of time, such as a worker's shifts. One that is
        not over yet ends now: gaps reach to its end.
    """
    return gaps_of(track.times_us[usable(flags)], spans, params.gaps)


def gaps_of(times_us: NDArray[np.int64], spans: Sequence[TimeSpan], params: GapParams) -> tuple[Gap, ...]:
    """Return what `detect_gaps` returns, for the moments of the usable fixes."""
    if not spans:
        return _silences(times_us, params)
    gaps: list[Gap] = []
    for span in spans:
        start_us, end_us = to_microseconds(span.start_at), to_microseconds(span.end_at)
        low, high = np.searchsorted(times_us, (start_us, end_us))
        gaps += _silences(np.concatenate(([start_us], times_us[low:high], [end_us])), params)
    return tuple(gaps)


def _silences(times_us: NDArray[np.int64], params: GapParams) -> tuple[Gap, ...]:
    before = np.flatnonzero(np.diff(times_us) > microseconds(params.least_s))
    return tuple(Gap(started_at=to_moment(int(times_us[k])), ended_at=to_moment(int(times_us[k + 1]))) for k in before)
