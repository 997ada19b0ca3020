"""How a fleet of phones reports to a server over HTTP: each in its own time, keeping what was not taken."""

import asyncio
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import numpy as np

from geo_engine.geometry import Position
from geo_engine.simulation.delivering import Delivery
from geo_engine.simulation.devices import Device
from geo_engine.simulation.ledger import Ledger
from geo_engine.simulation.pace import Pace
from geo_engine.simulation.phones import MOST_FIXES, PhoneRequest, is_taken, request_of, said_fixes
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
    speed
        As of `Pace`.
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
        Requests that were answered or failed, and those of them that were tried again.
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


def run_fleet(
    days: Sequence[DeviceDay],
    params: FleetParams,
    *,
    ledger: Ledger | None = None,
    on_progress: Callable[[FleetTally], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> FleetTally:
    """Report the days of devices to their servers, and return what was done.

    The simulated clock shows the first report's moment at the start. A device sends what is due, keeps it until it is
    taken, and then sends the next: on errors of the server (5xx), of the network and of time it tries again; on any
    other refusal it gives up, and what it has stays unsent.

    Parameters
    ----------
    ledger
        Is written after each acknowledgement.
    on_progress, should_stop
        Told and asked several times a second.
    """
    return asyncio.run(_Fleet(days, params, ledger).run(on_progress, should_stop))


class _Fleet:
    """Devices at work, all in one thread."""

    def __init__(self, days: Sequence[DeviceDay], params: FleetParams, ledger: Ledger | None) -> None:
        firsts_us = [int(day.delivery.due_us[0]) for day in days if len(day.delivery)]
        now_s = time.time()
        self._days = days
        self._params = params
        self._ledger = ledger
        self._pace = Pace(day_s=min(firsts_us, default=0) / MICROSECONDS_PER_S, begun_s=now_s, speed=params.speed)
        self._tally = FleetTally(due_count=sum(len(day.delivery) for day in days))
        self._stopping = asyncio.Event()
        self._slots = asyncio.Semaphore(params.connections)
        self._unwritten: list[tuple[Device, Fix]] = []

    async def run(
        self, on_progress: Callable[[FleetTally], None] | None, should_stop: Callable[[], bool] | None
    ) -> FleetTally:
        """Report all days, and tell what was done."""
        limits = httpx.Limits(max_connections=self._params.connections)
        timeout = httpx.Timeout(self._params.timeout_s, pool=None)
        async with httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as client:
            tasks = {asyncio.create_task(self._report(client, day)) for day in self._days}
            while tasks:
                done, tasks = await asyncio.wait(tasks, timeout=_LOOKS_EVERY_S)
                for task in done:
                    task.result()
                await self._keep_books()
                if on_progress is not None:
                    on_progress(self._told())
                if self._is_over() or (should_stop is not None and should_stop()):
                    self._stopping.set()
                    await _end(tasks, within_s=self._params.ends_within_s)
                    break
        await self._keep_books()
        return self._told()

    async def _report(self, client: httpx.AsyncClient, day: DeviceDay) -> None:
        """Report a device's day in its order, what is due at one time in as few requests as its app makes."""
        due_us, most = day.delivery.due_us, MOST_FIXES.get(day.device.phone, 1)
        sent = 0
        while sent < len(due_us):
            wait_s = self._pace.wait_s(due_us[sent] / MICROSECONDS_PER_S, now_s=time.time())
            if await self._is_stopped_within(wait_s):
                return
            shown_us = round(self._pace.shown_s(time.time()) * MICROSECONDS_PER_S)
            due = max(int(np.searchsorted(due_us, shown_us, side="right")), sent + 1)
            until = min(due, sent + most)
            fixes = [
                fix_at(day.track, row, day.device.name, shown_us) for row in day.delivery.rows[sent:until].tolist()
            ]
            request = request_of(day.device.phone, fixes, device=day.device.name)
            if not await self._deliver(client, day.device, request):
                return
            self._acknowledge(day.device, request, len(fixes))
            sent = until

    async def _deliver(self, client: httpx.AsyncClient, device: Device, request: PhoneRequest) -> bool:
        """Send a request until it is taken; return False when it is refused, or the end comes first."""
        pause_s = self._params.first_retry_s
        while True:
            status = await self._status(client, device, request)
            self._tally.request_count += 1
            if status is None:
                return True
            if _REFUSED_FROM <= status < _FAILED_FROM:
                self._tally.refusals[status] = self._tally.refusals.get(status, 0) + 1
                return False
            if await self._is_stopped_within(pause_s):
                return False
            self._tally.retry_count += 1
            pause_s = min(2.0 * pause_s, self._params.longest_retry_s)

    async def _status(self, client: httpx.AsyncClient, device: Device, request: PhoneRequest) -> int | None:
        """Return None when the request is taken, else the status of the answer; 0 when there was none."""
        url = f"{device.url}?{request.query}" if request.query else device.url
        async with self._slots:
            began_s = time.perf_counter()
            try:
                answer = await client.request(request.method, url, content=request.body, headers=dict(request.headers))
            except httpx.TransportError:
                return 0
        if not is_taken(device.phone, answer.status_code, answer.headers.get("Content-Type", ""), answer.content):
            return answer.status_code if answer.status_code >= _REFUSED_FROM else 0
        self._tally.latencies_s.append(time.perf_counter() - began_s)
        return None

    def _acknowledge(self, device: Device, request: PhoneRequest, count: int) -> None:
        self._tally.acknowledged_count += count
        if self._ledger is not None:
            said = said_fixes(device.phone, request, received_at=datetime.now(UTC))
            self._unwritten.extend((device, fix) for fix in said)

    async def _keep_books(self) -> None:
        if self._ledger is not None and self._unwritten:
            entries, self._unwritten = self._unwritten, []
            await asyncio.to_thread(self._ledger.write, entries)

    async def _is_stopped_within(self, seconds: float) -> bool:
        """Return True as soon as the end is asked for, False after some seconds without that."""
        if seconds <= 0.0:
            return self._stopping.is_set()
        try:
            await asyncio.wait_for(self._stopping.wait(), timeout=seconds)
        except TimeoutError:
            return False
        return True

    def _is_over(self) -> bool:
        return self._params.for_s is not None and time.time() >= self._pace.begun_s + self._params.for_s

    def _told(self) -> FleetTally:
        now_s = time.time()
        self._tally.shown_s, self._tally.elapsed_s = self._pace.shown_s(now_s), now_s - self._pace.begun_s
        return self._tally


async def _end(tasks: set[asyncio.Task[None]], *, within_s: float) -> None:
    """Let what is under way come to its end, for some seconds."""
    if tasks:
        done, late = await asyncio.wait(tasks, timeout=within_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        for task in done:
            task.result()


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
