"""How a fleet of phones reports to a server: each in its own time, keeping what was not taken."""

import heapq
import queue
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from geo_engine.geometry import Position
from geo_engine.simulation.delivering import Delivery
from geo_engine.simulation.devices import Device
from geo_engine.simulation.ledger import Ledger
from geo_engine.simulation.pace import Pace
from geo_engine.simulation.phones import MOST_FIXES, request_of, said_fixes
from geo_engine.simulation.posting import Errand, Outcome, posting
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_moment

_LOOKS_EVERY_S = 0.2
_REFUSED_FROM, _FAILED_FROM = 300, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDay:
    """What a device reports on its day, and in which order and when."""

    device: Device
    track: Track
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetParams:
    """How a fleet reports.

    Parameters
    ----------
    speed, began_s
        As of `Pace`: when the simulated clock began to pass, seconds since 1970; now unless given.
    for_s
        Seconds after which it ends, done or not; None for no end but the day's.
    connections
        Most requests under way at once.
    timeout_s
        How long an app waits for an answer.
    first_retry_s, longest_retry_s
        Pause after a failure, doubled with each; apps do the same with pauses of 1 s to 5 min.
    ends_within_s
        How long requests under way may take when the end was asked for.
    """

    speed: float = 1.0
    began_s: float | None = None
    for_s: float | None = None
    connections: int = 64
    timeout_s: float = 30.0
    first_retry_s: float = 1.0
    longest_retry_s: float = 30.0
    ends_within_s: float = 10.0


@dataclass(slots=True, kw_only=True)
class FleetTally:
    """What a fleet has done so far.

    Parameters
    ----------
    due_count
        Reports that all devices will have made at the end of their days; one that is sent again counts twice.
    acknowledged_count
        Of them, those that the server took.
    request_count, retry_count
        Requests that were answered, failed or were given up at the end, and those of them that were tried again.
    refusals
        By HTTP status: devices that gave up, as no later try would be answered otherwise.
    latencies_s
        Of the requests that were taken.
    shown_s
        What the simulated clock shows, seconds since 1970.
    """

    due_count: int
    acknowledged_count: int = 0
    request_count: int = 0
    retry_count: int = 0
    refusals: dict[int, int] = field(default_factory=dict)
    latencies_s: array[float] = field(default_factory=lambda: array("d"))
    shown_s: float = 0.0
    elapsed_s: float = 0.0

    def latency_ms(self, percent: float) -> float | None:
        """Return within how many milliseconds a share of the requests were taken; None before the first."""
        if not self.latencies_s:
            return None
        return round(float(np.percentile(np.frombuffer(self.latencies_s), percent)) * 1000.0, 1)


def pace_of(days: Sequence[DeviceDay], params: FleetParams) -> Pace:
    """Return how the day of a fleet passes that begins now, if it has not yet."""
    firsts_us = [int(day.delivery.due_us[0]) for day in days if len(day.delivery)]
    began_s = time.time() if params.began_s is None else params.began_s
    return Pace(day_s=min(firsts_us, default=0) / MICROSECONDS_PER_S, begun_s=began_s, speed=params.speed)


def run_fleet(
    days: Sequence[DeviceDay],
    params: FleetParams,
    *,
    ledger: Ledger | None = None,
    on_progress: Callable[[FleetTally], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> FleetTally:
    """Report the days of devices to their servers, and return what was done.

    The simulated clock began with the moment of the first report. A device sends what is due, keeps it until it is
    taken, and then sends the next: on errors of the server (5xx), of the network and of time it tries again; on any
    other refusal it gives up, and what it has stays unsent.

    Parameters
    ----------
    ledger
        Is written after each acknowledgement.
    on_progress, should_stop
        Told and asked several times a second.

    Notes
    -----
    One thread says who is due and keeps the books, others wait for the server. About 0.6 ms of a processor a request.
    """
    fleet = _Fleet(days, params, ledger)
    with posting(fleet.due, fleet.done, count=max(1, min(params.connections, len(days))), timeout_s=params.timeout_s):
        fleet.run(on_progress or _ignore, should_stop or _never)
    return fleet.tally


@dataclass(slots=True, kw_only=True)
class _Sender:
    """A device at work.

    Parameters
    ----------
    sent
        How many of its reports were taken.
    errand, until
        What it sends now, and what `sent` is once that is taken; None when it has nothing under way.
    pause_s
        How long it waits after the next failure.
    """

    number: int
    day: DeviceDay
    pause_s: float
    sent: int = 0
    until: int = 0
    errand: Errand | None = None


class _Fleet:
    """Who is due when, and what came of it; all but the posting itself, in one thread."""

    def __init__(self, days: Sequence[DeviceDay], params: FleetParams, ledger: Ledger | None) -> None:
        self._params = params
        self._ledger = ledger
        self._begun_s = time.time()
        self._pace = pace_of(days, params)
        self._senders = [_Sender(number=number, day=day, pause_s=0.0) for number, day in enumerate(days)]
        self._waiting: list[tuple[float, int]] = []
        self._under_way = 0
        self._gives_up_at_s = float("inf")
        self.due: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.tally = FleetTally(due_count=sum(len(day.delivery) for day in days))
        for sender in self._senders:
            self._wait_for_next(sender)

    def run(self, on_progress: Callable[[FleetTally], None], should_stop: Callable[[], bool]) -> None:
        """Report until nobody has anything to report, or the end is asked for."""
        looks_at_s = 0.0
        while (self._waiting or self._under_way) and time.time() < self._gives_up_at_s:
            self._post_due()
            self._take_outcomes()
            if time.time() >= looks_at_s:
                looks_at_s = time.time() + _LOOKS_EVERY_S
                on_progress(self._told())
                if self._is_over() or should_stop():
                    self._end()
        self.tally.request_count += self._under_way
        on_progress(self._told())

    def _wait_for_next(self, sender: _Sender) -> None:
        """Have a device wait until its next report is due; one that has reported all is done."""
        delivery = sender.day.delivery
        sender.errand, sender.pause_s = None, self._params.first_retry_s
        if sender.sent < len(delivery):
            now_s = time.time()
            due_s = int(delivery.due_us[sender.sent]) / MICROSECONDS_PER_S
            heapq.heappush(self._waiting, (now_s + self._pace.wait_s(due_s, now_s=now_s), sender.number))

    def _post_due(self) -> None:
        now_s = time.time()
        while self._waiting and self._waiting[0][0] <= now_s:
            sender = self._senders[heapq.heappop(self._waiting)[1]]
            if sender.errand is None:
                sender.errand = self._next_errand(sender, now_s)
            self.due.put(sender.errand)
            self._under_way += 1

    def _next_errand(self, sender: _Sender, now_s: float) -> Errand:
        """Return the request that says what is due now, as much of it as the app says at once."""
        day, device = sender.day, sender.day.device
        shown_us = round(self._pace.shown_s(now_s) * MICROSECONDS_PER_S)
        due = int(np.searchsorted(day.delivery.due_us, shown_us, side="right"))
        sender.until = min(max(due, sender.sent + 1), sender.sent + MOST_FIXES.get(device.phone, 1))
        rows = day.delivery.rows[sender.sent : sender.until].tolist()
        fixes = [fix_at(day.track, row, device.name, shown_us) for row in rows]
        return Errand(number=sender.number, device=device, request=request_of(device.phone, fixes, device=device.name))

    def _take_outcomes(self) -> None:
        """Wait for what came of some errands, until somebody else is due, and keep the books of it."""
        next_at_s = self._waiting[0][0] if self._waiting else float("inf")
        outcomes = list(_available(self.done, within_s=min(max(next_at_s - time.time(), 0.0), _LOOKS_EVERY_S)))
        taken = [self._senders[outcome.number].errand for outcome in outcomes if outcome.status is None]
        if self._ledger is not None and taken:
            received_at = datetime.now(UTC)
            self._ledger.write(
                [
                    (errand.device, fix)
                    for errand in taken
                    if errand is not None
                    for fix in said_fixes(errand.device.phone, errand.request, received_at=received_at)
                ]
            )
        for outcome in outcomes:
            self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        sender, tally = self._senders[outcome.number], self.tally
        self._under_way -= 1
        tally.request_count += 1
        if outcome.status is None:
            tally.latencies_s.append(outcome.took_s)
            tally.acknowledged_count += sender.until - sender.sent
            sender.sent = sender.until
            if not self._is_ending:
                self._wait_for_next(sender)
        elif _REFUSED_FROM <= outcome.status < _FAILED_FROM:
            tally.refusals[outcome.status] = tally.refusals.get(outcome.status, 0) + 1
        elif not self._is_ending:
            tally.retry_count += 1
            heapq.heappush(self._waiting, (time.time() + sender.pause_s, sender.number))
            sender.pause_s = min(2.0 * sender.pause_s, self._params.longest_retry_s)

    @property
    def _is_ending(self) -> bool:
        return self._gives_up_at_s < float("inf")

    def _is_over(self) -> bool:
        return self._params.for_s is not None and time.time() >= self._begun_s + self._params.for_s

    def _end(self) -> None:
        """Send nothing more; what is under way has some seconds."""
        if not self._is_ending:
            self._gives_up_at_s = time.time() + self._params.ends_within_s
            self._waiting.clear()
            self._under_way -= sum(1 for _ in _available(self.due, within_s=0.0))

    def _told(self) -> FleetTally:
        now_s = time.time()
        self.tally.shown_s, self.tally.elapsed_s = self._pace.shown_s(now_s), now_s - self._begun_s
        return self.tally


def _available[T](found: "queue.SimpleQueue[T]", *, within_s: float) -> Iterator[T]:
    """Yield what is in a queue; if it is empty, what comes first within some seconds."""
    with suppress(queue.Empty):
        yield found.get(timeout=within_s) if within_s > 0.0 else found.get_nowait()
        while True:
            yield found.get_nowait()


def _ignore(_tally: FleetTally) -> None:
    """Tell nobody."""


def _never() -> bool:
    return False


def fix_at(track: Track, row: int, device: str, sent_us: int) -> Fix:
    """Return a row of a track as a phone tells it: positions of 7 decimals, measures of 2."""
    return Fix(
        device=device,
        tracked_at=to_moment(int(track.times_us[row])),
        position=Position(round(float(track.lons_deg[row]), 7), round(float(track.lats_deg[row]), 7)),
        accuracy_m=_known(track.accuracies_m[row]),
        altitude_m=_known(track.altitudes_m[row]),
        speed_mps=_known(track.speeds_mps[row]),
        heading_deg=_known(track.headings_deg[row]),
        battery_percent=_known(track.batteries_percent[row]),
        is_mock=bool(track.mocks[row]),
        sent_at=to_moment(sent_us),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 2)
