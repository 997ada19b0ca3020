"""When a server gets what a phone reports: at once, after a time without network, out of order, twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from geo_engine.simulation.sky import Range
from geo_engine.tracks import Track
from geo_engine.tracks.model import MICROSECONDS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkParams:
    """How a phone is connected on a day.

    Parameters
    ----------
    latency_s
        From a fix to its first try.
    offline_per_hour, offline_s
        How often the network is away, and for how long; what is tracked meanwhile comes afterwards, in order.
    straggler_share, straggler_s
        Share of the fixes that come out of order, and how much later.
    again_share, again_s
        Share of the fixes that are sent again although they were received (the answer got lost), and how much later.
    """

    latency_s: Range = (0.1, 1.5)
    offline_per_hour: float = 0.0
    offline_s: Range = (60.0, 3600.0)
    straggler_share: float = 0.0
    straggler_s: Range = (5.0, 900.0)
    again_share: float = 0.0
    again_s: Range = (5.0, 60.0)


class Network(StrEnum):
    """Networks by name."""

    GOOD = "good"
    FLAKY = "flaky"
    """Away now and then; some fixes come late, or twice."""


NETWORKS: Mapping[Network, NetworkParams] = {
    Network.GOOD: NetworkParams(),
    Network.FLAKY: NetworkParams(offline_per_hour=0.5, straggler_share=0.03, again_share=0.03),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delivery:
    """The order in which fixes of a track are sent; arrays of one length.

    Parameters
    ----------
    rows
        Of the track; each at least once.
    due_us
        When it is sent, microseconds since 1970, ascending; never before the fix itself.
    """

    rows: NDArray[np.intp]
    due_us: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def deliver(track: Track, network: NetworkParams, *, generator: np.random.Generator) -> Delivery:
    """Return when each fix of a track is sent.

    Notes
    -----
    Phones keep a queue, first in, first out: only stragglers and what comes again break its order. O(n log n).
    """
    count = len(track)
    first_us = int(track.times_us[0]) if count else 0
    due_s = (track.times_us - first_us) / MICROSECONDS_PER_S
    tracked_s = due_s.copy()
    for start_s, end_s in _offline_spans(tracked_s, network, generator):
        due_s[(tracked_s >= start_s) & (tracked_s < end_s)] = end_s
    due_s = np.maximum.accumulate(due_s + generator.uniform(*network.latency_s, size=count))
    is_late = generator.random(count) < network.straggler_share
    due_s += np.where(is_late, generator.uniform(*network.straggler_s, size=count), 0.0)
    again = np.flatnonzero(generator.random(count) < network.again_share)
    again_s = due_s[again] + generator.uniform(*network.again_s, size=len(again))
    rows, all_s = np.concatenate([np.arange(count), again]), np.concatenate([due_s, again_s])
    order = np.argsort(all_s, kind="stable")
    return Delivery(rows=rows[order], due_us=first_us + np.ceil(all_s[order] * MICROSECONDS_PER_S).astype(np.int64))


def _offline_spans(
    tracked_s: NDArray[np.float64], network: NetworkParams, generator: np.random.Generator
) -> list[tuple[float, float]]:
    if not len(tracked_s):
        return []
    lasting_s = float(tracked_s[-1])
    starts_s = generator.uniform(
        0.0, lasting_s, size=int(generator.poisson(network.offline_per_hour * lasting_s / 3600.0))
    )
    return sorted((float(start_s), float(start_s + generator.uniform(*network.offline_s))) for start_s in starts_s)
