"""How exact fixes are taken to be when their device does not say."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from support.walks import AT_EIGHT, METRES_PER_DEGREE, track_of

from geo_engine.geometry import Position
from geo_engine.tracks.accuracy import missing_accuracy_m
from geo_engine.tracks.model import Stop, Track

PLACE = Position(7.4, 43.7)


def parked(sigma_m: float, count: int) -> tuple[Track, Stop]:
    """Return what a silent-about-itself phone reports of a stop."""
    off_m = np.random.default_rng(1).normal(scale=sigma_m, size=(2, count))
    track = track_of(np.arange(count), PLACE.lon + off_m[0] / 80_594, PLACE.lat + off_m[1] / METRES_PER_DEGREE)
    ended_at = AT_EIGHT + timedelta(seconds=count)
    stop = Stop(started_at=AT_EIGHT, ended_at=ended_at, position=PLACE, radius_m=2.0 * sigma_m, fix_count=count)
    return replace(track, accuracies_m=np.full(count, np.nan)), stop


def test_a_device_that_says_it_sometimes_is_taken_at_its_word() -> None:
    """The median of what it says stands in where it does not; 0 says nothing."""
    track, stop = parked(30.0, 50)
    saying = replace(track, accuracies_m=np.array([4.0, 6.0, 8.0, 0.0] + [np.nan] * 46))

    assert missing_accuracy_m(saying, np.arange(50), [stop], usual_m=15.0) == 6.0


def test_the_scatter_in_stops_tells_how_exact_a_device_is() -> None:
    """About the radius that holds 68 % of its fixes."""
    track, stop = parked(30.0, 500)

    assert missing_accuracy_m(track, np.arange(500), [stop], usual_m=15.0) == pytest.approx(1.51 * 30.0, rel=0.1)


def test_a_quiet_or_an_unknown_device_is_taken_as_usual() -> None:
    """Nothing makes it better than that, and a few fixes tell nothing."""
    quiet, stop = parked(1.0, 500)
    few, short = parked(30.0, 5)

    assert missing_accuracy_m(quiet, np.arange(500), [stop], usual_m=15.0) == 15.0
    assert missing_accuracy_m(few, np.arange(5), [short], usual_m=15.0) == 15.0
    assert missing_accuracy_m(quiet, np.arange(0), [], usual_m=15.0) == 15.0
