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

    def around(self, share: float) -> "Part":
        """Return it with so much of its sides more on each side, within the picture."""
        more_x, more_y = share * (self.right - self.left), share * (self.bottom - self.top)
        return Part(
            left=max(0.0, self.left - more_x),
            top=max(0.0, self.top - more_y),
            right=min(1.0, self.right + more_x),
            bottom=min(1.0, self.bottom + more_y),
        )

    @property
    def area(self) -> float:
        """Its share of the picture's area."""
        return (self.right - self.left) * (self.bottom - self.top)


WHOLE = Part(left=0.0, top=0.0, right=1.0, bottom=1.0)


def part_of(shades: NDArray[np.generic], part: Part, side: int) -> Shades:
    """Return a part of a picture, squeezed into a square of so many rows and columns; each is the mean of its area.

    Notes
    -----
    By running sums: O(pixels), and no product of matrices that would wait for other threads.
    """
    narrow = _steps(shades.astype(np.float64, copy=False), part.top, part.bottom, side)
    return _steps(narrow.T, part.left, part.right, side).T


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


def _steps(shades: Shades, start: float, end: float, count: int) -> Shades:
    """Return the mean of the rows in each of `count` equal steps between two shares of the height."""
    size = len(shades)
    sums = np.concatenate([np.zeros((1, shades.shape[1])), np.cumsum(shades, axis=0)])
    edges = np.linspace(start * size, end * size, count + 1)
    before = edges.astype(np.intp).clip(0, size - 1)
    beyond = (edges - before)[:, None]
    means: Shades = np.diff(sums[before] * (1 - beyond) + sums[before + 1] * beyond, axis=0)
    return means * (count / ((end - start) * size))
