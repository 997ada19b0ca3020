"""The running derivation: fixes come in, rows go out as soon as they are final; what it remembers is small.

It comes to the same flags, stops, trips and gaps as `geo_engine.tracks.derived`, to the last bit, and shares nothing
with it but parameters and formulas of a line or two.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.tracks.model import Gap, Stop, Track, Trip, to_moment
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.running_epochs import RunningEpochs
from geo_engine.tracks.running_flags import Report, RunningFlags
from geo_engine.tracks.running_gaps import RunningGaps
from geo_engine.tracks.running_stays import RunningStays
from geo_engine.tracks.running_stops import RunningStops
from geo_engine.tracks.twins import twin
from geo_engine.words import Message

_DEFAULT = DeriveParams()


class LateFix(InvalidInput):
    """A fix is not later than all before it: what is derived has to be derived again from `restart_us` on."""

    def __init__(self, time_us: int) -> None:
        self.time_us = time_us
        facts = {"moment": to_moment(time_us).isoformat()}
        super().__init__(Message("The fix of {moment} came late: derive its track again.", facts))


@dataclass(slots=True, kw_only=True)
class RunningState:
    """What the derivation remembers of a device's fixes; to be kept as `pack` writes it. Never changed in place."""

    params: DeriveParams
    flags: RunningFlags
    epochs: RunningEpochs
    stops: RunningStops
    gaps: RunningGaps = field(default_factory=RunningGaps)

    @property
    def newest_us(self) -> int | None:
        """The moment of the latest fix that is not from the future: `advance` takes later ones only."""
        return self.flags.newest_us

    @property
    def restart_us(self) -> int | None:
        """From which moment the fixes are to be read to find every row that is not final; None before the first."""
        return self.flags.oldest_us if self.stops.restart_us is None else self.stops.restart_us

    @property
    def final_until_us(self) -> int | None:
        """Up to when everything is final: of what is derived from `restart_us` on, only rows that end later count."""
        return self.stops.final_until_us


class Flagged(NamedTuple):
    """The final flags of a fix (bits of `Flag`), which is known by its moment and place."""

    time_us: int
    lon_deg: float
    lat_deg: float
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is derived: flags in the order in which they were decided; stops, trips and gaps in order of time."""

    flags: tuple[Flagged, ...]
    stops: tuple[Stop, ...]
    trips: tuple[Trip, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an advance has made final.

    Parameters
    ----------
    touched_count
        How many fixes and epochs were looked at for it, each as often as it was.
    """

    final: Rows
    touched_count: int


def start(params: DeriveParams = _DEFAULT) -> RunningState:
    """Return the state before the first fix."""
    return RunningState(
        params=params,
        flags=RunningFlags(params=params.flags),
        epochs=RunningEpochs(params=params.stops),
        stops=RunningStops(params=params, stays=RunningStays(params=params)),
    )


def advance(
    state: RunningState,
    fixes: Track,
    *,
    received_us: NDArray[np.int64] | None = None,
) -> tuple[RunningState, Update]:
    """Return the state after some more fixes, and what they have made final.

    Parameters
    ----------
    fixes
        All later than `newest_us` of the state.
    received_us
        When each fix was received, microseconds since 1970, if known.

    Raises
    ------
    LateFix
        When a fix is not later than all that came before. One that is from the future counts for nothing here.

    Notes
    -----
    Each fix is looked at a bounded number of times, however long the track: some 20 µs each, and as much again for
    a state that is copied.
    """
    reports = _reports(fixes, received_us)
    if reports and state.newest_us is not None and reports[0].time_us <= state.newest_us:
        raise LateFix(reports[0].time_us)
    flags = state.flags.copy()
    flags.take(reports)
    new, rows = _gone_on(state, flags)
    stays = new.stops.stays
    touched_count = flags.touched_count + (0 if new.stops is state.stops else stays.touched_count)
    if stays.sights:
        flags.forget(stays.sights[0].epoch.first_us)
    return new, Update(final=rows, touched_count=touched_count)


def open_rows(state: RunningState) -> Rows:
    """Return the rows that are not final, as they are when no more fixes come.

    Together with all rows that were final before, they are what `derive` makes of all fixes so far.
    """
    flags = state.flags.copy()
    flags.finish()
    end, rows = _gone_on(state, flags)
    stops = end.stops.copy()
    last = end.epochs.close()
    if last is not None:
        stops.add(last)
    stops.finish()
    return Rows(
        flags=rows.flags,
        stops=(*rows.stops, *stops.stops),
        trips=(*rows.trips, *stops.trips),
        gaps=rows.gaps,
    )


def _gone_on(state: RunningState, flags: RunningFlags) -> tuple[RunningState, Rows]:
    # What the fixes that were found usable make of a state; its stops stay as they are until an epoch is over.
    epochs, gaps, stops = state.epochs.copy(), twin(state.gaps), state.stops
    closed = [epoch for epoch in map(epochs.add, flags.usable) if epoch is not None]
    if closed:
        stops = stops.copy()
        stops.stays.unclean_us = flags.unclean_us
        for epoch in closed:
            stops.add(epoch)
        stops.stays.unclean_us = []
    rows = Rows(
        flags=tuple(Flagged(known.time_us, known.lon_deg, known.lat_deg, known.flags) for known in flags.settled),
        stops=tuple(stops.stops) if closed else (),
        trips=tuple(stops.trips) if closed else (),
        gaps=gaps.take([known.time_us for known in flags.usable], state.params.gaps),
    )
    flags.settled, flags.usable = [], []
    if closed:
        stops.stops, stops.trips = [], []
    return RunningState(params=state.params, flags=flags, epochs=epochs, stops=stops, gaps=gaps), rows


def _reports(fixes: Track, received_us: NDArray[np.int64] | None) -> list[Report]:
    columns = (
        fixes.times_us.tolist(),
        fixes.lons_deg.tolist(),
        fixes.lats_deg.tolist(),
        fixes.accuracies_m.tolist(),
        fixes.speeds_mps.tolist(),
        fixes.mocks.tolist(),
        [None] * len(fixes) if received_us is None else received_us.tolist(),
    )
    return [Report(*row) for row in zip(*columns, strict=True)]
