"""Square matrices of whole numbers: as narrow as their numbers allow, and worked on a block of rows at a time.

Of 5,000 places a matrix of 64-bit numbers takes 200 MiB, and each step of an expression over it as much again.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int32] | NDArray[np.int64]
_NARROW_UNDER = 2**30  # the sum of two is still a 32-bit number
_BLOCK_ROWS = 64


def empty_integers(shape: tuple[int, ...], most: float) -> Integers:
    """Return an array to be filled with whole numbers between -1 and `most`."""
    return np.empty(shape, dtype=np.int32 if most < _NARROW_UNDER else np.int64)


def row_blocks(row_count: int) -> Iterator[slice]:
    """Cut so many rows into blocks that a processor's cache holds."""
    for start in range(0, row_count, _BLOCK_ROWS):
        yield slice(start, min(row_count, start + _BLOCK_ROWS))
