"""How a device moved between its stops; computed for a whole track at once."""

from collections.abc import Iterator, Sequence

import numpy as np

from geo_engine.geometry.earth_fixed import Place, chord_mm, place_of
from geo_engine.tracks.epochs import Epochs, Marks, epochs_of
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import Stop, Track, Trip, to_microseconds, to_moment
from geo_engine.tracks.params import DeriveParams, TripParams
from geo_engine.tracks.parts import unparted_ranges
from geo_engine.tracks.rules import MM_PER_M, microseconds, step_mm

_DEFAULT = DeriveParams()


def detect_trips(
    track: Track, flags: Flags, stops: Sequence[Stop], *, params: DeriveParams = _DEFAULT
) -> tuple[Trip, ...]:
    """Return the moves before, between and after the stops of a track, in order of time; long silences part them.

    Parameters
    ----------
    flags, stops
        Of the track, as `flag_fixes` and `detect_stops` return them.
    """
    return trips_of(epochs_of(track, flags, params), stops, params.trips)


def trips_of(epochs: Epochs, stops: Sequence[Stop], params: TripParams) -> tuple[Trip, ...]:
    """Return the moves before, between and after the stops of a track in epochs, in order of time.

    Notes
    -----
    A way is measured from one mark to the next one that is clearly elsewhere. O(n).
    """
    ends = zip((None, *stops), (*stops, None), strict=True)
    return tuple(trip for before, after in ends for trip in _trips(epochs, before, after, params))


def _trips(epochs: Epochs, before: Stop | None, after: Stop | None, params: TripParams) -> Iterator[Trip]:
    before_us = None if before is None else to_microseconds(before.ended_at)
    after_us = None if after is None else to_microseconds(after.started_at)
    low = 0 if before_us is None else int(np.searchsorted(epochs.first_us, before_us, "right"))
    high = len(epochs) if after_us is None else int(np.searchsorted(epochs.last_us, after_us))
    ranges = unparted_ranges(
        epochs.first_us[low:high],
        epochs.last_us[low:high],
        before_us=before_us,
        after_us=after_us,
        longest_us=microseconds(params.parting_s),
    )
    befores, afters = [before, *[None] * (len(ranges) - 1)], [*[None] * (len(ranges) - 1), after]
    for (first, end), own_before, own_after in zip(ranges, befores, afters, strict=True):
        trip = _trip(epochs, range(low + first, low + end), own_before, own_after, params)
        if trip is not None:
            yield trip


def _trip(epochs: Epochs, chosen: range, before: Stop | None, after: Stop | None, params: TripParams) -> Trip | None:
    if not chosen and (before is None or after is None):
        return None
    started_at = to_moment(int(epochs.first_us[chosen.start])) if before is None else before.ended_at
    ended_at = to_moment(int(epochs.last_us[chosen.stop - 1])) if after is None else after.started_at
    if started_at == ended_at:
        return None
    return Trip(
        started_at=started_at,
        ended_at=ended_at,
        distance_m=_distance_m(epochs.marks, _marked(epochs, chosen), before, after, params),
        fix_count=int(epochs.fix_counts[chosen.start : chosen.stop].sum()),
    )


def _marked(epochs: Epochs, chosen: range) -> slice:
    # Which marks are in some epochs.
    if not chosen:
        return slice(0, 0)
    ends_us = epochs.first_us[chosen.start], epochs.last_us[chosen.stop - 1]
    return slice(
        int(np.searchsorted(epochs.marks.times_us, ends_us[0])),
        int(np.searchsorted(epochs.marks.times_us, ends_us[1], "right")),
    )


def _distance_m(marks: Marks, chosen: slice, before: Stop | None, after: Stop | None, params: TripParams) -> float:
    columns = (*marks.places, marks.accuracies_mm)
    at = None if before is None else place_of(before.position.lon, before.position.lat)
    total_mm = 0.0
    for x_mm, y_mm, z_mm, accuracy_mm in zip(*(column[chosen].tolist() for column in columns), strict=True):
        place = Place(x_mm, y_mm, z_mm)
        apart_mm = 0.0 if at is None else chord_mm(at, place)
        if at is None or apart_mm > step_mm(accuracy_mm, params):
            total_mm += apart_mm
            at = place
    if after is not None and at is not None:
        total_mm += chord_mm(at, place_of(after.position.lon, after.position.lat))
    return round(total_mm / MM_PER_M, 1)
