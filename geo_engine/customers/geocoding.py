"""How an address becomes a position: the port every geocoder answers, and what an answer carries."""

from dataclasses import dataclass
from typing import Protocol

from geo_engine.geometry import Position

CONFIDENT_SCORE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocodeCandidate:
    """One place an address may mean.

    Parameters
    ----------
    label
        The matched place in the source's own words.
    position
        WGS 84, already converted from the source's reference system.
    score
        0 to 1: how well the label fits the address.
    source
        The adapter and data set or service that said so, such as ``extract:monaco`` or ``http:amap``.
    """

    label: str
    position: Position
    score: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Geocoding:
    """An address and the places it may mean, best first."""

    address: str
    candidates: tuple[GeocodeCandidate, ...]

    @property
    def best(self) -> GeocodeCandidate | None:
        """The best candidate, or None when nothing fits."""
        return self.candidates[0] if self.candidates else None

    @property
    def is_confident(self) -> bool:
        """Whether the best candidate may be used without a person looking at it."""
        return self.best is not None and self.best.score >= CONFIDENT_SCORE


class Geocoder(Protocol):
    """Whatever resolves addresses."""

    def geocode(self, address: str) -> Geocoding:
        """Return what `address` may mean; no candidates when nothing fits.

        Raises
        ------
        Unavailable
            When the source cannot be reached or refuses the key.
        """
        ...
