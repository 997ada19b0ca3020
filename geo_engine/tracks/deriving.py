"""How what is derived follows the fixes: new ones are gone on from, late ones have their days derived anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from geo_engine.db.session import Database, Session
from geo_engine.ids import DeviceId, TenantId
from geo_engine.outbox.model import OutboxEvent
from geo_engine.outbox.store import append_event
from geo_engine.tracks import derived_store as store
from geo_engine.tracks.derived import derive
from geo_engine.tracks.derived_store import Claim, DayState, KeptSpan, Span
from geo_engine.tracks.fix_store import find_first, get_track
from geo_engine.tracks.model import Flag, select_fixes
from geo_engine.tracks.resuming import LOOKBACK, SETTLED_AFTER, find_restart
from geo_engine.tracks.trajectories import TrajectoryPiece, cut_trajectory
from geo_engine.tracks.trajectory_store import renew_pieces

RULES = "1"
"""Which rules what is derived followed; another name has everything derived anew."""

_DEVICES_AT_ONCE = 50
_A_MOMENT = timedelta(microseconds=1)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a device's fixes say since a moment; what ended at `settled_at` or before is believed for good."""

    since_at: datetime
    settled_at: datetime
    spans: tuple[Span, ...]
    pieces: tuple[TrajectoryPiece, ...]
    states: tuple[DayState, ...]


def derive_tracks(database: Database, tenant_id: TenantId, *, now: datetime) -> int:
    """Derive what arrived of a company's devices, device by device, and return of how many.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not done is taken up again.
    """
    count = 0
    while True:
        with database.bound(tenant_id) as session:
            device_ids = store.claim_devices(session, limit=_DEVICES_AT_ONCE)
        if not device_ids:
            return count
        for device_id in device_ids:
            with database.bound(tenant_id) as session:
                derive_device(session, device_id, now=now)
        count += len(device_ids)


def derive_device(session: Session, device_id: DeviceId, *, now: datetime) -> None:
    """Bring what is derived of a device up to what is claimed of it.

    It is repeated from a stop on that new fixes cannot change (`resuming`): for fixes newer than all before from a
    recent one, for a late fix from one before its day (UTC). What turns out otherwise than it was believed for good is
    superseded, and told as revised.
    """
    claim = store.lock_claim(session, device_id)
    if claim is None:
        return

    found = _find(session, claim, _base(session, claim))

    kept = {one.span: one for one in store.list_kept(session, device_id, from_at=found.since_at)}
    obsolete = [one for span, one in kept.items() if span not in set(found.spans)]
    added = [span for span in found.spans if span not in kept]
    store.supersede(session, obsolete, now=now)
    store.settle(session, (one for one in kept.values() if one.is_open and one.span.ended_at <= found.settled_at))
    opened = ((span, span.ended_at > found.settled_at) for span in added)
    store.add_spans(session, device_id, opened, rules=RULES, now=now)
    if found.states:
        store.replace_states(session, device_id, found.states, rules=RULES)
    renew_pieces(session, device_id, found.pieces, from_at=_full_hour(found.since_at))
    _tell_revised(session, device_id, obsolete, now=now)
    store.end_claim(session, claim)


def _base(session: Session, claim: Claim) -> DayState | None:
    """Return the newest state that the claimed fixes leave as it is; None when all has to be derived."""
    newest = store.find_state(session, claim.device_id, rules=RULES)
    if newest is None or claim.from_at > newest.newest_at:
        return newest
    return store.find_state(session, claim.device_id, rules=RULES, before=claim.from_at.date())


def _find(session: Session, claim: Claim, base: DayState | None) -> _Found:
    """Return what the fixes say, gone through day by day (UTC): each begins where the one before let it."""
    since_at = restart_at = _EVER if base is None else base.restart_at
    settled: list[Span] = []
    opened: list[Span] = []
    pieces: list[TrajectoryPiece] = []
    states: list[DayState] = []
    for newest_at in _days(session, claim, since_at if base is None else base.newest_at + _A_MOMENT):
        track, _, flags = get_track(
            session, claim.device_id, from_at=_before(restart_at), until_at=newest_at + _A_MOMENT
        )
        honest = select_fixes(track, (flags & Flag.FUTURE) == 0)
        derived = derive(honest)
        stop = find_restart(honest, derived)
        cut = cut_trajectory(honest, derived.flags, stops=derived.stops, gaps=derived.gaps)
        renewed_from = _full_hour(restart_at)
        pieces = [one for one in pieces if one.started_at < renewed_from]
        pieces += [one for one in cut if one.started_at >= renewed_from]
        begun_at, restart_at = restart_at, max(restart_at, _EVER if stop is None else stop.started_at)
        spans: tuple[Span, ...] = (*derived.stops, *derived.trips, *derived.gaps)
        settled += [one for one in spans if begun_at <= one.started_at < restart_at]
        opened = [one for one in spans if one.started_at >= restart_at]
        states.append(DayState(derived_on=newest_at.date(), restart_at=restart_at, newest_at=newest_at))
    return _Found(
        since_at=since_at,
        settled_at=claim.newest_at - SETTLED_AFTER,
        spans=(*settled, *opened),
        pieces=tuple(pieces),
        states=tuple(states),
    )


def _days(session: Session, claim: Claim, from_at: datetime) -> Iterator[datetime]:
    """Yield for each day (UTC) with claimed fixes up to when they are to be derived: its end, or the newest fix."""
    first_at = find_first(session, claim.device_id, from_at=from_at)
    while first_at is not None and first_at <= claim.newest_at:
        day_ends_at = datetime.combine(first_at.date() + timedelta(days=1), time(tzinfo=UTC))
        yield min(day_ends_at - _A_MOMENT, claim.newest_at)
        first_at = find_first(session, claim.device_id, from_at=day_ends_at)


def _before(moment: datetime) -> datetime:
    return moment if moment == _EVER else moment - LOOKBACK


def _tell_revised(session: Session, device_id: DeviceId, obsolete: Sequence[KeptSpan], *, now: datetime) -> None:
    """Tell the world of each day on which something that was believed for good has turned out otherwise."""
    for day in sorted({one.span.started_at.date() for one in obsolete if not one.is_open}):
        payload = {"device_id": str(device_id), "on": day.isoformat()}
        append_event(session, OutboxEvent(topic="track.revised", key=str(device_id), payload=payload), now=now)


def _full_hour(moment: datetime) -> datetime:
    """Return the next full hour, or the moment if it is one; what lies before it in that hour is final."""
    return moment + (_EVER - moment) % _AN_HOUR
