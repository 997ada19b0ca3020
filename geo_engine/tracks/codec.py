"""How a track goes to a page: thinned, in parts, as small whole numbers; `track_codec.js` reads it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks.detail import importances_m, unwrapped_deg
from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.model import MICROSECONDS_PER_S, UNUSABLE, Flag, Gap, Stop, Track
from geo_engine.tracks.parts import part_numbers

VERSION = 1
_STEPS_PER_DEGREE = 1e6
_STEPS_PER_MPS = 10.0
_UNKNOWN = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnFixes:
    """Fixes as a page draws them; all arrays have one length.

    Parameters
    ----------
    times_s
        Seconds since 1970, ascending.
    lons_deg, lats_deg
        WGS 84; longitudes go on beyond ±180 where the track crosses the 180th meridian.
    accuracies_m, speeds_mps
        As the device said; NaN where it did not.
    flags
        Bits of `Flag`.
    """

    times_s: NDArray[np.int64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    accuracies_m: NDArray[np.float64]
    speeds_mps: NDArray[np.float64]
    flags: NDArray[np.uint16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnTrack:
    """A track as a page draws it.

    Parameters
    ----------
    tolerance_m
        How far the line may be from the usable fixes, each at its moment; None when it goes through all.
    fix_count
        How many usable fixes the line stands for.
    line
        The kept ones.
    part_counts
        How many of them each part has; between parts is a gap.
    doubtful
        The unusable fixes but duplicates, thinned in the same way.
    """

    tolerance_m: float | None
    fix_count: int
    line: DrawnFixes
    part_counts: tuple[int, ...]
    doubtful: DrawnFixes


def encode_track(
    track: Track,
    flags: NDArray[np.uint16],
    *,
    tolerance_m: float | None,
    most_fixes: int | None = None,
    stops: Sequence[Stop] = (),
    gaps: Sequence[Gap] = (),
) -> dict[str, Any]:
    """Return a track ready for JSON; `decode_track` and ``decodeTrack`` of `track_codec.js` read it.

    Parameters
    ----------
    flags
        Bits of `Flag`, one number per fix. The line goes through the usable ones.
    tolerance_m
        As `thin_track`; None keeps every fix.
    most_fixes
        The tolerance is raised until the line has no more, as far as parts allow (each keeps its ends); so is
        that of the doubtful fixes.
    stops, gaps
        As `thin_track`.

    Notes
    -----
    A fix takes about 18 bytes of JSON. Times are whole seconds, positions 1e-6 degrees (0.11 m), speeds 0.1 m/s,
    accuracies metres, each rounded to the nearest; times and positions as differences, −1 for what is unknown.
    """
    usable = usable_indices(flags)
    doubtful = np.flatnonzero(((flags & np.uint16(UNUSABLE)) != 0) & ((flags & np.uint16(Flag.DUPLICATE)) == 0))
    line_m = importances_m(track, usable, least_m=tolerance_m or 0.0, stops=stops, gaps=gaps)
    doubtful_m = importances_m(track, doubtful, least_m=tolerance_m or 0.0)
    line_tolerance_m = _raised_m(line_m, tolerance_m, most_fixes)
    line = _kept(usable, line_m, line_tolerance_m)
    shown = _kept(doubtful, doubtful_m, _raised_m(doubtful_m, tolerance_m, most_fixes))
    parts = part_numbers(track.times_us[line], gaps)
    return {
        "version": VERSION,
        "tolerance_m": line_tolerance_m,
        "fix_count": len(usable),
        "part_counts": np.unique(parts, return_counts=True)[1].tolist(),
        "line": _encoded(track, flags, line),
        "doubtful": _encoded(track, flags, shown),
    }


def decode_track(encoded: Mapping[str, Any]) -> DrawnTrack:
    """Return what `encode_track` was given, but for thinning and rounding."""
    return DrawnTrack(
        tolerance_m=encoded["tolerance_m"],
        fix_count=encoded["fix_count"],
        line=_decoded(encoded["line"]),
        part_counts=tuple(encoded["part_counts"]),
        doubtful=_decoded(encoded["doubtful"]),
    )


def _raised_m(found_m: NDArray[np.float64], tolerance_m: float | None, most_fixes: int | None) -> float | None:
    """Return the least tolerance, at least `tolerance_m`, that keeps no more than wished; ends are kept by any."""
    if most_fixes is None or len(found_m) <= most_fixes:
        return tolerance_m
    inner_m = np.sort(found_m[np.isfinite(found_m)])
    spare_count = max(most_fixes - (len(found_m) - len(inner_m)), 0)
    return max(tolerance_m or 0.0, float(inner_m[-spare_count - 1])) if spare_count < len(inner_m) else tolerance_m


def _kept(which: NDArray[np.intp], found_m: NDArray[np.float64], tolerance_m: float | None) -> NDArray[np.intp]:
    return which if tolerance_m is None else which[found_m > tolerance_m]


def _encoded(track: Track, flags: NDArray[np.uint16], which: NDArray[np.intp]) -> dict[str, list[int]]:
    lons_deg = unwrapped_deg(track.lons_deg[which])
    return {
        "times": _differences((track.times_us[which] + MICROSECONDS_PER_S // 2) // MICROSECONDS_PER_S),
        "lons": _differences(np.rint(lons_deg * _STEPS_PER_DEGREE)),
        "lats": _differences(np.rint(track.lats_deg[which] * _STEPS_PER_DEGREE)),
        "accuracies": _known_steps(track.accuracies_m[which], 1.0),
        "speeds": _known_steps(track.speeds_mps[which], _STEPS_PER_MPS),
        "flags": flags[which].tolist(),
    }


def _decoded(encoded: Mapping[str, Any]) -> DrawnFixes:
    return DrawnFixes(
        times_s=_summed(encoded["times"]),
        lons_deg=_summed(encoded["lons"]) / _STEPS_PER_DEGREE,
        lats_deg=_summed(encoded["lats"]) / _STEPS_PER_DEGREE,
        accuracies_m=_known(encoded["accuracies"], 1.0),
        speeds_mps=_known(encoded["speeds"], _STEPS_PER_MPS),
        flags=np.array(encoded["flags"], dtype=np.uint16),
    )


def _differences(values: NDArray[np.int64] | NDArray[np.float64]) -> list[int]:
    """Return the first value and how much each is more than the one before."""
    differences: list[int] = np.diff(values.astype(np.int64), prepend=0).tolist()
    return differences


def _summed(differences: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum(np.array(differences, dtype=np.int64))


def _known_steps(values: NDArray[np.float64], steps: float) -> list[int]:
    whole: list[int] = np.where(np.isfinite(values), np.rint(values * steps), _UNKNOWN).astype(np.int64).tolist()
    return whole


def _known(encoded: Sequence[int], steps: float) -> NDArray[np.float64]:
    values = np.array(encoded, dtype=np.float64)
    return np.where(values == _UNKNOWN, np.nan, values / steps)
