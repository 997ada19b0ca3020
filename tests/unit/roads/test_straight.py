"""The estimate from straight lines."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.roads.straight import StraightRouter

HARBOUR, CASINO = Position(7.4250, 43.7350), Position(7.4276, 43.7393)
places = st.lists(st.builds(Position, st.floats(7.0, 8.0), st.floats(43.0, 44.0)), min_size=2, max_size=6)


@given(st.floats(1.0, 3.0), st.floats(1.0, 40.0))
def test_matrix_is_geodesic_times_detour_at_one_speed(detour_factor: float, speed_mps: float) -> None:
    """Both parameters mean what they say."""
    router = StraightRouter(detour_factor=detour_factor, speed_mps=speed_mps)

    matrix = router.matrix([HARBOUR, CASINO])

    expected_m = geodesic_m(HARBOUR, CASINO) * detour_factor
    assert matrix.distances_m[0, 1] == pytest.approx(expected_m)
    assert matrix.durations_s[1, 0] == pytest.approx(expected_m / speed_mps)


@given(places)
def test_every_answer_says_it_is_an_estimate(positions: list[Position]) -> None:
    """No figure from straight lines can pass for one from roads."""
    router = StraightRouter()

    answers = [router.matrix(positions).is_estimate, router.path(positions).is_estimate, router.is_estimate]

    assert all(answers)
    assert router.source == "straight"


@given(places)
def test_matrix_has_a_figure_for_every_pair(positions: list[Position]) -> None:
    """A straight line exists between any two places."""
    assert np.isfinite(StraightRouter().matrix(positions).durations_s).all()


@given(places)
def test_match_gives_the_positions_back_without_confidence(positions: list[Position]) -> None:
    """Nothing was matched, so nothing is claimed."""
    matched = StraightRouter().match(positions)

    assert matched.matched_positions == tuple(positions)
    assert matched.confidences == (0.0,)


def test_nearest_of_a_position_is_itself() -> None:
    """Without roads there is nothing to snap to."""
    (snap,) = StraightRouter().nearest([HARBOUR])

    assert (snap.position, snap.distance_m) == (HARBOUR, 0.0)


@pytest.mark.parametrize("detour_factor", [0.9, -1.0, math.nan])
def test_a_detour_below_one_is_refused(detour_factor: float) -> None:
    """No road is shorter than the geodesic."""
    with pytest.raises(InvalidInput, match="below 1"):
        StraightRouter(detour_factor=detour_factor)


@pytest.mark.parametrize("speed_mps", [0.0, -3.0, math.nan])
def test_a_speed_that_never_arrives_is_refused(speed_mps: float) -> None:
    """Zero and negative speeds have no travel time."""
    with pytest.raises(InvalidInput, match="not above 0"):
        StraightRouter(speed_mps=speed_mps)
