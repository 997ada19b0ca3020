"""How what is derived follows the fixes: new ones are gone on from, late ones have their days derived anew."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import extract_tb

from geo_engine.db.session import Database, DatabaseUnavailable, Session
from geo_engine.ids import DeviceId, TenantId
from geo_engine.outbox.model import OutboxEvent
from geo_engine.outbox.store import append_event
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tracks import derived_store as store
from geo_engine.tracks.advancing import A_MOMENT, Advanced, Base, find_base, go_on
from geo_engine.tracks.derived_store import Claim, KeptSpan, Span
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.tracks.model import Trip
from geo_engine.tracks.renewing import Part, renew_trajectory

RULES = "5"
"""Which rules what is derived followed; another name has everything derived anew."""

type Clock = Callable[[], datetime]
type Told = Callable[[Session, DeviceId, datetime, datetime], None]
"""Whom it is told, in the same transaction, of which device something changed, from when until when."""

_log = logging.getLogger(__name__)
_DEVICES_AT_ONCE = 50
SETTLED_AFTER = timedelta(hours=1)
"""What is so much older than the newest fix is believed for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What is no more, what is so for good by now, and what is new, with each whether it is open."""

    obsolete: list[KeptSpan]
    settled: list[KeptSpan]
    added: list[tuple[Span, bool]]


def derive_tracks(
    database: Database, tenant_id: TenantId, *, now: Clock, told: Told | None = None, at_once: int = _DEVICES_AT_ONCE
) -> int:
    """Derive what arrived of those of a company's devices that wait the longest, one by one, and return of how many.

    So many at once that other companies need not wait for long; for the rest it asks the queue to be called again.
    A device that cannot be derived, by a defect or for its number of fixes, keeps nobody else from being: it is told in
    the log, and taken up again when nothing newer waits.

    Raises
    ------
    DatabaseUnavailable
        When the database is away: what is not done is taken up again.
    """
    with database.bound(tenant_id) as session:
        device_ids = store.claim_devices(session, limit=at_once)
    count = sum(_is_derived(database, tenant_id, device_id, now=now, told=told) for device_id in device_ids)
    if count and len(device_ids) == at_once:
        with database.bound(tenant_id) as session:
            enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS)
    return count


def _is_derived(database: Database, tenant_id: TenantId, device_id: DeviceId, *, now: Clock, told: Told | None) -> bool:
    try:
        with database.bound(tenant_id) as session:
            derive_device(session, device_id, now=now, told=told)
    except DatabaseUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours, with one device, is not everybody's
        # What an error says, and the lines it went through, may tell where somebody was: only where it came up is told.
        place = extract_tb(error.__traceback__)[-1]
        facts = (device_id, tenant_id, type(error).__name__, place.filename, place.lineno)
        _log.error("Device %s of company %s cannot be derived: %s at %s:%s.", *facts)
        return False
    return True


def derive_device(session: Session, device_id: DeviceId, *, now: Clock, told: Told | None = None) -> None:
    """Bring what is derived of a device up to what is claimed of it, and tell whoever goes on from it.

    Fixes later than all before are gone on with from what the derivation remembers; for a late one it begins anew
    from before its day (UTC). What turns out otherwise than it was believed for good is superseded, and told as
    revised.
    """
    claim = store.lock_claim(session, device_id)
    if claim is None:
        return
    written_at = now()

    base = find_base(session, claim, rules=RULES)
    advanced = go_on(session, claim, base)

    standing = store.list_kept(session, device_id, from_at=base.restart_at)
    kept = {one.span: one for one in standing if base.may_change(one)}
    change = _compare(kept, advanced, settled_at=advanced.newest_at(claim) - SETTLED_AFTER)
    revised = store.supersede(session, change.obsolete, now=written_at)
    store.settle(session, change.settled)
    store.add_spans(session, device_id, change.added, rules=RULES, now=written_at)
    if advanced.states:
        store.replace_states(session, device_id, advanced.states, rules=RULES)
    renew_trajectory(session, device_id, _parts(base, advanced, change))
    _tell_revised(session, device_id, revised, now=written_at)
    if told is not None:
        told(session, device_id, _changed_from(claim, change), max(claim.newest_at, advanced.newest_at(claim)))
    store.end_claim(session, claim)


def _compare(kept: Mapping[Span, KeptSpan], advanced: Advanced, *, settled_at: datetime) -> _Change:
    final, found = set(advanced.final), [*advanced.final, *advanced.opened]
    wanted = {span: span not in final and span.ended_at > settled_at for span in found}
    return _Change(
        obsolete=[one for span, one in kept.items() if span not in wanted],
        settled=[one for span, one in kept.items() if one.is_open and not wanted.get(span, True)],
        added=[(span, is_open) for span, is_open in wanted.items() if span not in kept],
    )


def _parts(base: Base, advanced: Advanced, change: _Change) -> Iterator[Part]:
    """Yield for each day (UTC) since when the trajectory has to be cut again, and up to where."""
    changed = [*(one.span for one in change.obsolete), *(span for span, _ in change.added)]
    changed_at = [span.started_at for span in changed if not isinstance(span, Trip)]
    from_at = min([base.gaps_until, *changed_at])
    for state in advanced.states:
        yield Part(from_at=from_at, until_at=state.newest_at + A_MOMENT)
        from_at = max(from_at, state.final_until)


def _changed_from(claim: Claim, change: _Change) -> datetime:
    """Return since when something is other than before: a fix that came, or what was derived of it."""
    spans = [*(one.span for one in change.obsolete), *(span for span, _ in change.added)]
    return min([claim.from_at, *(span.started_at for span in spans)])


def _tell_revised(session: Session, device_id: DeviceId, revised: Sequence[Span], *, now: datetime) -> None:
    """Tell the world of each day on which something that was believed for good has turned out otherwise."""
    for day in sorted({span.started_at.date() for span in revised}):
        payload = {"device_id": str(device_id), "on": day.isoformat()}
        append_event(session, OutboxEvent(topic="track.revised", key=str(device_id), payload=payload), now=now)
