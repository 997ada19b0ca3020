"""Routes are told apart by colour, also by people who see few colours."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from geo_engine.reports.palette import ROUTE_COLOURS, route_style

# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
}
# Ottosson (2020), OKLab from linear RGB.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


def oklab(colour: str, sight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how a hex colour looks to a sight, in OKLab."""
    encoded = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen: NDArray[np.float64] = TO_LAB @ np.cbrt(TO_CONES @ np.clip(sight @ linear, 0, 1))
    return seen


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_colours_stay_apart(sight: str) -> None:
    """On the light map any two route colours differ by at least 0.10 in OKLab."""
    seen = [oklab(light, SIGHTS[sight]) for light, _ in ROUTE_COLOURS]

    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 0.10


def test_forty_eight_routes_have_a_style_of_their_own() -> None:
    """Colour and dash together repeat only after twelve times four routes."""
    assert len({route_style(index) for index in range(48)}) == 48
