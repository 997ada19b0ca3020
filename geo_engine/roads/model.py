"""What a road network answers: travel matrices, paths, snaps and matches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import LonLat, Position
from geo_engine.ids import GraphKey

STRAIGHT_ROADS = GraphKey("straight")
"""Stands for straight-line estimates where a graph's key is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadChoice:
    """What a company's routes are planned on.

    Parameters
    ----------
    key
        The name of the graph's folder in the cache, a hash of what it was made from; or `STRAIGHT_ROADS`.
    extract_name
        What people call the extract; empty for estimates.
    """

    key: GraphKey
    extract_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMatrix:
    """Travel from every place to every place; not symmetric.

    Parameters
    ----------
    durations_s, distances_m
        Float arrays of shape (n, n), row = from, column = to, in the order the places were given;
        NaN where there is no path.
    is_estimate
        True when the figures are not from a road network.
    """

    durations_s: NDArray[np.float64]
    distances_m: NDArray[np.float64]
    is_estimate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadPath:
    """The way through places in their order.

    Parameters
    ----------
    legs
        One tuple of (lon, lat) pairs, WGS 84, per leg between consecutive places; empty where there is
        no path.
    durations_s, distances_m
        One number per leg; NaN where there is no path.
    """

    legs: tuple[tuple[LonLat, ...], ...]
    durations_s: tuple[float, ...]
    distances_m: tuple[float, ...]
    is_estimate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snap:
    """The nearest point of the road network to a position."""

    position: Position
    distance_m: float
    road_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedPiece:
    """A connected part of a match: the way through the positions that were snapped.

    Parameters
    ----------
    indices
        Which of the given positions, ascending; at least two.
    snapped
        Where each of them was put, (lon, lat), WGS 84.
    legs, durations_s, distances_m
        The way between each two consecutive ones: at least two (lon, lat) pairs, how long it usually takes, and its
        length along roads.
    confidence
        0 to 1.
    """

    indices: tuple[int, ...]
    snapped: tuple[LonLat, ...]
    legs: tuple[tuple[LonLat, ...], ...]
    durations_s: tuple[float, ...]
    distances_m: tuple[float, ...]
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedPath:
    """A track snapped to roads (Newson & Krumm 2009).

    Parameters
    ----------
    pieces
        In order; no position is in two.
    matched_positions
        Where each given position was put; None for an outlier.
    """

    pieces: tuple[MatchedPiece, ...]
    matched_positions: tuple[Position | None, ...]

    @property
    def confidences(self) -> tuple[float, ...]:
        """How sure each piece is, 0 to 1."""
        return tuple(piece.confidence for piece in self.pieces)

    @property
    def distance_m(self) -> float:
        """Length along roads of all pieces."""
        return sum((sum(piece.distances_m) for piece in self.pieces), 0.0)
