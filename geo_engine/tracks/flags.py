"""What is doubtful about each fix of a track, and why; computed for a whole track at once."""

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import UNITS_PER_DEGREE, places_of
from geo_engine.tracks.jumps import Steps, find_jumps
from geo_engine.tracks.model import UNUSABLE, Flag, Track
from geo_engine.tracks.params import FlagParams
from geo_engine.tracks.rules import accuracies_mm, microseconds

type Flags = NDArray[np.uint16]
"""For each fix the bits of `Flag`."""

_S_PER_DAY = 86_400
_DEFAULT = FlagParams()


def flag_fixes(track: Track, *, received_us: NDArray[np.int64] | None = None, params: FlagParams = _DEFAULT) -> Flags:
    """Return what is doubtful about each fix.

    Parameters
    ----------
    track
        Ordered by time, positions finite and in their range.
    received_us
        When each fix was received, microseconds since 1970; None when nobody knows, as in a file. Without it
        nothing is `FUTURE` or `STALE`.

    Returns
    -------
    Flags
        One value a fix. `ROLLOVER` is never among them: decoders know it.

    Notes
    -----
    A fix is compared only with fixes that have no doubt of their own, and verdicts on runs look to both sides:
    a bad fix never makes a good one look bad. O(n) and a sort of what shares a moment; a day at 1 Hz takes
    about 30 ms.
    """
    flags = flag_each(track, received_us=received_us, params=params)
    flags |= _duplicates(track, (flags & _bit(Flag.FUTURE)) == 0)
    fine = usable_indices(flags)
    flags[fine[_frozen(track, fine, params)]] |= _bit(Flag.FROZEN)
    fine = usable_indices(flags)
    flags[fine[find_jumps(_steps(track, fine, params), params)]] |= _bit(Flag.JUMP)
    return flags


def flag_each(track: Track, *, received_us: NDArray[np.int64] | None, params: FlagParams = _DEFAULT) -> Flags:
    """Return what is doubtful about each fix by itself, whatever its neighbours are: known as soon as it arrives.

    Parameters
    ----------
    track
        In any order.
    received_us
        As for `flag_fixes`.
    """
    flags = np.zeros(len(track), dtype=np.uint16)
    flags[track.mocks] |= _bit(Flag.MOCK)
    flags[(track.lons_deg == 0) & (track.lats_deg == 0)] |= _bit(Flag.ZERO)
    flags[track.accuracies_m > params.accuracy_limit_m] |= _bit(Flag.INACCURATE)
    if received_us is not None:
        ahead_us = track.times_us - received_us
        flags[ahead_us > microseconds(params.future_tolerance_s)] |= _bit(Flag.FUTURE)
        flags[-ahead_us > microseconds(params.stale_after_days * _S_PER_DAY)] |= _bit(Flag.STALE)
    return flags


def usable_indices(flags: Flags) -> NDArray[np.intp]:
    """Return the indices of the fixes that count for what is derived, ascending: no flag of `UNUSABLE` is on them."""
    return np.flatnonzero((flags & _bit(UNUSABLE)) == 0)


def _duplicates(track: Track, is_timely: NDArray[np.bool_]) -> Flags:
    flags = np.zeros(len(track), dtype=np.uint16)
    timely = np.flatnonzero(is_timely)
    times_us = track.times_us[timely]
    is_like_last = np.diff(times_us, prepend=times_us[:1] - 1) == 0
    shared = timely[is_like_last | np.append(is_like_last[1:], False)]
    if len(shared):
        lons, lats = _units(track.lons_deg[shared]), _units(track.lats_deg[shared])
        order = np.lexsort((shared, lats, lons, track.times_us[shared]))
        keys = np.stack((track.times_us[shared], lons, lats))[:, order]
        flags[shared[order[1:]][(np.diff(keys) == 0).all(axis=0)]] |= _bit(Flag.DUPLICATE)
    return flags


def _frozen(track: Track, fine: NDArray[np.intp], params: FlagParams) -> NDArray[np.bool_]:
    # A stretch: one after the other the same coordinates, each said to be moving. Its first fix may be true.
    is_frozen = np.zeros(len(fine), dtype=np.bool_)
    is_moving = track.speeds_mps[fine] >= params.frozen_moving_mps
    lons, lats = _units(track.lons_deg[fine]), _units(track.lats_deg[fine])
    goes_on = is_moving[1:] & is_moving[:-1] & (np.diff(lons) == 0) & (np.diff(lats) == 0)
    if goes_on.any():
        first_of = np.maximum.accumulate(np.where(np.concatenate(([False], goes_on)), 0, np.arange(len(fine))))
        firsts, sizes = np.unique(first_of, return_counts=True)
        times_us = track.times_us[fine]
        lasted_us = times_us[firsts + sizes - 1] - times_us[firsts]
        is_long = np.repeat(lasted_us >= microseconds(params.frozen_after_s), sizes)
        is_frozen = is_long & (first_of != np.arange(len(fine)))
    return is_frozen


def _steps(track: Track, fine: NDArray[np.intp], params: FlagParams) -> Steps:
    return Steps(
        times_us=track.times_us[fine],
        places=places_of(track.lons_deg[fine], track.lats_deg[fine]),
        accuracies_mm=accuracies_mm(track.accuracies_m[fine], params),
    )


def _bit(flag: Flag) -> np.uint16:
    return np.uint16(flag.value)


def _units(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(degrees * UNITS_PER_DEGREE).astype(np.int64)
