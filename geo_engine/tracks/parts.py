"""Where silence breaks the fixes of a track into parts, and when the device stood still."""

from collections.abc import Sequence
from itertools import pairwise

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


def unparted_ranges(
    firsts_us: NDArray[np.int64],
    lasts_us: NDArray[np.int64],
    *,
    before_us: int | None,
    after_us: int | None,
    longest_us: int,
) -> list[tuple[int, int]]:
    """Return which of some looks at a device, one after the other, are parted by no longer silence: ranges of indices.

    Parameters
    ----------
    firsts_us, lasts_us
        When each look began and ended, microseconds since 1970; a fix is a look of one moment.
    before_us, after_us
        Until when and since when the device is known before and behind all of them; None where it is not. The first
        range goes on from what is before, the last one up to what is behind; both may be empty.

    Examples
    --------
    >>> looks = np.array([12, 14, 90])
    >>> unparted_ranges(looks, looks, before_us=10, after_us=None, longest_us=5)
    [(0, 2), (2, 3)]
    >>> unparted_ranges(looks, looks, before_us=1, after_us=99, longest_us=5)
    [(0, 0), (0, 2), (2, 3), (3, 3)]
    """
    known_us = np.concatenate(([before_us or 0], lasts_us))
    seen_us = np.concatenate((firsts_us, [after_us or 0]))
    is_parted = seen_us - known_us > longest_us
    is_parted[0] &= before_us is not None
    is_parted[-1] &= after_us is not None
    return list(pairwise([0, *np.flatnonzero(is_parted).tolist(), len(firsts_us)]))


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
