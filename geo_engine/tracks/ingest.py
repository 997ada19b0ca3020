"""What becomes of fixes that arrive: who may be tracked then, what is kept and for how long; many posts, one commit."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.session import Database
from geo_engine.db.wire import Wire
from geo_engine.ids import TenantId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy.model import Attendance
from geo_engine.tracks import ingest_store as store
from geo_engine.tracks.arrivals import (
    FARTHEST_AHEAD,
    Arrival,
    Batch,
    Outcome,
    copied_rows,
    flags_on_arrival,
    in_shared_order,
)
from geo_engine.tracks.grounds_store import Grounds, OpenSpans, find_grounds
from geo_engine.tracks.ingest_store import Counts, Incoming, LiveFixes
from geo_engine.tracks.model import UNUSABLE, to_microseconds, to_moment

DERIVE_TASK = "derive_tracks"
"""The name of the queue's task that derives what a company's devices reported."""
# What is on disk within a second of an asking is there when it is served.
_ASKED_AGAIN_AFTER_S, _DERIVED_AFTER = 1.0, timedelta(seconds=2)
_OUTCOMES = tuple(Outcome)
_NUMBERS = {outcome: number for number, outcome in enumerate(_OUTCOMES)}
_KEPT = _NUMBERS[Outcome.KEPT]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """A tenant's share of a commit, and what becomes of each fix, as numbers of outcomes."""

    batch: Batch
    grounds: Grounds
    flags: NDArray[np.int16]
    outcomes: NDArray[np.int8]

    def are(self, outcome: Outcome) -> NDArray[np.bool_]:
        are: NDArray[np.bool_] = self.outcomes == _NUMBERS[outcome]
        return are

    def rows(self) -> NDArray[np.void]:
        """Return what goes into the database; the class of what is to be sealed is negative."""
        sealed, kept = self.are(Outcome.SEALED), self.are(Outcome.KEPT)
        retention_days = self.grounds.retention_days
        days = np.where(sealed, -retention_days, retention_days).astype(np.int16)
        order = in_shared_order(self.batch)
        return copied_rows(self.batch, self.flags, days)[order[(sealed | kept)[order]]]


class Ingest:
    """Commits what arrives at one process.

    Parameters
    ----------
    clock
        Seconds that pass.

    Notes
    -----
    Partitions that this process has seen are remembered: one that is dropped later takes no fix any more. All else
    that decides is asked in the transaction that keeps the fixes. Statements are sent together: a commit waits for the
    server twice, or four times where there is so much that it is copied, however many companies share it.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._wires = database.wires(at_first=store.STAGING)
        self._partitions: set[tuple[int, date]] = set()
        self._clock = clock
        self._asked_at_s: dict[TenantId, float] = {}

    def commit(self, arrivals: Sequence[Arrival], *, now: datetime) -> Counter[Outcome]:
        """Keep what may be kept of these arrivals, and count the rest: when this returns it is on disk.

        Returns
        -------
        Counter
            What became of how many; what is kept counts also where it was known before.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow
            When it may not be: the same arrivals can be committed again.
        """
        batches = _batches(arrivals)
        with self._wires.transaction() as wire:
            grounds = find_grounds(wire, batches, now=now)
            judged = [_judge(batch, found, now) for batch, found in zip(batches, grounds, strict=True)]
            self._require_partitions(judged)
            incoming = store.stage_fixes(wire, [one.rows() for one in judged])
            with wire.together():
                for one, its in zip(judged, incoming, strict=True):
                    if len(judged) > 1:
                        wire.bind(one.batch.tenant_id)
                    _record(wire, one, its, now)
                wire.commit()
        for one in judged:
            self._ask_to_derive(one)
        return Counter(_OUTCOMES[number] for one in judged for number in one.outcomes.tolist())

    def _ask_to_derive(self, judged: _Judged) -> None:
        """Have what is kept derived soon; a company is asked for once a second, before the last asking is served.

        It is on disk now, however long ago its commit began.
        """
        tenant_id, now_s = judged.batch.tenant_id, self._clock()
        is_asked = now_s - self._asked_at_s.get(tenant_id, -math.inf) < _ASKED_AGAIN_AFTER_S
        if is_asked or not judged.are(Outcome.KEPT).any():
            return
        with self._database.bound(tenant_id) as session:
            enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS, after=_DERIVED_AFTER)
        self._asked_at_s[tenant_id] = now_s

    def _require_partitions(self, judged: Sequence[_Judged]) -> None:
        """Have the database ready for every day of which fixes are kept."""
        needed = {(one.grounds.retention_days, day) for one in judged for day in _days(one)}
        missing = sorted(needed - self._partitions)
        if missing:
            with self._database.unbound() as session:
                for retention_days, day in missing:
                    store.add_partition(session, retention_days, day)
            self._partitions |= set(missing)


def _batches(arrivals: Sequence[Arrival]) -> list[Batch]:
    """Return what arrived by company, in an order that all processes share: none waits for who waits for it."""
    by_tenant: dict[int, list[Arrival]] = {}
    for arrival in arrivals:
        by_tenant.setdefault(arrival.tenant_id.int, []).append(arrival)
    return [Batch.of(by_tenant[tenant_id]) for tenant_id in sorted(by_tenant)]


def _judge(batch: Batch, grounds: Grounds, now: datetime) -> _Judged:
    """Return what becomes of each fix."""
    times_us = batch.track.times_us
    shut = Outcome.SEALED if grounds.attendance is Attendance.PHONE else Outcome.OFF_SHIFT
    outcomes = np.full(len(batch), _NUMBERS[shut], dtype=np.int8)
    is_gated = np.array([arrival.is_gated for arrival in batch.arrivals], dtype=np.bool_)[batch.owners]
    outcomes[_are_open(batch, grounds.open_spans) | ~is_gated] = _KEPT
    expired_us = to_microseconds(now - timedelta(days=grounds.retention_days))
    outcomes[times_us < expired_us] = _NUMBERS[Outcome.EXPIRED]
    outcomes[times_us > batch.received_us + FARTHEST_AHEAD // timedelta(microseconds=1)] = _NUMBERS[Outcome.CLOCK_AHEAD]
    if grounds.invalid_hashes:
        invalid = [not arrival.key_hashes.isdisjoint(grounds.invalid_hashes) for arrival in batch.arrivals]
        outcomes[np.array(invalid, dtype=np.bool_)[batch.owners]] = _NUMBERS[Outcome.REVOKED]
    return _Judged(batch=batch, grounds=grounds, flags=flags_on_arrival(batch), outcomes=outcomes)


def _are_open(batch: Batch, spans: OpenSpans) -> NDArray[np.bool_]:
    """Return whether whoever wore the device may be tracked at the time of each fix."""
    times_us, numbers = batch.track.times_us, batch.device_numbers
    are_open = np.zeros(len(batch), dtype=np.bool_)
    while len(spans.device_numbers):
        # A span of each device at a time, and few have several.
        chosen, indices = np.unique(spans.device_numbers, return_index=True)
        starts_us = np.full(len(batch.device_ids), np.iinfo(np.int64).max)
        ends_us = np.full(len(batch.device_ids), np.iinfo(np.int64).min)
        starts_us[chosen], ends_us[chosen] = spans.starts_us[indices], spans.ends_us[indices]
        are_open |= (times_us >= starts_us[numbers]) & (times_us <= ends_us[numbers])
        spans = spans.without(indices)
    return are_open


def _days(judged: _Judged) -> list[date]:
    """Return the days (UTC) of the fixes that are kept."""
    kept_us = judged.batch.track.times_us[judged.outcomes == _KEPT]
    return [to_moment(int(day) * _DAY_US).date() for day in np.unique(kept_us // _DAY_US)]


_DAY_US = 86_400_000_000


def _record(wire: Wire, judged: _Judged, incoming: Incoming, now: datetime) -> None:
    """Write a tenant's share: it is the bound one."""
    kept = judged.are(Outcome.KEPT)
    tenant_id = judged.batch.tenant_id
    if kept.any():
        store.keep_staged(wire, tenant_id, incoming, _live(judged, kept))
    if judged.are(Outcome.SEALED).any():
        store.seal_staged(wire, tenant_id, incoming)
    if not kept.all():
        store.add_counts(wire, _counts(judged, ~kept), counted_on=now.date())
    invalid_hashes = judged.grounds.invalid_hashes
    rejected = [one for one in judged.batch.arrivals if one.rejected and one.key_hash not in invalid_hashes]
    if rejected:
        store.add_rejected(wire, rejected)


def _counts(judged: _Judged, chosen: NDArray[np.bool_]) -> Counts:
    """Return how many fixes of each device became what, of those that are not kept."""
    pairs = judged.batch.device_numbers[chosen] * len(_OUTCOMES) + judged.outcomes[chosen]
    found, counts = np.unique(pairs, return_counts=True)
    return Counts(
        device_ids=judged.batch.device_ids[found // len(_OUTCOMES)],
        outcomes=tuple(_OUTCOMES[number] for number in (found % len(_OUTCOMES)).tolist()),
        fix_counts=counts,
    )


def _live(judged: _Judged, kept: NDArray[np.bool_]) -> LiveFixes:
    """Return of each device the newest usable fix, and when the newest that is kept was."""
    batch, indices = judged.batch, np.flatnonzero(kept)
    times_us, numbers = batch.track.times_us[indices], batch.device_numbers[indices]
    # By device and time; of two at one moment the first to arrive is the last.
    order = np.lexsort((-indices, times_us, numbers))
    in_order, of_device = indices[order], numbers[order]
    firsts = np.flatnonzero(np.diff(of_device, prepend=-1))
    lasts = np.append(firsts[1:], len(order)) - 1
    usable = (judged.flags[in_order] & UNUSABLE) == 0
    newest = np.maximum.reduceat(np.where(usable, np.arange(len(order)), -1), firsts)
    return LiveFixes.of(
        batch.track,
        np.where(newest >= 0, in_order[newest], -1),
        device_ids=batch.device_ids[of_device[firsts]],
        received_us=batch.received_us,
        newest_us=batch.track.times_us[in_order[lasts]],
    )
