"""Whether a file's coordinates look as if they were written in another reference system than was declared."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from geo_engine.basemap.buildings import Buildings
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, LonLatArray
from geo_engine.geometry.crs_fit import LikelyCrs, find_likely_crs
from geo_engine.words import Message


class BuildingsWhenAsked:
    """The buildings of an extract, read for the first file that has enough places in mainland China."""

    def __init__(self, extract: Path) -> None:
        self._extract = extract
        self._buildings: Buildings | None = None
        self._lock = Lock()

    def nearness_m(self, lonlat: LonLatArray) -> NDArray[np.float64]:
        """Return how far positions lie from the nearest building, as `Buildings.nearness_m`.

        Raises
        ------
        InvalidInput
            When the extract is missing or cannot be read.
        """
        with self._lock:
            if self._buildings is None:
                self._buildings = Buildings(self._extract)
        return self._buildings.nearness_m(lonlat)


def find_crs_hint(
    written: Sequence[Position], *, declared: Crs, buildings: BuildingsWhenAsked | None
) -> LikelyCrs | None:
    """Return the system that a file's coordinates seem to be written in; None when nothing speaks for another.

    Sites, depots and homes stand in buildings or beside them. Roads tell less: houses stand back from them, so that
    places moved by half a kilometre lie nearer to roads than where they are.

    Parameters
    ----------
    written
        What the file gives by coordinates, WGS 84, as converted from `declared`.
    buildings
        Of the company's extract; without any nothing is said.

    Raises
    ------
    InvalidInput
        When the extract is missing or cannot be read.
    """
    if buildings is None:
        return None
    lonlat = np.array([(one.lon, one.lat) for one in written]).reshape(-1, 2)
    return find_likely_crs(lonlat, declared=declared, nearness_of=buildings.nearness_m)


def crs_sentence(likely: LikelyCrs) -> Message:
    """Return the sentence that says what was found, with its figures."""
    return Message(
        "{nearer} of {count} places would lie nearer to a building if the coordinates were {likely}: "
        "{likely_m} m instead of {declared_m} m in the median. They were read as {declared}.",
        likely.facts(),
    )
