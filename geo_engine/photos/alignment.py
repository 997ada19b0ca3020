"""Whether two pictures are the same one: laid upon each other as well as they can be, their details are compared.

What only looks alike, such as a shelf photographed again on another day, agrees in its large shapes and not in its
details; a copy agrees in both, however it was cut, encoded or lit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.photos.fingerprints import Meeting
from geo_engine.photos.shades import WHOLE, Part, Shades, correlation, part_of, smoothed

_COARSE, _COARSE_OTHER, _FINE, _FINE_OTHER = 64, 96, 128, 144
_MARGIN = 0.15
_ROUNDS, _LONGEST_STEP, _SHORTEST_STEP = 12, 0.1, 1e-4
_LEAST_SHARED, _LEAST_GAIN = 0.4, 0.05
_BLOCK, _LEAST_CONTRAST, _DETAIL_REACH = 16, 2.0, 5
_ACROSS, _EDGE_ROWS, _AGREEING = _FINE // _BLOCK, 2, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two pictures are when one lies upon the other.

    Parameters
    ----------
    shapes
        The correlation of their shades, −1 to 1.
    details
        The median correlation of their details by block, −1 to 1; 0 where there is none to compare.
    agreeing
        The share of blocks whose details agree. At the upper and the lower edge, where captions are written, none
        counts: what does not agree between was moved, taken or put there since.
    """

    shapes: float
    details: float
    agreeing: float


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the corners of the first picture lie upon the second: its left, top, width and height, in shares."""

    values: NDArray[np.float64]

    def points(self, side: int) -> tuple[Shades, Shades]:
        steps = (np.arange(side) + 0.5) / side
        left, top, width, height = self.values
        return np.meshgrid(left + width * steps, top + height * steps)


def compare(first: NDArray[np.uint8], second: NDArray[np.uint8], meeting: Meeting) -> Likeness:
    """Return how alike two pictures are.

    Parameters
    ----------
    first, second
        Their shades, some hundred pixels wide.
    meeting
        How they may belong together, by their fingerprints: from there on it is looked for the best place.

    Notes
    -----
    Lucas & Kanade (1981) with a place, a size in each direction, brightness and contrast. About 15 ms.
    """
    shown = part_of(meeting.turn.of(first.astype(np.float64)), meeting.part, _FINE)
    region = meeting.other_part.around(_MARGIN)
    frame = _laid(shown, part_of(second, region, _COARSE_OTHER), _within(region, meeting.other_part))
    under, is_shared = _sampled(part_of(second, region, _FINE_OTHER), *frame.points(_FINE))
    upper, under = smoothed(shown, 1), smoothed(under, 1)
    found, is_inner = _details(upper, under, is_shared)
    return Likeness(
        shapes=correlation(upper[is_shared], under[is_shared]) if is_shared.any() else 0.0,
        details=float(np.median(found)) if len(found) else 0.0,
        agreeing=float(np.mean(found[is_inner] >= _AGREEING)) if is_inner.any() else 1.0,
    )


def _within(region: Part, part: Part) -> _Frame:
    """Return where a part lies in a region of the same picture."""
    width, height = region.right - region.left, region.bottom - region.top
    left, top = (part.left - region.left) / width, (part.top - region.top) / height
    return _Frame(np.array([left, top, (part.right - part.left) / width, (part.bottom - part.top) / height]))


def _laid(shown: Shades, second: Shades, frame: _Frame) -> _Frame:
    """Return where a picture lies best upon another, beginning with a guess."""
    upper, under = smoothed(part_of(shown, WHOLE, _COARSE), 1), smoothed(second, 1)
    down, across = (np.asarray(slope) for slope in np.gradient(under))
    slopes: tuple[Shades, Shades] = (across * _COARSE_OTHER, down * _COARSE_OTHER)
    best, best_shapes = frame, -1.0
    for _ in range(_ROUNDS):
        found, is_shared = _sampled(under, *frame.points(_COARSE))
        if is_shared.mean() < _LEAST_SHARED:
            break
        shapes = correlation(found[is_shared], upper[is_shared])
        if shapes > best_shapes:
            best, best_shapes = frame, shapes
        step = _step(frame, upper, found, is_shared, slopes)
        if step is None:
            break
        frame = _Frame(frame.values + step)
        if np.abs(step).max() < _SHORTEST_STEP:
            break
    return best


def _step(
    frame: _Frame, upper: Shades, found: Shades, is_shared: NDArray[np.bool_], slopes: tuple[Shades, Shades]
) -> NDArray[np.float64] | None:
    """Return by how much a frame is to move; None where the pictures do not tell."""
    x, y = frame.points(_COARSE)
    across, down = (_sampled(slope, x, y)[0][is_shared] for slope in slopes)
    inner_x, inner_y = _Frame(np.array([0.0, 0.0, 1.0, 1.0])).points(_COARSE)
    columns = (across, down, across * inner_x[is_shared], down * inner_y[is_shared], found[is_shared])
    system = np.stack([*columns, np.ones(len(across))], axis=1)
    solution = np.linalg.lstsq(system.T @ system, system.T @ upper[is_shared])[0]
    gain = solution[4]
    if abs(gain) < _LEAST_GAIN:
        return None
    step: NDArray[np.float64] = solution[:4] / gain
    return step * min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), _SHORTEST_STEP))


def _sampled(shades: Shades, x: Shades, y: Shades) -> tuple[Shades, NDArray[np.bool_]]:
    """Return the shades at points, in shares, between pixels too; and which points lie within the picture."""
    side = len(shades)
    across, down = x * side - 0.5, y * side - 0.5
    is_inside = (across >= 0) & (across <= side - 1) & (down >= 0) & (down <= side - 1)
    across, down = across.clip(0, side - 1.001), down.clip(0, side - 1.001)
    column, row = across.astype(np.intp), down.astype(np.intp)
    across, down = across - column, down - row
    upper = shades[row, column] * (1 - across) + shades[row, column + 1] * across
    lower = shades[row + 1, column] * (1 - across) + shades[row + 1, column + 1] * across
    return upper * (1 - down) + lower * down, is_inside


def _details(upper: Shades, under: Shades, is_shared: NDArray[np.bool_]) -> tuple[Shades, NDArray[np.bool_]]:
    """Return the correlation of the details of each block that has some, and whether it lies between the edges."""
    fine, fine_under = (shades - smoothed(shades, _DETAIL_REACH) for shades in (upper, under))
    blocks = zip(_blocks(fine), _blocks(fine_under), _blocks(is_shared), strict=True)
    found = [
        (correlation(one, other), number // _ACROSS)
        for number, (one, other, shared) in enumerate(blocks)
        if shared.all() and max(one.std(), other.std()) >= _LEAST_CONTRAST
    ]
    correlations, rows = np.array(found).reshape(-1, 2).T
    return correlations, (rows >= _EDGE_ROWS) & (rows < _ACROSS - _EDGE_ROWS)


def _blocks[T: np.generic](shades: NDArray[T]) -> NDArray[T]:
    count = len(shades) // _BLOCK
    return shades.reshape(count, _BLOCK, count, _BLOCK).swapaxes(1, 2).reshape(count * count, _BLOCK, _BLOCK)
