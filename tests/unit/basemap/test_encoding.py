"""A background's encoding says the same as the background."""

import json
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.basemap.background import encode_background
from geo_engine.basemap.model import Background, BackgroundKind
from geo_engine.geometry import Position

_POINTS = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
_PATHS = st.lists(_POINTS, min_size=2, max_size=12).map(tuple)
_HALF_STEP_DEG = 0.5e-5 + 1e-12


def _decoded(steps: list[int], scale: int) -> list[tuple[float, float]]:
    return [(x / scale, y / scale) for x, y in zip(accumulate(steps[::2]), accumulate(steps[1::2]), strict=True)]


@given(lines=st.lists(_PATHS, min_size=1, max_size=4), ring=_PATHS, name=st.text(max_size=8), spot=_POINTS)
def test_decoding_returns_every_point(
    lines: list[tuple[tuple[float, float], ...]],
    ring: tuple[tuple[float, float], ...],
    name: str,
    spot: tuple[float, float],
) -> None:
    """Each decoded coordinate is within half a step (0.56 m) of the original, however far the points jump."""
    background = Background(
        areas={BackgroundKind.PARK: ((ring,),)},
        lines={BackgroundKind.RAIL: tuple(lines)},
        labels=((name, Position(*spot)),),
        bounds=(-180.0, -90.0, 180.0, 90.0),
    )

    found = json.loads(encode_background(background))

    pairs = [
        *zip(found["lines"][0]["parts"], lines, strict=True),
        (found["areas"][0]["polygons"][0][0], ring),
        (found["labels"][0][1:], (spot,)),
    ]
    for steps, path in pairs:
        for one, other in zip(_decoded(steps, found["scale"]), path, strict=True):
            assert abs(one[0] - other[0]) <= _HALF_STEP_DEG
            assert abs(one[1] - other[1]) <= _HALF_STEP_DEG
    assert found["labels"][0][0] == name
