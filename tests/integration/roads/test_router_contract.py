"""What every source of travel promises, checked against both adapters on the bundled extract."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import length_m
from geo_engine.roads import RoadRouter
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.straight import StraightRouter

somewhere = st.builds(Position, st.floats(7.410, 7.439), st.floats(43.726, 43.748))
places = st.lists(somewhere, min_size=2, max_size=6)


@pytest.fixture(scope="module", params=["osrm", "straight"])
def router(request: pytest.FixtureRequest, monaco_router: OsrmRouter) -> RoadRouter:
    """Return each adapter in turn."""
    return monaco_router if request.param == "osrm" else StraightRouter()


@settings(deadline=None)
@given(positions=places)
def test_matrix_is_square_with_a_zero_diagonal(router: RoadRouter, positions: list[Position]) -> None:
    """Staying costs nothing, and every pair has one cell."""
    matrix = router.matrix(positions)

    assert matrix.durations_s.shape == matrix.distances_m.shape == (len(positions), len(positions))
    assert not matrix.durations_s.diagonal().any()
    assert not matrix.distances_m.diagonal().any()


@settings(deadline=None)
@given(positions=places)
def test_matrix_figures_are_never_negative(router: RoadRouter, positions: list[Position]) -> None:
    """Travel takes time and road, or there is no path."""
    matrix = router.matrix(positions)

    assert not (matrix.durations_s < 0.0).any()
    assert not (matrix.distances_m < 0.0).any()


@settings(deadline=None)
@given(data=st.data(), positions=places)
def test_matrix_follows_the_order_of_its_input(
    router: RoadRouter, data: st.DataObject, positions: list[Position]
) -> None:
    """Shuffled places give the same matrix, shuffled."""
    order = data.draw(st.permutations(range(len(positions))))

    shuffled = router.matrix([positions[index] for index in order])

    expected = router.matrix(positions).durations_s[np.ix_(order, order)]
    assert np.allclose(shuffled.durations_s, expected, rtol=0.0, atol=1e-6, equal_nan=True)


@settings(deadline=None)
@given(position=somewhere)
def test_equal_places_are_no_travel_apart(router: RoadRouter, position: Position) -> None:
    """Two customers at one door cost nothing to go between."""
    matrix = router.matrix([position, position])

    assert not matrix.durations_s.any()
    assert not matrix.distances_m.any()


@settings(deadline=None)
@given(positions=places)
def test_path_legs_take_as_long_as_the_matrix_says(router: RoadRouter, positions: list[Position]) -> None:
    """The drawn route takes as long as the planner was told, within rounding."""
    matrix = router.matrix(positions)

    path = router.path(positions)

    assert path.durations_s == pytest.approx(matrix.durations_s.diagonal(1), abs=0.11)


def test_path_legs_are_as_far_as_the_matrix_says(router: RoadRouter) -> None:
    """But where another way takes exactly as long: OSRM may then draw the one and measure the other."""
    chance = random.Random(20261126)
    positions = [Position(chance.uniform(7.410, 7.439), chance.uniform(43.726, 43.748)) for _ in range(300)]

    told, drawn = router.matrix(positions).distances_m.diagonal(1), router.path(positions).distances_m

    agree = np.isclose(drawn, told, rtol=0.0, atol=0.11)
    assert agree.mean() >= 0.97


@settings(deadline=None)
@given(positions=places)
def test_path_has_a_connected_line_for_every_leg(router: RoadRouter, positions: list[Position]) -> None:
    """Each leg is a line, and begins where the one before ended, to a metre."""
    path = router.path(positions)

    assert len(path.legs) == len(path.durations_s) == len(path.distances_m) == len(positions) - 1
    assert all(len(leg) >= 2 for leg in path.legs)
    assert all(length_m((before[-1], after[0])) < 1.0 for before, after in pairwise(path.legs))


@settings(deadline=None)
@given(positions=places)
def test_nearest_answers_every_position_in_order(router: RoadRouter, positions: list[Position]) -> None:
    """Each answer belongs to its question, asked together or alone."""
    together = router.nearest(positions)

    assert together == [router.nearest([position])[0] for position in positions]


@settings(deadline=None)
@given(positions=places)
def test_match_says_of_every_position_where_it_was_put(router: RoadRouter, positions: list[Position]) -> None:
    """One answer a position; confidences are shares, one a piece."""
    matched = router.match(positions)

    assert len(matched.matched_positions) == len(positions)
    assert len(matched.confidences) == len(matched.pieces)
    assert all(0.0 <= confidence <= 1.0 for confidence in matched.confidences)


def test_nothing_is_answered_for_nothing(router: RoadRouter, monaco_places: list[Position]) -> None:
    """No places, no cells; one place, one zero."""
    assert router.matrix([]).durations_s.shape == (0, 0)
    assert router.matrix(monaco_places[:1]).durations_s.tolist() == [[0.0]]
    assert router.nearest([]) == []
    assert router.match([]).pieces == router.match(monaco_places[:1]).pieces == ()


def test_a_path_of_one_place_is_refused(router: RoadRouter, monaco_places: list[Position]) -> None:
    """A way needs two ends."""
    with pytest.raises(InvalidInput, match="at least two places"):
        router.path(monaco_places[:1])
