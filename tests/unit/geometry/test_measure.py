"""Geodesic measures."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.geometry.measure import distance_matrix_m, geodesic_m, geodesics_m, length_m

anywhere = st.builds(Position, st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))


@pytest.mark.parametrize(
    ("start", "end", "expected_m"),
    [
        pytest.param(Position(0.0, 0.0), Position(1.0, 0.0), 111_319.491, id="a degree along the equator"),
        pytest.param(Position(0.0, 0.0), Position(0.0, 90.0), 10_001_965.729, id="the meridian quadrant of WGS 84"),
        pytest.param(Position(179.5, 0.0), Position(-179.5, 0.0), 111_319.491, id="across the date line"),
    ],
)
def test_geodesic_equals_published_lengths(start: Position, end: Position, expected_m: float) -> None:
    """Lengths that follow from the ellipsoid's definition are met to a millimetre."""
    found_m = geodesic_m(start, end)

    assert found_m == pytest.approx(expected_m, abs=0.001)


@given(anywhere, anywhere)
def test_geodesic_is_the_same_both_ways(start: Position, end: Position) -> None:
    """There is no direction in a distance."""
    assert geodesic_m(start, end) == pytest.approx(geodesic_m(end, start), abs=1e-6)


@given(st.lists(anywhere, max_size=6))
def test_distance_matrix_holds_every_pair(positions: list[Position]) -> None:
    """Row and column of the matrix follow the positions' order, with zeros on the diagonal."""
    matrix_m = distance_matrix_m(positions)

    expected_m = [[geodesic_m(start, end) for end in positions] for start in positions]
    assert matrix_m.shape == (len(positions), len(positions))
    assert np.allclose(matrix_m, np.reshape(expected_m, matrix_m.shape), rtol=0.0, atol=1e-6)


@given(st.lists(anywhere, min_size=2, max_size=6))
def test_length_is_the_sum_of_its_segments(positions: list[Position]) -> None:
    """A line is as long as its segments together."""
    line = [(position.lon, position.lat) for position in positions]

    segments_m = [geodesic_m(start, end) for start, end in pairwise(positions)]
    assert length_m(line) == pytest.approx(math.fsum(segments_m), abs=1e-5)


@pytest.mark.parametrize("line", [[], [(7.4, 43.7)]])
def test_length_of_less_than_a_segment_is_zero(line: list[tuple[float, float]]) -> None:
    """Nothing and a point have no length."""
    assert length_m(line) == 0.0


def test_geodesics_of_nothing_are_nothing() -> None:
    """Empty arrays are measured to an empty array."""
    assert geodesics_m([], [], [], []).shape == (0,)
