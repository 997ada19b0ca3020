"""What a file of fences gave, and the formats there are."""

from dataclasses import dataclass
from enum import StrEnum

from geo_engine.geofences.model import Geofence
from geo_engine.tables.model import RowProblem


class FenceFormat(StrEnum):
    """How fences are written into a file."""

    GEOJSON = "geojson"
    CSV = "csv"
    TRACCAR = "traccar"


@dataclass(frozen=True, slots=True, kw_only=True)
class FencesRead:
    """The fences of a file, each with the line or number it stands at, and what was wrong with the others."""

    fences: tuple[Geofence, ...]
    lines: tuple[int, ...]
    problems: tuple[RowProblem, ...]
