"""Whether a track's coordinates look as if they were written in another reference system than was declared."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from geo_engine.geometry.crs import Crs, LonLatArray
from geo_engine.geometry.crs_fit import LikelyCrs, find_likely_crs
from geo_engine.geometry.measure import geodesics_m
from geo_engine.roads import RoadRouter
from geo_engine.roads.nearness import road_nearness_m
from geo_engine.tracks.model import MICROSECONDS_PER_S, Track
from geo_engine.words import Message

# Faster than people walk: on a road, or beside none.
_DRIVING_MPS = 3.0
_MOST_BETWEEN_S = 300.0


def find_crs_hint(tracks: Sequence[Track], *, declared: Crs, router: RoadRouter) -> LikelyCrs | None:
    """Return the system that tracks seem to be written in; None when nothing speaks for another.

    Parameters
    ----------
    tracks
        WGS 84, as converted from `declared`; only fixes that are driven at are looked at, as these are on roads.
    router
        Of the company; estimates know no roads, and nothing is said.

    Notes
    -----
    Cost: O(n), and at most 3,000 snaps.
    """
    if router.is_estimate:
        return None
    lonlat = np.concatenate([np.empty((0, 2)), *map(_driven, tracks)])
    return find_likely_crs(lonlat, declared=declared, nearness_of=partial(road_nearness_m, router))


def crs_sentence(likely: LikelyCrs) -> Message:
    """Return the sentence that says what was found, with its figures."""
    return Message(
        "{nearer} of {count} driven fixes would lie nearer to a road if the coordinates were {likely}: "
        "{likely_m} m instead of {declared_m} m in the median. They were read as {declared}.",
        likely.facts(),
    )


def _driven(track: Track) -> LonLatArray:
    """Return the fixes that a device moved to faster than anybody walks, shape (n, 2)."""
    lons, lats = track.lons_deg, track.lats_deg
    elapsed_s = np.diff(track.times_us) / MICROSECONDS_PER_S
    moved_m = geodesics_m(lons[:-1], lats[:-1], lons[1:], lats[1:])
    is_driven = (moved_m > _DRIVING_MPS * elapsed_s) & (elapsed_s > 0) & (elapsed_s <= _MOST_BETWEEN_S)
    return np.column_stack((lons[1:], lats[1:]))[is_driven]
