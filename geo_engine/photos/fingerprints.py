"""What pictures are compared by: short keys of a picture and of parts of it, alike for pictures that look alike.

A key is the signs of the 128 lowest frequencies of a picture's shades. Encoding anew, another size and other light
leave nearly all of them; a cut does not. So there is a key of the whole, of twelve parts that a cut might have left,
and of what is inside an even border, such as the bars beside a picture on a phone's screen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.photos.shades import WHOLE, Part, Shades, part_of

_SIDE = 32
_FREQUENCIES, _HIGHEST_SUM = 12, 17
# A border is even when seven tenths of each line have the shade of the outermost three, give or take ten.
_BORDER_SHARE, _BORDER_REACH, _OUTERMOST = 0.7, 10.0, 3
_BUSY_RUN_SHARE, _LEAST_INSIDE, _NO_BORDER = 1 / 40, 0.15, 0.97
_STEPS = 255


def _parts() -> tuple[Part, ...]:
    """Return the whole, and what is left of it when a tenth goes all round, at a corner, or of a side."""
    spans = [(0.0, 0.9), (0.05, 0.95), (0.1, 1.0)]
    corners = [(across, down) for across in spans[::2] for down in spans[::2]]
    bands = [(across, (0.0, 1.0)) for across in spans] + [((0.0, 1.0), down) for down in spans]
    kept = [((0.0, 1.0), (0.0, 1.0)), (spans[1], spans[1]), ((0.1, 0.9), (0.1, 0.9)), *corners, *bands]
    return tuple(Part(left=x[0], right=x[1], top=y[0], bottom=y[1]) for x, y in kept)


PARTS = _parts()
"""Of which parts there are keys, the whole first; the key of what is inside a border stands behind them."""
KEYS_COUNT = len(PARTS) + 1
_INSIDE = len(PARTS)
_KEY_BITS = 128
FINGERPRINT = np.dtype([("keys", "<u8", (KEYS_COUNT, 2)), ("border", "u1", 4)])
FINGERPRINT_BYTES = FINGERPRINT.itemsize

type Fingerprints = NDArray[np.void]
"""Many of them, in the layout `FINGERPRINT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A picture turned or mirrored: mirrored across first, then down, then rows made columns."""

    across: bool = False
    down: bool = False
    transposed: bool = False

    def of(self, shades: Shades) -> Shades:
        """Return shades turned so."""
        turned = shades[:: -1 if self.down else 1, :: -1 if self.across else 1]
        return turned.T if self.transposed else turned


UPRIGHT = Turn()
_TURNS = tuple(
    Turn(across=across, down=down, transposed=transposed)
    for across in (False, True)
    for down in (False, True)
    for transposed in (False, True)
    if across or down or transposed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """How two pictures may belong together, by the keys that are most alike.

    Parameters
    ----------
    distance
        In how many of 128 frequencies they differ.
    turn
        How the first is turned to be as the second.
    part, other_part
        Which part of the first, so turned, shows which part of the second.
    """

    distance: int
    turn: Turn
    part: Part
    other_part: Part


def fingerprint_of(shades: NDArray[np.uint8]) -> bytes:
    """Return the fingerprint of a picture.

    Parameters
    ----------
    shades
        The whole picture, however it was squeezed to get to this shape.
    """
    border = _inside_border(shades.astype(np.float64))
    made = np.zeros(1, dtype=FINGERPRINT)
    made["border"][0] = np.rint(np.array([border.left, border.top, border.right, border.bottom]) * _STEPS)
    made["keys"][0] = [_key(part_of(shades, part, _SIDE)) for part in (*PARTS, border)]
    return made.tobytes()


def read_fingerprints(content: bytes | Iterable[bytes]) -> Fingerprints:
    """Return fingerprints as columns."""
    joined = content if isinstance(content, bytes) else b"".join(content)
    return np.frombuffer(joined, dtype=FINGERPRINT)


def distances(one: bytes, others: Fingerprints) -> NDArray[np.uint8]:
    """Return in how many of 128 frequencies a picture differs from each of others, by the keys that are most alike.

    Notes
    -----
    The whole and the inside of either is compared with all keys of the other, and with the other's whole and inside
    mirrored and turned. O(n): about 0.3 µs a picture, as the halves of a key stand in columns of their own.
    """
    keys = read_fingerprints(one)["keys"][0]
    columns = np.ascontiguousarray(np.moveaxis(others["keys"], 0, -1))
    ends = {key.tobytes(): key for key in keys[[0, _INSIDE]]}.values()
    compared = [(number, key) for key in ends for number in range(KEYS_COUNT)]
    compared += [(number, _turned(key, turn)) for key in ends for turn in _TURNS for number in (0, _INSIDE)]
    compared += [(number, key) for key in keys[1:_INSIDE] for number in (0, _INSIDE)]
    nearest = np.full(len(others), _KEY_BITS, dtype=np.uint8)
    for number, key in compared:
        np.minimum(nearest, _differing(columns[number], key), out=nearest)
    return nearest


def meet(one: bytes, other: bytes) -> Meeting:
    """Return how two pictures may belong together."""
    first, second = read_fingerprints(one), read_fingerprints(other)
    keys, other_keys = first["keys"][0], second["keys"][0]
    parts, other_parts = (*PARTS, _border(first)), (*PARTS, _border(second))
    ends = (0, _INSIDE)
    pairs = [(UPRIGHT, a, b) for a in range(KEYS_COUNT) for b in range(KEYS_COUNT) if a in ends or b in ends]
    pairs += [(turn, a, b) for turn in _TURNS for a in ends for b in ends]
    differing = [int(_differing(other_keys[b], _turned(keys[a], turn))) for turn, a, b in pairs]
    best = int(np.argmin(differing))
    turn, a, b = pairs[best]
    return Meeting(distance=differing[best], turn=turn, part=_turned_part(parts[a], turn), other_part=other_parts[b])


def _differing(halves: NDArray[np.uint64], key: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return in how many frequencies keys differ from one, given by their first halves and their second ones."""
    counts: NDArray[np.uint8] = np.bitwise_count(halves[0] ^ key[0]) + np.bitwise_count(halves[1] ^ key[1])
    return counts


def _cosines(size: int, count: int) -> Shades:
    steps = (np.arange(size) + 0.5) * np.pi / size
    return np.cos(np.arange(count)[:, None] * steps)


_COSINES = _cosines(_SIDE, _FREQUENCIES)
_DOWN, _ACROSS = np.array(
    [
        (down, across)
        for down in range(_FREQUENCIES)
        for across in range(_FREQUENCIES)
        if 0 < down + across <= _HIGHEST_SUM
    ]
).T


def _key(square: Shades) -> NDArray[np.uint64]:
    amounts = _COSINES @ square @ _COSINES.T
    return _packed(amounts[_DOWN, _ACROSS] > 0)


def _packed(signs: NDArray[np.bool_]) -> NDArray[np.uint64]:
    return np.packbits(signs).view("<u8")


def _turned(key: NDArray[np.uint64], turn: Turn) -> NDArray[np.uint64]:
    """Return the key of a turned picture: mirroring changes the sign of odd frequencies, transposing swaps them.

    Where a frequency is exactly 0 it is not the turned picture's; of photos none is.
    """
    if turn == UPRIGHT:
        return key
    grid = np.zeros((_FREQUENCIES, _FREQUENCIES), dtype=bool)
    grid[_DOWN, _ACROSS] = np.unpackbits(key.view(np.uint8)).astype(bool)
    if turn.across:
        grid[:, 1::2] = ~grid[:, 1::2]
    if turn.down:
        grid[1::2] = ~grid[1::2]
    return _packed((grid.T if turn.transposed else grid)[_DOWN, _ACROSS])


def _turned_part(part: Part, turn: Turn) -> Part:
    left, right = (1 - part.right, 1 - part.left) if turn.across else (part.left, part.right)
    top, bottom = (1 - part.bottom, 1 - part.top) if turn.down else (part.top, part.bottom)
    if turn.transposed:
        left, right, top, bottom = top, bottom, left, right
    return Part(left=left, top=top, right=right, bottom=bottom)


def _border(fingerprint: Fingerprints) -> Part:
    left, top, right, bottom = (float(one) / _STEPS for one in fingerprint["border"][0])
    return Part(left=left, top=top, right=right, bottom=bottom)


def _inside_border(shades: Shades) -> Part:
    """Return what is inside an even border; the whole where there is none to speak of."""
    rows, columns = shades.shape
    top, bottom = _busy_span(shades)
    left, right = _busy_span(shades[top:bottom].T)
    inside = Part(left=left / columns, top=top / rows, right=right / columns, bottom=bottom / rows)
    return inside if inside.area <= _NO_BORDER else WHOLE


def _busy_span(lines: Shades) -> tuple[int, int]:
    """Return from which line on and until before which one there is more than a border and what little lies on it."""
    first, last = _first_busy(lines), len(lines) - _first_busy(lines[::-1])
    return (first, last) if last - first >= len(lines) * _LEAST_INSIDE else (0, len(lines))


def _first_busy(lines: Shades) -> int:
    shade = np.median(lines[:_OUTERMOST])
    is_busy = (np.abs(lines - shade) < _BORDER_REACH).mean(axis=1) < _BORDER_SHARE
    run = max(_OUTERMOST, int(len(lines) * _BUSY_RUN_SHARE))
    found = np.flatnonzero(np.convolve(is_busy, np.ones(run), mode="valid") > run - 0.5)
    return int(found[0]) if len(found) else len(lines)
