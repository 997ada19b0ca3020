"""What points tell as columns: longitude, latitude and, where a point has one, altitude."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.tracks.files.cells import Cells
from geo_engine.tracks.files.columns import GEOMETRY


def geometry_cells(shapes: NDArray[np.object_]) -> dict[str, Cells]:
    """Return the numbers of points as columns of `GEOMETRY`; empty where there is no geometry, or none of a point."""
    values = (shapely.get_x(shapes), shapely.get_y(shapes), shapely.get_z(shapes))
    cells = {name: numbers.tolist() for name, numbers in zip(GEOMETRY, values, strict=True)}
    return cells if shapely.has_z(shapes).any() else dict(list(cells.items())[:2])
