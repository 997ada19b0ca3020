"""Where silence breaks the fixes of a track into parts, and when the device stood still."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks.model import Gap, Stop, to_microseconds


def part_numbers(times_us: NDArray[np.int64], gaps: Sequence[Gap]) -> NDArray[np.intp]:
    """Return of which part each of the ascending moments is; parts are numbered from 0 and broken by gaps.

    A gap breaks between two consecutive moments when it covers some of the time between them.

    Examples
    --------
    >>> from geo_engine.tracks.model import to_moment
    >>> gap = Gap(started_at=to_moment(2), ended_at=to_moment(9))
    >>> part_numbers(np.array([0, 2, 9, 12]), [gap]).tolist()
    [0, 0, 1, 1]
    """
    breaks = np.zeros(len(times_us), dtype=np.bool_)
    for gap in gaps:
        started_us, ended_us = to_microseconds(gap.started_at), to_microseconds(gap.ended_at)
        # Fixes first..last begin or end a pair that the gap reaches into.
        first = max(int(np.searchsorted(times_us, started_us, side="right")), 1)
        last = int(np.searchsorted(times_us, ended_us, side="left"))
        breaks[first : last + 1] = True
    return np.cumsum(breaks)


def stay_spans_us(stops: Sequence[Stop]) -> list[tuple[int, int]]:
    """Return when each stop begins and ends, microseconds since 1970; one begins no sooner than the last has ended.

    Who derives a stop from few fixes guesses when it began and ended, and two guesses may overlap.
    """
    spans_us: list[tuple[int, int]] = []
    free_us = None
    for stop in stops:
        started_us, ended_us = to_microseconds(stop.started_at), to_microseconds(stop.ended_at)
        started_us = started_us if free_us is None else max(started_us, free_us)
        free_us = max(started_us, ended_us)
        spans_us.append((started_us, free_us))
    return spans_us
