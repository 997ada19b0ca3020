"""What becomes of fixes that arrive: who may be tracked then, what is kept and for how long; many posts, one commit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.session import Database, Session, bind_next
from geo_engine.ids import DeviceId, TenantId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy.model import Attendance
from geo_engine.tracks import ingest_store as store
from geo_engine.tracks.arrivals import FARTHEST_AHEAD, Arrival, Batch, Outcome, copied_rows, flags_on_arrival
from geo_engine.tracks.ingest_store import IngestRule, LiveFix
from geo_engine.tracks.model import UNUSABLE, to_microseconds, to_moment

DERIVE_TASK = "derive_tracks"
"""The name of the queue's task that derives what a company's devices reported."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What is committed within a second of an asking is there when it is served.
_ASKED_AGAIN_AFTER, _DERIVED_AFTER = timedelta(seconds=1), timedelta(seconds=2)
_DAY_US = 86_400_000_000
# A day that is not all expired yet has a partition.
_END_OF_DAY = timedelta(days=1, microseconds=-1)
_OUTCOMES = tuple(Outcome)
_NUMBERS = {outcome: number for number, outcome in enumerate(_OUTCOMES)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """A tenant's share of a batch, and what becomes of each fix, as numbers of outcomes."""

    tenant_id: TenantId
    batch: Batch
    rule: IngestRule
    flags: NDArray[np.int16]
    outcomes: NDArray[np.int8]

    def are(self, outcome: Outcome) -> NDArray[np.bool_]:
        are: NDArray[np.bool_] = self.outcomes == _NUMBERS[outcome]
        return are

    def rows(self) -> bytes:
        """Return what goes into the database; the class of what is to be sealed is negative."""
        sealed, kept = self.are(Outcome.SEALED), self.are(Outcome.KEPT)
        days = np.where(sealed, -self.rule.retention_days, self.rule.retention_days).astype(np.int16)
        return copied_rows(self.batch, self.flags, days)[sealed | kept].tobytes()


class Ingest:
    """Commits what arrives at one process.

    Notes
    -----
    Partitions that this process has seen are remembered: one that is dropped later takes no fix any more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._partitions: set[tuple[int, date]] = set()
        self._asked_at: dict[TenantId, datetime] = {}

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
        ordered = sorted(arrivals, key=lambda one: one.tenant_id)
        with self._database.unbound() as session:
            judged = [
                self._judge(session, tenant_id, Batch.of(list(group)), now)
                for tenant_id, group in groupby(ordered, key=lambda one: one.tenant_id)
            ]
            rows = b"".join(one.rows() for one in judged)
            if rows:
                store.stage_fixes(session, rows)
            for one in judged:
                if len(judged) > 1:
                    bind_next(session, one.tenant_id)
                _record(session, one, now)
            asked = [one.tenant_id for one in judged if self._ask_to_derive(session, one, now)]
        self._asked_at |= dict.fromkeys(asked, now)
        return Counter(_OUTCOMES[number] for one in judged for number in one.outcomes.tolist())

    def _ask_to_derive(self, session: Session, judged: _Judged, now: datetime) -> bool:
        """Have what is kept derived soon; a company is asked for once a second, before the last asking is served."""
        is_asked = now - self._asked_at.get(judged.tenant_id, _NEVER) < _ASKED_AGAIN_AFTER
        if is_asked or not judged.are(Outcome.KEPT).any():
            return False
        bind_next(session, judged.tenant_id)
        enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS, after=_DERIVED_AFTER)
        return True

    def _judge(self, session: Session, tenant_id: TenantId, batch: Batch, now: datetime) -> _Judged:
        bind_next(session, tenant_id)
        rule = store.find_rule(session, sorted({arrival.key_hash for arrival in batch.arrivals}), now=now)
        outcomes = _outcomes(session, batch, rule, now)
        self._require_partitions(batch, outcomes, rule.retention_days)
        flags = flags_on_arrival(batch)
        return _Judged(tenant_id=tenant_id, batch=batch, rule=rule, flags=flags, outcomes=outcomes)

    def _require_partitions(self, batch: Batch, outcomes: NDArray[np.int8], retention_days: int) -> None:
        """Have the database ready for every day of which fixes are kept."""
        kept_us = batch.track.times_us[outcomes == _NUMBERS[Outcome.KEPT]]
        days = {to_moment(int(day) * _DAY_US) for day in np.unique(kept_us // _DAY_US)}
        missing = {day for day in days if (retention_days, day.date()) not in self._partitions}
        if missing:
            with self._database.unbound() as session:
                for day in sorted(missing):
                    store.add_partition(session, retention_days, day + _END_OF_DAY)
            self._partitions |= {(retention_days, day.date()) for day in missing}


def _outcomes(session: Session, batch: Batch, rule: IngestRule, now: datetime) -> NDArray[np.int8]:
    """Return what becomes of each fix."""
    times_us = batch.track.times_us
    shut = Outcome.SEALED if rule.attendance is Attendance.PHONE else Outcome.OFF_SHIFT
    outcomes = np.full(len(batch), _NUMBERS[shut], dtype=np.int8)
    is_gated = np.array([arrival.is_gated for arrival in batch.arrivals], dtype=np.bool_)[batch.owners]
    outcomes[_is_open(session, batch) | ~is_gated] = _NUMBERS[Outcome.KEPT]
    expired_us = to_microseconds(now - timedelta(days=rule.retention_days))
    outcomes[times_us < expired_us] = _NUMBERS[Outcome.EXPIRED]
    outcomes[times_us > batch.received_us + FARTHEST_AHEAD // timedelta(microseconds=1)] = _NUMBERS[Outcome.CLOCK_AHEAD]
    valid = np.array([arrival.key_hash in rule.valid_hashes for arrival in batch.arrivals], dtype=np.bool_)
    outcomes[~valid[batch.owners]] = _NUMBERS[Outcome.REVOKED]
    return outcomes


def _is_open(session: Session, batch: Batch) -> NDArray[np.bool_]:
    """Return whether whoever wore the device may be tracked at the time of each fix."""
    if not len(batch):
        return np.zeros(0, dtype=np.bool_)
    devices = sorted({arrival.device_id for arrival in batch.arrivals})
    numbers = {device_id: number for number, device_id in enumerate(devices)}
    owners = np.array([numbers[arrival.device_id] for arrival in batch.arrivals])[batch.owners]
    times_us = batch.track.times_us
    firsts, lasts = np.full(len(devices), np.iinfo(np.int64).max), np.full(len(devices), np.iinfo(np.int64).min)
    np.minimum.at(firsts, owners, times_us)
    np.maximum.at(lasts, owners, times_us)
    asked = [
        (device_id, to_moment(int(firsts[number])), to_moment(int(lasts[number])))
        for device_id, number in numbers.items()
        if firsts[number] <= lasts[number]
    ]
    is_open = np.zeros(len(batch), dtype=np.bool_)
    for device_id, start_at, end_at in store.list_open_spans(session, asked):
        within = (times_us >= to_microseconds(start_at)) & (times_us <= to_microseconds(end_at))
        is_open |= within & (owners == numbers[device_id])
    return is_open


def _record(session: Session, judged: _Judged, now: datetime) -> None:
    """Write a tenant's share: it is the bound one."""
    kept = judged.are(Outcome.KEPT)
    if kept.any():
        store.keep_staged(session)
        store.save_live(session, _live(judged, kept))
    if judged.are(Outcome.SEALED).any():
        store.seal_staged(session)
    if not kept.all():
        store.add_counts(session, _counts(judged, now))
    rejected = [one for one in judged.batch.arrivals if one.rejected and one.key_hash in judged.rule.valid_hashes]
    if rejected:
        store.add_rejected(session, rejected)


def _counts(judged: _Judged, now: datetime) -> dict[tuple[date, DeviceId, Outcome], int]:
    arrivals = judged.batch.arrivals
    counted = Counter(
        (now.date(), arrivals[owner].device_id, _OUTCOMES[number])
        for owner, number in zip(judged.batch.owners.tolist(), judged.outcomes.tolist(), strict=True)
    )
    return {key: count for key, count in counted.items() if key[2] is not Outcome.KEPT}


def _live(judged: _Judged, kept: NDArray[np.bool_]) -> list[LiveFix]:
    """Return of each device the newest usable fix, and the span of those that are kept."""
    batch, track = judged.batch, judged.batch.track
    newest: dict[DeviceId, int] = {}
    spans: dict[DeviceId, tuple[int, int]] = {}
    usable = (judged.flags & UNUSABLE) == 0
    owners, times = batch.owners.tolist(), track.times_us.tolist()
    for index in np.flatnonzero(kept).tolist():
        device_id = batch.arrivals[owners[index]].device_id
        first, last = spans.get(device_id, (times[index], times[index]))
        spans[device_id] = min(first, times[index]), max(last, times[index])
        if usable[index] and (device_id not in newest or times[index] > times[newest[device_id]]):
            newest[device_id] = index
    return [
        LiveFix.of(
            track,
            newest.get(device_id),
            device_id=device_id,
            received_us=batch.received_us,
            span=(to_moment(first), to_moment(last)),
        )
        for device_id, (first, last) in sorted(spans.items())
    ]
