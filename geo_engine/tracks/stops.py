"""Where a device stayed, from when until when; computed for a whole track at once."""

import math

from geo_engine.geometry.earth_fixed import Place, chord_mm, chords_mm, position_of
from geo_engine.tracks.epochs import Epochs, epochs_of
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import Stop, Track, to_moment
from geo_engine.tracks.rules import MM_PER_M, DeriveParams, StopParams, microseconds
from geo_engine.tracks.stays import Stay, StayFinder

_DEFAULT = DeriveParams()


def detect_stops(track: Track, flags: Flags, *, params: DeriveParams = _DEFAULT) -> tuple[Stop, ...]:
    """Return the stops of a track, disjoint and in order of time.

    Parameters
    ----------
    flags
        Of its fixes, as `flag_fixes` returns them.
    """
    return stops_of(epochs_of(track, flags, params), params.stops)


def stops_of(epochs: Epochs, params: StopParams) -> tuple[Stop, ...]:
    """Return the stops of a track in epochs, disjoint and in order of time."""
    finder = StayFinder(epochs, params)
    stays = list(finder.stays())
    return tuple(_stop(finder, stay, params) for stay in stays)


def _stop(finder: StayFinder, stay: Stay, params: StopParams) -> Stop:
    epochs = finder.epochs
    middle = finder.mean(stay.insides)
    chords = chords_mm(epochs.places.taken(stay.insides), middle)
    return Stop(
        started_at=to_moment(_started_us(epochs, stay, middle, params)),
        ended_at=to_moment(_ended_us(epochs, stay, middle, params)),
        position=position_of(middle),
        radius_m=round(math.sqrt(float((chords * chords).mean()) * 2) / MM_PER_M, 1),
        fix_count=int(epochs.fix_counts[stay.first : stay.last + 1].sum()),
    )


def _started_us(epochs: Epochs, stay: Stay, middle: Place, params: StopParams) -> int:
    first_us = int(epochs.first_us[stay.first])
    if stay.first == 0:
        return first_us
    before_us = int(epochs.last_us[stay.first - 1])
    apart_mm = chord_mm(epochs.places.at(stay.first - 1), middle)
    if first_us - before_us > microseconds(params.regular_s):
        return first_us
    return min(first_us, before_us + _way_us(apart_mm, params))


def _ended_us(epochs: Epochs, stay: Stay, middle: Place, params: StopParams) -> int:
    last_us = int(epochs.last_us[stay.last])
    if stay.last == len(epochs) - 1:
        return last_us
    after_us = int(epochs.first_us[stay.last + 1])
    apart_mm = chord_mm(epochs.places.at(stay.last + 1), middle)
    if after_us - last_us > microseconds(params.regular_s) and apart_mm > params.wake_m * MM_PER_M:
        return last_us
    return max(last_us, after_us - _way_us(apart_mm, params))


def _way_us(apart_mm: float, params: StopParams) -> int:
    return round(apart_mm * 1_000.0 / params.travel_mps)
