"""How a device moved between its stops; computed for a whole track at once."""

from collections.abc import Sequence

import numpy as np

from geo_engine.geometry.earth_fixed import Place, chord_mm, place_of
from geo_engine.tracks.epochs import Epochs, Marks, epochs_of
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import Stop, Track, Trip, to_microseconds, to_moment
from geo_engine.tracks.params import DeriveParams, TripParams
from geo_engine.tracks.rules import MM_PER_M, step_mm

_DEFAULT = DeriveParams()


def detect_trips(
    track: Track, flags: Flags, stops: Sequence[Stop], *, params: DeriveParams = _DEFAULT
) -> tuple[Trip, ...]:
    """Return the moves before, between and after the stops of a track, in order of time.

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
    found = (_trip(epochs, before, after, params) for before, after in ends) if len(epochs) else ()
    return tuple(trip for trip in found if trip is not None)


def _trip(epochs: Epochs, before: Stop | None, after: Stop | None, params: TripParams) -> Trip | None:
    started_us = int(epochs.first_us[0]) if before is None else to_microseconds(before.ended_at)
    ended_us = int(epochs.last_us[-1]) if after is None else to_microseconds(after.started_at)
    low = 0 if before is None else int(np.searchsorted(epochs.first_us, started_us, "right"))
    high = len(epochs) if after is None else int(np.searchsorted(epochs.last_us, ended_us))
    is_beyond_stops = (before is None or after is None) and low >= high
    if is_beyond_stops or started_us == ended_us:
        return None
    return Trip(
        started_at=to_moment(started_us),
        ended_at=to_moment(ended_us),
        distance_m=_distance_m(epochs.marks, _marked(epochs, low, high), before, after, params),
        fix_count=int(epochs.fix_counts[low:high].sum()),
    )


def _marked(epochs: Epochs, low: int, high: int) -> slice:
    # Which marks are in some epochs.
    if low >= high:
        return slice(0, 0)
    ends_us = epochs.first_us[low], epochs.last_us[high - 1]
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
