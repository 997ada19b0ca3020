"""Shades of grey as arrays of shape (rows, columns): made smaller, cut, smoothed, compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Shades = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a picture, in shares of its width and height from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Its share of the picture's area."""
        return (self.right - self.left) * (self.bottom - self.top)


WHOLE = Part(left=0.0, top=0.0, right=1.0, bottom=1.0)


def part_of(shades: NDArray[np.generic], part: Part, side: int) -> Shades:
    """Return a part of a picture, squeezed into a square of so many rows and columns; each is the mean of its area.

    Notes
    -----
    Two products of matrices: O(side × pixels).
    """
    rows, columns = shades.shape
    down = _weights(rows, part.top, part.bottom, side)
    across = _weights(columns, part.left, part.right, side)
    squeezed: Shades = down @ shades.astype(np.float64, copy=False) @ across.T
    return squeezed


def smoothed(shades: Shades, reach: int) -> Shades:
    """Return the mean of each pixel and those up to `reach` rows and columns away."""
    width = 2 * reach + 1
    for axis in (0, 1):
        ends = [(reach + 1, reach), (0, 0)] if axis == 0 else [(0, 0), (reach + 1, reach)]
        sums = np.cumsum(np.pad(shades, ends, mode="edge"), axis=axis)
        low, high = (
            np.take(sums, range(sums.shape[axis] - width), axis=axis),
            np.take(sums, range(width, sums.shape[axis]), axis=axis),
        )
        shades = (high - low) / width
    return shades


def correlation(first: Shades, second: Shades) -> float:
    """Return how alike two equally long series of shades are, −1 to 1, whatever their brightness and contrast."""
    one, other = first - first.mean(), second - second.mean()
    size = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0


def _weights(size: int, start: float, end: float, count: int) -> Shades:
    """Return the share of each of `size` pixels in each of `count` equal steps from `start` to `end`."""
    edges = np.linspace(start * size, end * size, count + 1)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    overlap = overlap.clip(min=0.0)
    weights: Shades = overlap / overlap.sum(axis=1, keepdims=True)
    return weights
