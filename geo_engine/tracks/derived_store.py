"""Rows of what is derived from fixes: stops, trips and gaps with their revisions, states, trajectories, and claims."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import case, delete, func, or_, select, update

from geo_engine.db.base import to_point, to_position
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import DeviceId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import Gap, GapCause, Stop, Trip
from geo_engine.tracks.rows import DeviceLiveRow, GapRow, StopRow, TrackStateRow, TripRow

type Span = Stop | Trip | Gap
type _Row = StopRow | TripRow | GapRow

_ROWS: Mapping[type[Span], type[Any]] = {Stop: StopRow, Trip: TripRow, Gap: GapRow}

_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Fixes of a device that are to be derived: from one on, up to the newest there was; `number` names the claim."""

    device_id: DeviceId
    from_at: datetime
    newest_at: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSpan:
    """A row of what is derived, as it stands; one that is open may still change with the next fixes."""

    id: UUID
    span: Span
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """How far the fixes of a day (UTC) and before are derived.

    Parameters
    ----------
    restart_at, final_until
        Read again from the first moment on, fixes give every row that ended after the second; others are final.
    newest_at
        The newest fix that counted.
    state
        What the derivation remembers, as it is packed; at the newest day only.
    """

    derived_on: date
    restart_at: datetime
    final_until: datetime
    newest_at: datetime
    state: dict[str, Any] | None = None


def claim_devices(session: Session, *, limit: int) -> tuple[DeviceId, ...]:
    """Take over what is to be derived of some devices of the bound tenant, and return these.

    Those of which nothing is taken over yet come first, the oldest fix that waits before all others: it waits as it is
    until it is derived, however often the device reports meanwhile. Until it is ended a claim may be taken over again:
    whoever died left nothing undone. Where it could not be ended before, others are not kept waiting for it.
    """
    live = DeviceLiveRow
    waiting = or_(live.underived_from.is_not(None), live.deriving_from.is_not(None))
    is_new = live.deriving_from.is_(None)
    turn = (is_new.desc(), case((is_new, 0), else_=live.claim_count), live.underived_from, live.device_id)
    chosen = select(live.device_id).where(waiting).order_by(*turn).limit(limit).with_for_update(skip_locked=True)
    statement = (
        update(live)
        .where(live.device_id.in_(chosen))
        .values(
            deriving_from=func.least(live.deriving_from, live.underived_from),
            underived_from=None,
            claim_count=live.claim_count + 1,
        )
    )
    return tuple(DeviceId(one) for one in session.scalars(statement.returning(live.device_id)))


def lock_deriving(session: Session, device_id: DeviceId) -> None:
    """Keep others from deriving a device until the transaction ends, and wait for who does."""
    name = f"derive:{bound_tenant(session)}:{device_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def lock_claim(session: Session, device_id: DeviceId) -> Claim | None:
    """Return what is to be derived of a device, and keep others from deriving it until the transaction ends.

    What arrived since it was claimed is left to the next claim: taken along, it would then look as if it came late.
    """
    lock_deriving(session, device_id)
    live = DeviceLiveRow
    columns = (live.deriving_from, live.underived_from, live.newest_at, live.claim_count)
    found = session.execute(select(*columns).where(live.device_id == device_id)).one_or_none()
    if found is None or found.deriving_from is None:
        return None
    newest_at = found.newest_at
    if found.underived_from is not None and found.underived_from > found.deriving_from:
        newest_at = found.underived_from - _A_MOMENT
    return Claim(device_id=device_id, from_at=found.deriving_from, newest_at=newest_at, number=found.claim_count)


def end_claim(session: Session, claim: Claim) -> None:
    """Note that a claim is done, unless somebody took over more meanwhile."""
    live = DeviceLiveRow
    chosen = (live.device_id == claim.device_id) & (live.claim_count == claim.number)
    session.execute(update(live).where(chosen).values(deriving_from=None))


def find_state(session: Session, device_id: DeviceId, *, rules: str, before: date | None = None) -> DayState | None:
    """Return the state after the newest day there is, or the newest before one; None where none of these rules is."""
    row = TrackStateRow
    query = select(row).where(row.device_id == device_id, row.rules == rules)
    if before is not None:
        query = query.where(row.derived_on < before)
    found = session.scalar(query.order_by(row.derived_on.desc()).limit(1))
    if found is None:
        return None
    return DayState(
        derived_on=found.derived_on,
        restart_at=found.restart_at,
        final_until=found.final_until,
        newest_at=found.newest_at,
        state=found.state,
    )


def replace_states(session: Session, device_id: DeviceId, states: Sequence[DayState], *, rules: str) -> None:
    """Write the states of days, in order, in place of those of the first of these days and all later ones.

    What the derivation remembered before is forgotten.
    """
    row, first_on = TrackStateRow, states[0].derived_on
    session.execute(delete(row).where(row.device_id == device_id, row.derived_on >= first_on))
    remembers = (row.device_id == device_id, row.state.is_not(None))
    session.execute(update(row).where(*remembers).values(state=None))
    session.add_all(
        TrackStateRow(
            device_id=device_id,
            derived_on=one.derived_on,
            restart_at=one.restart_at,
            final_until=one.final_until,
            newest_at=one.newest_at,
            rules=rules,
            state=one.state,
        )
        for one in states
    )
    session.flush()


def list_kept(session: Session, device_id: DeviceId, *, from_at: datetime) -> list[KeptSpan]:
    """Return what stands of a device and began at a moment or later."""
    kept: list[KeptSpan] = []
    for row in _ROWS.values():
        query = select(row).where(row.device_id == device_id, row.superseded_at.is_(None), row.started_at >= from_at)
        kept += [KeptSpan(id=one.id, span=_span(one), is_open=one.is_open) for one in session.scalars(query)]
    return kept


def add_spans(
    session: Session, device_id: DeviceId, spans: Iterable[tuple[Span, bool]], *, rules: str, now: datetime
) -> None:
    """Write what is derived anew, with each whether it is open."""
    session.add_all(_row(device_id, span, is_open=is_open, rules=rules, now=now) for span, is_open in spans)
    session.flush()


def settle(session: Session, kept: Iterable[KeptSpan]) -> None:
    """Note that what was open is so for good."""
    for kind, row in _ROWS.items():
        ids = [one.id for one in kept if isinstance(one.span, kind)]
        if ids:
            session.execute(update(row).where(row.id.in_(ids)).values(is_open=False))


def supersede(session: Session, kept: Iterable[KeptSpan], *, now: datetime) -> list[Span]:
    """End what no longer holds: what is open goes; what is believed for good stays on record, and is returned.

    Which it is, is asked of the rows: what was open when it was read may be believed for good by now.
    """
    spans = {one.id: one.span for one in kept}
    superseded: list[Span] = []
    for kind, row in _ROWS.items():
        ids = [one for one, span in spans.items() if isinstance(span, kind)]
        if ids:
            session.execute(delete(row).where(row.id.in_(ids), row.is_open))
            statement = update(row).where(row.id.in_(ids)).values(superseded_at=now)
            superseded += [spans[one] for one in session.scalars(statement.returning(row.id))]
    return superseded


def list_spans(session: Session, device_id: DeviceId, span: TimeSpan, *, at: datetime | None = None) -> list[Span]:
    """Return the stops, trips and gaps of a device that reach into a span, in the order of time.

    Parameters
    ----------
    at
        As they were believed at that moment; None is now.
    """
    found: list[Span] = []
    for row in _ROWS.values():
        query = select(row).where(
            row.device_id == device_id, row.started_at < span.end_at, row.ended_at >= span.start_at
        )
        if at is None:
            query = query.where(row.superseded_at.is_(None))
        else:
            query = query.where(row.derived_at <= at, or_(row.superseded_at.is_(None), row.superseded_at > at))
        found += [_span(one) for one in session.scalars(query)]
    return sorted(found, key=lambda one: (one.started_at, one.ended_at))


def _span(row: _Row) -> Span:
    match row:
        case StopRow():
            return Stop(
                started_at=row.started_at,
                ended_at=row.ended_at,
                position=to_position(row.geom),
                radius_m=row.radius_m,
                fix_count=row.fix_count,
            )
        case TripRow():
            return Trip(
                started_at=row.started_at, ended_at=row.ended_at, distance_m=row.distance_m, fix_count=row.fix_count
            )
        case GapRow():
            return Gap(started_at=row.started_at, ended_at=row.ended_at, cause=GapCause(row.cause))


def _row(device_id: DeviceId, span: Span, *, is_open: bool, rules: str, now: datetime) -> _Row:
    made: dict[str, Any] = {
        "id": uuid4(),
        "device_id": device_id,
        "started_at": span.started_at,
        "ended_at": span.ended_at,
        "is_open": is_open,
        "rules": rules,
        "derived_at": now,
    }
    match span:
        case Stop():
            return StopRow(geom=to_point(span.position), radius_m=span.radius_m, fix_count=span.fix_count, **made)
        case Trip():
            return TripRow(distance_m=span.distance_m, fix_count=span.fix_count, **made)
        case Gap():
            return GapRow(cause=span.cause, **made)
