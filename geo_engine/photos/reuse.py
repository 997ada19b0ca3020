"""When two photos show the same: first by their fingerprints, then by their details."""

from dataclasses import dataclass

from geo_engine.photos.alignment import Likeness
from geo_engine.photos.model import ReuseKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseParams:
    """When two photos show the same; measured by ``tests/benchmarks/photo_reuse.py``.

    Parameters
    ----------
    farthest
        In how many of 128 frequencies they may differ to be looked at more closely: of unlike ones a ten-thousandth
        differ in no more.
    most_compared
        How many are looked at more closely, the nearest first; 10 to 20 ms each.
    same_details
        From which correlation of details on they are the same picture.
    same_agreeing
        Which share of blocks has to agree then: where things were moved, somebody has been there again.
    view_details
        From which on they show the same place from nearly the same spot.
    """

    farthest: int = 36
    most_compared: int = 24
    same_details: float = 0.9
    same_agreeing: float = 0.9
    view_details: float = 0.35


def kind_of(distance: int, likeness: Likeness, params: ReuseParams) -> ReuseKind | None:
    """Return in which way two pictures show the same; None when they do not, or only look alike.

    Parameters
    ----------
    distance
        Of their fingerprints.
    """
    if distance > params.farthest or likeness.details < params.view_details:
        return None
    is_same = likeness.details >= params.same_details and likeness.agreeing >= params.same_agreeing
    return ReuseKind.SAME_PICTURE if is_same else ReuseKind.SAME_VIEW
