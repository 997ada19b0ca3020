"""Everything that a whole track says: flags, stops, trips and gaps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks.epochs import epochs_of
from geo_engine.tracks.flags import Flags, flag_fixes, usable_indices
from geo_engine.tracks.gaps import gaps_of
from geo_engine.tracks.model import Gap, Stop, Track, Trip
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.stops import stops_of
from geo_engine.tracks.trips import trips_of

_DEFAULT = DeriveParams()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derived:
    """What a track says: a value of `Flag` for each fix; stops, trips and gaps, each in order of time."""

    flags: Flags
    stops: tuple[Stop, ...]
    trips: tuple[Trip, ...]
    gaps: tuple[Gap, ...]


def derive(
    track: Track,
    *,
    received_us: NDArray[np.int64] | None = None,
    params: DeriveParams = _DEFAULT,
) -> Derived:
    """Return the flags, stops, trips and gaps of a track.

    Parameters
    ----------
    track
        The fixes of one device, ordered by time.
    received_us
        When each fix was received, microseconds since 1970, if known.

    Notes
    -----
    Stops are disjoint, stops and trips take turns but where a silence of `TripParams.parting_s` parts trips or stands
    for one, and each usable fix lies in one of them (a lone one in none).
    Nothing depends on a calendar: all is UTC.
    """
    flags = flag_fixes(track, received_us=received_us, params=params.flags)
    epochs = epochs_of(track, flags, params)
    stops = stops_of(epochs, params)
    return Derived(
        flags=flags,
        stops=stops,
        trips=trips_of(epochs, stops, params.trips),
        gaps=gaps_of(track.times_us[usable_indices(flags)], params.gaps),
    )
