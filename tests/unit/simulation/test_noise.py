"""What phones make of a true day, measured against what was asked for."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.simulated_town import TOWN_PATH

from geo_engine.geometry.measure import geodesics_m
from geo_engine.simulation import Halt, Truth, live_day
from geo_engine.simulation.noise import CANYON, NOISES, Noise, NoiseParams
from geo_engine.simulation.observing import observe
from geo_engine.simulation.sky import drift
from geo_engine.tracks import Track
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds

HALTS = tuple(Halt(service_s=service_s) for service_s in (0.0, 14_400.0, 7200.0, 3600.0))
DAY = live_day(TOWN_PATH, HALTS, started_at=datetime(2026, 5, 4, 6, tzinfo=UTC), generator=np.random.default_rng(5))
SHORT_DAY = live_day(
    TOWN_PATH,
    [Halt(service_s=600.0)] * 4,
    started_at=datetime(2026, 5, 4, 6, tzinfo=UTC),
    generator=np.random.default_rng(5),
)
PLAIN = NOISES[Noise.NONE]


def _seen(noise: NoiseParams, *, day: Truth = DAY, sampling_s: float = 1.0, seed: int = 0) -> Track:
    return observe(day, noise, sampling_s=sampling_s, generator=np.random.default_rng(seed))


def _seconds(track: Track) -> NDArray[np.int64]:
    return (track.times_us - DAY.times_us[0]) // MICROSECONDS_PER_S


def _errors_m(track: Track) -> NDArray[np.float64]:
    at = _seconds(track)
    return geodesics_m(DAY.lons_deg[at], DAY.lats_deg[at], track.lons_deg, track.lats_deg)


def test_without_noise_the_truth_is_reported() -> None:
    """What is seen without noise is the truth, second by second."""
    track = _seen(PLAIN)

    assert np.array_equal(track.times_us, DAY.times_us)
    assert np.array_equal(track.lons_deg, DAY.lons_deg)
    assert np.array_equal(track.lats_deg, DAY.lats_deg)
    assert not np.isnan(track.accuracies_m).any()


@pytest.mark.parametrize("sigma_m", [4.0, 15.0, 45.0])
def test_errors_are_as_wide_as_asked_for(sigma_m: float) -> None:
    """The root of the mean square of each axis is σ, over many days."""
    noise = replace(PLAIN, sky=replace(CANYON, sigma_m=(sigma_m, sigma_m), jumps_per_hour=0.0), tau_s=(30.0, 60.0))

    squares = np.concatenate([_errors_m(_seen(noise, seed=seed)) ** 2 for seed in range(4)])

    assert np.sqrt(squares.mean() / 2) == pytest.approx(sigma_m, rel=0.1)


@pytest.mark.parametrize("tau_s", [30.0, 120.0, 300.0])
def test_errors_fade_as_slowly_as_asked_for(tau_s: float) -> None:
    """A drift's correlation with itself τ seconds later is 1/e."""
    wander = drift(200_000, tau_s, np.random.default_rng(2)).real

    lag = int(tau_s)
    later = np.corrcoef(wander[:-lag], wander[lag:])[0, 1]
    assert later == pytest.approx(np.exp(-1.0), abs=0.08)
    assert wander.std() == pytest.approx(1.0, rel=0.08)


def test_reflections_jump_far_and_do_not_last() -> None:
    """A canyon's fixes are now and then 50 to 300 m off, for at most a minute on end."""
    noise = replace(PLAIN, sky=replace(CANYON, sigma_m=(0.0, 0.0), jumps_per_hour=20.0))

    far = _errors_m(_seen(noise)) > 1.0

    errors_m = _errors_m(_seen(noise))[far]
    assert 0.02 < far.mean() < 0.4
    assert errors_m.min() > 49.0
    assert errors_m.max() < 302.0


def test_accuracy_is_honest_in_the_mean() -> None:
    """About 68 % of the fixes are within their reported accuracy."""
    noise = replace(
        NOISES[Noise.CANYON], sky=replace(CANYON, jumps_per_hour=0.0), tau_s=(30.0, 30.0), accuracy_share=1.0
    )

    shares = []
    for seed in range(4):
        track = _seen(noise, seed=seed)
        said = ~np.isnan(track.accuracies_m)
        shares.append(np.mean(_errors_m(track)[said] <= track.accuracies_m[said]))

    assert np.mean(shares) == pytest.approx(0.68, abs=0.05)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.sampled_from([20.0, 50.0]))
def test_the_class_of_accuracy_bounds_what_is_reported(seed: int, worst_m: float) -> None:
    """No fix says a worse accuracy than its class, unless it jumps."""
    noise = replace(NOISES[Noise.CITY], worst_accuracy_m=worst_m, honest_jump_share=0.0)

    track = _seen(noise, day=SHORT_DAY, sampling_s=15.0, seed=seed)

    assert not (track.accuracies_m > worst_m).any()


@pytest.mark.parametrize("sampling_s", [1.0, 5.0, 60.0, 300.0])
def test_fixes_come_as_often_as_asked_for(sampling_s: float) -> None:
    """Without silences there is a fix for each interval, a little early or late."""
    noise = replace(PLAIN, jitter=0.05)

    gaps_s = np.diff(_seconds(_seen(noise, sampling_s=sampling_s)))

    assert gaps_s.mean() == pytest.approx(sampling_s, rel=0.02)
    assert gaps_s.max() <= 1.1 * sampling_s + 1


def test_a_silent_phone_is_mute_while_parked() -> None:
    """It goes mute in each stay, soon after it began, and is heard again once the car has moved off."""
    at = _seconds(_seen(replace(PLAIN, silent_share=1.0)))

    heard = np.zeros(len(DAY), dtype=np.bool_)
    heard[at] = True
    assert heard[DAY.stayings].mean() < 0.05
    assert heard[~DAY.stayings].mean() > 0.9
    for stay in DAY.stays[:-1]:
        ended = (to_microseconds(stay.ended_at) - DAY.times_us[0]) // MICROSECONDS_PER_S
        assert not heard[ended]


def test_a_phone_goes_silent_with_a_last_fix_and_wakes_with_a_first() -> None:
    """However seldom it looks, each stay has a fix, and so has each departure."""
    noise = replace(PLAIN, silent_share=1.0, indoor_share=1.0, indoor_dropout=0.9)

    at = _seconds(_seen(noise, sampling_s=3600.0))

    for stay in DAY.stays[:-1]:
        began, ended = (
            (to_microseconds(end) - DAY.times_us[0]) // MICROSECONDS_PER_S for end in (stay.started_at, stay.ended_at)
        )
        assert ((at >= began) & (at <= began + 181)).any()
        assert ((at > ended) & (at <= ended + 60)).any()


def test_inside_positions_drop_out_as_often_as_asked_for() -> None:
    """The share of the stays' seconds without a fix is the promised one; on the way nothing is missing."""
    noise = replace(PLAIN, indoor_share=1.0, indoor_dropout=0.3)

    missing = []
    for seed in range(6):
        heard = np.zeros(len(DAY), dtype=np.bool_)
        heard[_seconds(_seen(noise, seed=seed))] = True
        missing.append(1.0 - heard[DAY.stayings].mean())
        assert heard[~DAY.stayings].all()

    assert np.mean(missing) == pytest.approx(0.3, abs=0.06)


def test_outages_are_of_drives() -> None:
    """What a phone misses on the way it misses nowhere else."""
    noise = replace(PLAIN, outages_per_hour=20.0)

    heard = np.zeros(len(DAY), dtype=np.bool_)
    heard[_seconds(_seen(noise))] = True

    assert heard[DAY.stayings].all()
    assert not heard[~DAY.stayings].all()


def test_some_fixes_come_twice() -> None:
    """The promised share of fixes stands twice, in all its columns."""
    track = _seen(replace(PLAIN, duplicate_share=0.1))

    twice = np.diff(track.times_us) == 0
    assert twice.mean() == pytest.approx(0.1, abs=0.02)
    assert np.array_equal(track.lons_deg[1:][twice], track.lons_deg[:-1][twice])


def test_a_clock_that_is_ahead_says_so_in_each_fix() -> None:
    """All fixes of a day are off by the same."""
    track = _seen(replace(PLAIN, clock_ahead_s=(90.0, 90.0)))

    assert set(track.times_us - DAY.times_us) == {90 * MICROSECONDS_PER_S}


def test_a_phone_leaves_fields_out() -> None:
    """Some phones never say their speed, the others now and then do not."""
    tracks = [_seen(NOISES[Noise.OPEN_SKY], day=SHORT_DAY, sampling_s=10.0, seed=seed) for seed in range(30)]

    unsaid = np.array([np.isnan(track.speeds_mps).mean() for track in tracks])
    assert (unsaid == 1.0).any()
    assert 0.0 < unsaid[unsaid < 1.0].mean() < 0.05


@pytest.mark.parametrize("noise", Noise)
def test_a_seed_gives_its_track_again(noise: Noise) -> None:
    """The same seed sees the same, whatever the noise."""
    first, again = (_seen(NOISES[noise], day=SHORT_DAY, sampling_s=10.0, seed=4) for _ in range(2))

    assert np.array_equal(first.times_us, again.times_us)
    assert np.array_equal(first.lons_deg, again.lons_deg)
    assert np.array_equal(first.accuracies_m, again.accuracies_m, equal_nan=True)


def test_a_day_of_one_second_is_seen_once() -> None:
    """Nothing needs a day to be long."""
    columns = ("times_us", "lons_deg", "lats_deg", "speeds_mps", "headings_deg", "stayings")
    second = replace(SHORT_DAY, stays=(), **{name: getattr(SHORT_DAY, name)[:1] for name in columns})

    assert len(_seen(replace(PLAIN, other_sky=CANYON), day=second, sampling_s=300.0)) == 1
