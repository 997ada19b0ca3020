"""In which order what phones see comes to a server."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.simulated_town import TOWN_PATH

from geo_engine.simulation import Halt, live_day
from geo_engine.simulation.delivering import NETWORKS, Network, NetworkParams, deliver
from geo_engine.simulation.noise import NOISES, Noise
from geo_engine.simulation.observing import observe
from geo_engine.tracks.model import MICROSECONDS_PER_S

DAY = live_day(
    TOWN_PATH,
    [Halt(service_s=1800.0)] * 4,
    started_at=datetime(2026, 5, 4, 6, tzinfo=UTC),
    generator=np.random.default_rng(5),
)
TRACK = observe(DAY, NOISES[Noise.CITY], sampling_s=5.0, generator=np.random.default_rng(6))


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from(Network))
def test_every_fix_is_sent_and_none_before_it_is_made(seed: int, network: Network) -> None:
    """Deliveries hold each fix at least once, in the order of time, none before the fix itself."""
    delivery = deliver(TRACK, NETWORKS[network], generator=np.random.default_rng(seed))

    assert set(delivery.rows.tolist()) == set(range(len(TRACK)))
    assert (np.diff(delivery.due_us) >= 0).all()
    assert (delivery.due_us >= TRACK.times_us[delivery.rows]).all()


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_a_good_network_keeps_the_order(seed: int) -> None:
    """With nothing but latency, fixes come once, in order, within seconds."""
    delivery = deliver(TRACK, NETWORKS[Network.GOOD], generator=np.random.default_rng(seed))

    assert delivery.rows.tolist() == list(range(len(TRACK)))
    assert (delivery.due_us - TRACK.times_us).max() <= 2 * MICROSECONDS_PER_S


def test_a_flaky_network_delays_shuffles_and_repeats() -> None:
    """Some fixes wait for the network, some come out of order, some twice."""
    network = NetworkParams(offline_per_hour=2.0, straggler_share=0.05, again_share=0.05)

    delivery = deliver(TRACK, network, generator=np.random.default_rng(1))

    late_s = (delivery.due_us - TRACK.times_us[delivery.rows]) / MICROSECONDS_PER_S
    assert late_s.max() > 60.0
    assert (np.diff(delivery.rows) < 0).sum() > 10
    assert 0.02 < len(delivery) / len(TRACK) - 1.0 < 0.1
