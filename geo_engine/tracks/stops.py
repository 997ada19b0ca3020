"""Where a device stayed, from when until when; computed for a whole track at once."""

import numpy as np

from geo_engine.geometry.earth_fixed import position_of
from geo_engine.tracks.epochs import Epochs, epochs_of
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.judging import Stay
from geo_engine.tracks.model import Stop, Track, to_moment
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.rules import radius_m
from geo_engine.tracks.stays import StayFinder

_DEFAULT = DeriveParams()


def detect_stops(track: Track, flags: Flags, *, params: DeriveParams = _DEFAULT) -> tuple[Stop, ...]:
    """Return the stops of a track, disjoint and in order of time.

    Parameters
    ----------
    flags
        Of its fixes, as `flag_fixes` returns them.

    Notes
    -----
    How they are found: `geo_engine.tracks.stays`; what one is: `StopParams`.
    """
    return stops_of(epochs_of(track, flags, params), params)


def stops_of(epochs: Epochs, params: DeriveParams) -> tuple[Stop, ...]:
    """Return the stops of a track in epochs, disjoint and in order of time."""
    finder = StayFinder(epochs, params)
    stays = finder.stays()
    return tuple(
        _stop(finder, stay, span_us) for stay, span_us in zip(stays, finder.judge.spans_us(stays), strict=True)
    )


def _stop(finder: StayFinder, stay: Stay, span_us: tuple[int, int]) -> Stop:
    epochs = finder.epochs
    middle = finder.judge.middle(stay.insides)
    apart = epochs.places.taken(stay.insides)
    squares_mm2 = sum(int(np.square(axis_mm - own_mm).sum()) for axis_mm, own_mm in zip(apart, middle, strict=True))
    return Stop(
        started_at=to_moment(span_us[0]),
        ended_at=to_moment(span_us[1]),
        position=position_of(middle),
        radius_m=radius_m(squares_mm2, len(stay.insides)),
        fix_count=int(epochs.fix_counts[stay.first : stay.last + 1].sum()),
    )
