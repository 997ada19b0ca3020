"""How a person moves at a site: to it from the car, standing or walking about in it, and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PACE_MPS = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class StayingParams:
    """What people do at sites.

    Parameters
    ----------
    walking_share
        Share of the stays in which the site is walked about; in the others its visitor stands at a counter or a desk.
    site_radius_m, counter_radius_m
        Of the place that is walked about, and of the one that is stood at.
    from_road_m
        How far the middle of the site is from where the car stands.
    walking_pause_s, counter_pause_s
        How long people stand between two moves.
    """

    walking_share: float = 0.4
    site_radius_m: tuple[float, float] = (15.0, 40.0)
    counter_radius_m: tuple[float, float] = (1.0, 5.0)
    from_road_m: tuple[float, float] = (5.0, 30.0)
    walking_pause_s: tuple[float, float] = (15.0, 150.0)
    counter_pause_s: tuple[float, float] = (60.0, 900.0)


def stay_at(
    lasting_s: float,
    *,
    generator: np.random.Generator,
    middle_m: complex | None = None,
    params: StayingParams | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Stay for some seconds and return where one is when: seconds, metres east and metres north of the car.

    One begins and ends at the car; in between one moves at a walking pace, linear between the moments.

    Parameters
    ----------
    lasting_s
        Above 0; who has little time does not go far.
    middle_m
        The middle of the site, metres from the car, east as real part; somewhere near the car unless given.
    """
    params = params or StayingParams()
    is_walking = generator.random() < params.walking_share
    reach_m = _PACE_MPS * lasting_s / 6
    radius_m = min(
        float(generator.uniform(*(params.site_radius_m if is_walking else params.counter_radius_m))), reach_m
    )
    somewhere_m = _turned(min(float(generator.uniform(*params.from_road_m)), reach_m), generator)
    middle_m = somewhere_m if middle_m is None else middle_m
    pause_s = params.walking_pause_s if is_walking else params.counter_pause_s
    knots, at_s, here_m = [(0.0, 0.0, 0.0)], 0.0, 0.0 + 0.0j
    while True:
        next_m = middle_m + _turned(radius_m * float(np.sqrt(generator.random())), generator)
        arrived_s = at_s + abs(next_m - here_m) / _PACE_MPS
        if arrived_s + abs(next_m) / _PACE_MPS >= lasting_s:
            break
        latest_s = lasting_s - abs(next_m) / _PACE_MPS
        at_s, here_m = min(arrived_s + float(generator.uniform(*pause_s)), latest_s), next_m
        knots += [(arrived_s, here_m.real, here_m.imag), (at_s, here_m.real, here_m.imag)]
    back_s = lasting_s - abs(here_m) / _PACE_MPS
    knots += [(back_s, here_m.real, here_m.imag), (lasting_s, 0.0, 0.0)]
    times_s, east_m, north_m = np.array(knots, dtype=np.float64).T
    return times_s, east_m, north_m


def _turned(length_m: float, generator: np.random.Generator) -> complex:
    """Return a vector of a length that points anywhere, east as real and north as imaginary part."""
    return complex(length_m * np.exp(2j * np.pi * generator.random()))
