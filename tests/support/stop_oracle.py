"""What one finds who is told by the truth which fixes are of a stay: how far from possible a detector is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks import Track
from geo_engine.tracks.epochs import epochs_of
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.judging import Stay, StayJudge
from geo_engine.tracks.model import MICROSECONDS_PER_S
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.windows import silences

type Span = tuple[float, float]

_DEFAULT = DeriveParams()
# Phones tell whole seconds: each fix is an epoch of its own.
_FIX_BY_FIX = replace(_DEFAULT, stops=replace(_DEFAULT.stops, epoch_s=1.0))


def oracle_spans(track: Track, stays: Sequence[Span], *, shortest_s: float) -> list[Span]:
    """Return the stays that are no shorter than asked for, as whoever labels each fix rightly places them.

    Parameters
    ----------
    stays
        The true ones, disjoint and in order of time, seconds since 1970.

    Notes
    -----
    The oracle is told which usable fixes lie within which stay, and which of the stays to tell of. It is not told when
    they began and ended: it reckons that from the last fix outside and the first inside by the rule of our detector,
    `StayJudge.spans_us`. A stay without a usable fix it misses, and nothing it tells is extra but by misplaced ends. It
    is no bound that nobody can pass: ends placed by another rule, or by luck, may be nearer.
    """
    epochs = epochs_of(track, flag_fixes(track), _FIX_BY_FIX)
    judge = StayJudge(epochs, silences(epochs, _FIX_BY_FIX.stops), _FIX_BY_FIX)
    asked = [stay for stay in stays if stay[1] - stay[0] >= shortest_s]
    labelled = list(_labelled(epochs.first_us / MICROSECONDS_PER_S, asked))
    return [
        (start_us / MICROSECONDS_PER_S, end_us / MICROSECONDS_PER_S) for start_us, end_us in judge.spans_us(labelled)
    ]


def _labelled(times_s: NDArray[np.float64], stays: Sequence[Span]) -> Iterator[Stay]:
    for start_s, end_s in stays:
        first, end = np.searchsorted(times_s, start_s), np.searchsorted(times_s, end_s, "right")
        if first < end:
            yield Stay(first=int(first), last=int(end) - 1, insides=np.arange(first, end))
