"""The words of what was driven: ways on roads where they fit the track, the track itself where none does."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class WayKind(StrEnum):
    """What a way stands on."""

    MATCHED = "matched"
    """Fixes that lie along roads."""
    RAW = "raw"
    """Fixes that no road fits: a ferry, a car park, a road that is new."""
    ASSUMED = "assumed"
    """Nothing but its ends: what is usual between them, over a gap."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrivenWay:
    """A way a device moved on, with its time.

    Parameters
    ----------
    times_us, lons_deg, lats_deg
        Its points: microseconds since 1970, ascending, and WGS 84; three arrays of one length, at least two.
    distance_m
        Its length; along roads where it is matched.
    least_m, most_m
        What it can have been at the least and at the most, as a silence leaves room for detours.
    confidence
        The share of it that is likely within 25 m of where the device really moved, 0 to 1; 0 where no road fits.
    """

    kind: WayKind
    times_us: NDArray[np.int64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    distance_m: float
    least_m: float
    most_m: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenTrip:
    """How far a trip went along roads, and the share of it that is likely on the right ones, 0 to 1."""

    driven_m: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """All that a device moved, in order; while it stands it moves nowhere.

    Parameters
    ----------
    fix_count, matched_count
        How many usable fixes there are outside stops, and how many of them are on matched ways.
    """

    ways: tuple[DrivenWay, ...]
    fix_count: int
    matched_count: int

    @property
    def distance_m(self) -> float:
        """How far it moved, as well as can be told."""
        return sum((way.distance_m for way in self.ways), 0.0)

    @property
    def least_m(self) -> float:
        """How far it moved at the least."""
        return sum((way.least_m for way in self.ways), 0.0)

    @property
    def most_m(self) -> float:
        """How far it can have moved at the most."""
        return sum((way.most_m for way in self.ways), 0.0)

    @property
    def confidence(self) -> float:
        """The share of all metres that is likely on the right roads, 0 to 1; 0 when nothing was driven."""
        sure_m = sum((way.confidence * way.distance_m for way in self.ways), 0.0)
        return sure_m / self.distance_m if self.distance_m > 0.0 else 0.0
