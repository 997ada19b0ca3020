"""Rows of visits as they are believed, of decisions about them, and of days that wait to be derived."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from geo_engine.db.among import among
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import CheckInId, DecisionId, MemberId, PhotoId, SiteId, TeamId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_moment
from geo_engine.visits.check_in_store import find_check_ins
from geo_engine.visits.day import Visit
from geo_engine.visits.documents import as_document, read_document
from geo_engine.visits.kept import Decision, DecisionKind, KeptVisit
from geo_engine.visits.model import Verdict
from geo_engine.visits.rows import PhotoReuseRow, VisitClaimRow, VisitDecisionRow, VisitLegRow, VisitRow
from geo_engine.visits.service_days import beside
from geo_engine.workforce.store import WorkerRow

type WorkerDate = tuple[WorkerId, date]

_A_MOMENT = timedelta(microseconds=1)
_IS_CURRENT = VisitRow.superseded_at.is_(None)


def replace_day(
    session: Session, worker_id: WorkerId, service_on: date, visits: Sequence[Visit], *, rules: str, now: datetime
) -> int:
    """Have the visits of a day be these, and return how many rows were written; what is the same stays as it is.

    A visit that only goes on has its row written over: each minute of a stay is no other belief. One that was of a day
    beside it is of that day no more.
    """
    row = VisitRow
    current = select(row).where(row.service_on == service_on, row.worker_id == worker_id, _IS_CURRENT)
    kept = {one.id: one for one in session.scalars(current.with_for_update())}
    wanted = {visit.id: (visit, as_document(visit)) for visit in visits}
    changed = [
        visit_id
        for visit_id, (visit, told) in wanted.items()
        if visit_id not in kept or not _is_same(kept[visit_id], visit, told, rules)
    ]
    going_on = {one for one in changed if one in kept and _only_goes_on(kept[one], *wanted[one])}
    for visit_id in going_on:
        kept[visit_id].told, kept[visit_id].rules = wanted[visit_id][1], rules
        kept[visit_id].began_at = to_moment(wanted[visit_id][0].began_us)
    session.flush()
    replaced = set(changed) - going_on
    obsolete = {*replaced, *(visit_id for visit_id in kept if visit_id not in wanted)}
    if obsolete:
        ending = update(row).where(among(row.id, obsolete), _IS_CURRENT)
        session.execute(ending.values(superseded_at=func.greatest(now, row.derived_at)))
    if replaced:
        last_at = _last_derived(session, replaced)
        # What is believed later is later, also where the clocks of two machines differ.
        moments = {one: max(now, last_at[one] + _A_MOMENT) if one in last_at else now for one in replaced}
        rows = [_values(*wanted[one], rules=rules, now=moments[one]) for one in changed if one in replaced]
        session.execute(insert(row), rows)
    return len(changed)


def _last_derived(session: Session, visit_ids: Iterable[VisitId]) -> dict[VisitId, datetime]:
    row = VisitRow
    query = select(row.id, func.max(row.derived_at)).where(among(row.id, visit_ids)).group_by(row.id)
    return {VisitId(visit_id): derived_at for visit_id, derived_at in session.execute(query)}


def list_day(session: Session, service_on: date, *, team_ids: Iterable[TeamId] | None) -> tuple[KeptVisit, ...]:
    """Return the visits of a day as they are believed, by worker and time, of the workers of some teams or of all."""
    query = select(VisitRow).where(VisitRow.service_on == service_on, _IS_CURRENT)
    if team_ids is not None:
        workers = select(WorkerRow.id).where(among(WorkerRow.team_id, team_ids))
        query = query.where(VisitRow.worker_id.in_(workers))
    return _read(session, query.order_by(VisitRow.worker_id, VisitRow.began_at, VisitRow.id))


def list_made(session: Session, *, since: date, before: date) -> tuple[tuple[SiteId, date], ...]:
    """Return the sites and days, from one day to before another, of visits that took place, each once.

    They took place as `KeptVisit.took_place` has it. Of half a year of a company no document is read.
    """
    row, said = VisitRow, VisitDecisionRow
    last = (
        select(said.visit_id, said.kind)
        .where(said.service_on >= since, said.service_on < before)
        .order_by(said.visit_id, said.decided_at.desc(), said.id.desc())
        .ext(distinct_on(said.visit_id))
        .subquery()
    )
    is_believed = (row.verdict != Verdict.CONTRADICTED.value) & last.c.kind.is_distinct_from(
        DecisionKind.REJECTED.value
    )
    query = (
        select(row.site_id, row.service_on)
        .outerjoin(last, last.c.visit_id == row.id)
        .where(row.service_on >= since, row.service_on < before, _IS_CURRENT)
        .where(is_believed | (last.c.kind == DecisionKind.ACCEPTED.value))
        .order_by(row.service_on, row.site_id)
        .distinct()
    )
    return tuple((SiteId(site_id), service_on) for site_id, service_on in session.execute(query))


def list_open(
    session: Session, since: date, *, before: datetime, team_ids: Iterable[TeamId] | None, limit: int
) -> tuple[KeptVisit, ...]:
    """Return the visits since a day, begun before a moment, that a person should look at and nobody has decided about.

    The newest first.
    """
    row, decided = VisitRow, VisitDecisionRow
    is_decided = row.id.in_(select(decided.visit_id).where(decided.service_on >= beside(since)[0]))
    is_doubtful = row.verdict.in_([Verdict.INSUFFICIENT.value, Verdict.CONTRADICTED.value]) | row.is_ambiguous
    is_told = (row.service_on >= since, row.began_at < before, _IS_CURRENT)
    query = select(row).where(*is_told, is_doubtful, ~is_decided)
    if team_ids is not None:
        query = query.where(row.worker_id.in_(select(WorkerRow.id).where(among(WorkerRow.team_id, team_ids))))
    return _read(session, query.order_by(row.service_on.desc(), row.began_at.desc(), row.id).limit(limit))


def list_worker_day(session: Session, worker_id: WorkerId, service_on: date) -> tuple[KeptVisit, ...]:
    """Return a worker's visits of a day as they are believed, in order of time."""
    row = VisitRow
    query = select(row).where(row.service_on == service_on, row.worker_id == worker_id, _IS_CURRENT)
    return _read(session, query.order_by(row.began_at, row.id))


def list_known(session: Session, worker_id: WorkerId, days: Iterable[date]) -> tuple[KeptVisit, ...]:
    """Return what was believed last of every visit that there ever was on a worker's days, what still is first."""
    row = VisitRow
    of_day = (row.service_on.in_(sorted(set(days))), row.worker_id == worker_id)
    newest = select(row.id, func.max(row.derived_at).label("derived_at")).where(*of_day).group_by(row.id).subquery()
    is_newest = (row.id == newest.c.id) & (row.derived_at == newest.c.derived_at)
    query = select(row).join(newest, is_newest).where(*of_day)
    return _read(
        session, query.order_by(row.superseded_at.is_not(None), row.superseded_at.desc(), row.began_at, row.id)
    )


def list_history(session: Session, visit_id: VisitId) -> tuple[KeptVisit, ...]:
    """Return what was ever believed of a visit, the newest first; none when there never was one."""
    query = select(VisitRow).where(VisitRow.id == visit_id).order_by(VisitRow.derived_at.desc())
    return _read(session, query)


def lock_visit(session: Session, visit_id: VisitId) -> None:
    """Keep others from deciding about a visit, and from revising it, until the transaction ends."""
    row = VisitRow
    session.execute(select(row.id).where(row.id == visit_id, _IS_CURRENT).with_for_update())


def add_decision(session: Session, decision: Decision) -> None:
    """Write a decision."""
    values = {
        "id": decision.id,
        "visit_id": decision.visit_id,
        "worker_id": decision.worker_id,
        "service_on": decision.service_on,
        "kind": decision.kind.value,
        "site_id": decision.site_id,
        "from_at": decision.span.start_at,
        "until_at": decision.span.end_at,
        "note": decision.note,
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at,
    }
    session.execute(insert(VisitDecisionRow).values(values))


def list_decisions(session: Session, days: Iterable[WorkerDate]) -> tuple[Decision, ...]:
    """Return what was decided about visits of some days of workers, the oldest first."""
    row, wanted = VisitDecisionRow, sorted(set(days))
    if not wanted:
        return ()
    query = select(row).where(
        row.service_on.in_(sorted({day for _, day in wanted})), among(row.worker_id, [worker for worker, _ in wanted])
    )
    found = session.scalars(query.order_by(row.decided_at, row.id))
    return tuple(_decision(one) for one in found if (one.worker_id, one.service_on) in set(wanted))


def claim_day(session: Session, worker_id: WorkerId, service_on: date, *, now: datetime) -> None:
    """Write that the visits of a day are to be derived; one that waits already waits since it did."""
    claim_each(session, [(worker_id, service_on)], now=now)


def claim_each(session: Session, days: Iterable[WorkerDate], *, now: datetime) -> None:
    """Do as `claim_day` for each of some days."""
    row = VisitClaimRow
    # In an order, so that of two who claim the same days none waits for the other for good.
    asked = [
        {"worker_id": worker_id, "service_on": service_on, "asked_at": now, "number": 1}
        for worker_id, service_on in sorted(set(days))
    ]
    if asked:
        again = {"number": row.number + 1}
        key = ["tenant_id", "worker_id", "service_on"]
        session.execute(insert(row).on_conflict_do_update(index_elements=key, set_=again), asked)


def list_claims(session: Session, *, limit: int) -> tuple[WorkerDate, ...]:
    """Return the days that wait the longest."""
    row = VisitClaimRow
    query = select(row.worker_id, row.service_on).order_by(row.asked_at, row.service_on, row.worker_id).limit(limit)
    return tuple((WorkerId(worker_id), service_on) for worker_id, service_on in session.execute(query))


def lock_claim(session: Session, worker_id: WorkerId, service_on: date) -> int | None:
    """Return the number of a day's claim, and keep others from deriving it until the transaction ends; None without."""
    of_worker = func.hashtextextended(_name_of(session, worker_id), 0)
    session.execute(select(func.pg_advisory_xact_lock_shared(of_worker)))
    name = f"{_name_of(session, worker_id)}:{service_on}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    row = VisitClaimRow
    return session.scalar(select(row.number).where(row.worker_id == worker_id, row.service_on == service_on))


def lock_deriving(session: Session, worker_id: WorkerId) -> None:
    """Wait for whoever derives a day of a worker, and keep others from deriving any until the transaction ends."""
    of_worker = func.hashtextextended(_name_of(session, worker_id), 0)
    session.execute(select(func.pg_advisory_xact_lock(of_worker)))


def postpone_claim(session: Session, worker_id: WorkerId, service_on: date, *, now: datetime) -> None:
    """Have a day wait behind all others."""
    row = VisitClaimRow
    session.execute(update(row).where(row.worker_id == worker_id, row.service_on == service_on).values(asked_at=now))


def end_claim(session: Session, worker_id: WorkerId, service_on: date, number: int) -> None:
    """Note that a claim is done, unless it was made again meanwhile."""
    row = VisitClaimRow
    session.execute(delete(row).where(row.worker_id == worker_id, row.service_on == service_on, row.number == number))


def lock_reuses(session: Session) -> None:
    """Keep others from writing which photos of the company show the same until the transaction ends."""
    name = f"photo reuses:{bound_tenant(session)}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def add_reuse(session: Session, photo_id: PhotoId, same_ids: Iterable[PhotoId], *, now: datetime) -> None:
    """Write which other photos show the same picture as one."""
    adding = insert(PhotoReuseRow).values(photo_id=photo_id, examined_at=now, same_ids=list(same_ids))
    session.execute(adding.on_conflict_do_nothing())


def replace_reuse(session: Session, photo_id: PhotoId, same_ids: Iterable[PhotoId], *, now: datetime) -> None:
    """Write which other photos show the same picture as one, instead of what was written before."""
    session.execute(delete(PhotoReuseRow).where(PhotoReuseRow.photo_id == photo_id))
    add_reuse(session, photo_id, sorted(same_ids), now=now)


def find_reuses(session: Session, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, tuple[PhotoId, ...]]:
    """Return of each of some photos that were looked at which others show the same picture."""
    rows = session.scalars(select(PhotoReuseRow).where(among(PhotoReuseRow.photo_id, photo_ids)))
    return {PhotoId(row.photo_id): tuple(map(PhotoId, row.same_ids)) for row in rows}


def delete_visits(session: Session, worker_id: WorkerId) -> int:
    """Delete all that was derived and decided of a worker's visits, and return how many rows that was."""
    rows = (VisitRow, VisitLegRow, VisitDecisionRow, VisitClaimRow)
    deleted = (session.execute(delete(row).where(row.worker_id == worker_id).returning(row.worker_id)) for row in rows)
    return sum(len(one.all()) for one in deleted)


def count_visits(session: Session, worker_id: WorkerId) -> int:
    """Return how many visits of a worker were ever believed."""
    return session.scalars(select(func.count()).select_from(VisitRow).where(VisitRow.worker_id == worker_id)).one()


def _name_of(session: Session, worker_id: WorkerId) -> str:
    return f"visits:{bound_tenant(session)}:{worker_id}"


def _is_same(row: VisitRow, visit: Visit, told: Mapping[str, Any], rules: str) -> bool:
    return bool(
        row.told == told
        and row.rules == rules
        and row.verdict == visit.judgement.verdict
        and row.site_id == visit.site_id
    )


def _only_goes_on(row: VisitRow, visit: Visit, told: Mapping[str, Any]) -> bool:
    """Return whether a visit whose end was not known is believed as it was, but for its moments and their weights."""
    before = row.told["presence"]
    return (
        before is not None
        and before["left"] is None
        and (row.site_id, row.verdict, row.is_ambiguous)
        == (visit.site_id, visit.judgement.verdict.value, visit.is_ambiguous)
        and _gist(row.told) == _gist(told)
    )


def _gist(told: Mapping[str, Any]) -> object:
    """Return what of a visit's document does not follow the minutes of its stay."""
    same = {name: told[name] for name in ("stop", "fence", "check_ins", "photos", "is_assigned")}
    return {
        **same,
        "candidates": [site_id for site_id, _ in told["candidates"]],
        "reasons": sorted(kind for kind, *_ in told["reasons"]),
    }


def _values(visit: Visit, told: Mapping[str, Any], *, rules: str, now: datetime) -> dict[str, object]:
    return {
        "id": visit.id,
        "derived_at": now,
        "worker_id": visit.worker_id,
        "service_on": visit.service_on,
        "site_id": visit.site_id,
        "began_at": to_moment(visit.began_us),
        "verdict": visit.judgement.verdict.value,
        "is_ambiguous": visit.is_ambiguous,
        "rules": rules,
        "told": told,
    }


def _read(session: Session, query: Select[VisitRow]) -> tuple[KeptVisit, ...]:
    rows = session.scalars(query).all()
    named = {CheckInId(UUID(one)) for row in rows for one, _ in row.told["check_ins"]}
    check_ins = find_check_ins(session, named) if named else {}
    # What was decided while it was of a day beside it is about it all the same.
    days = {(WorkerId(row.worker_id), day) for row in rows for day in beside(row.service_on)}
    decisions = list_decisions(session, days)
    last = {decision.visit_id: decision for decision in decisions}
    return tuple(
        KeptVisit(
            visit=read_document(
                row.told,
                visit_id=VisitId(row.id),
                worker_id=WorkerId(row.worker_id),
                service_on=row.service_on,
                site_id=SiteId(row.site_id),
                verdict=Verdict(row.verdict),
                check_ins=check_ins,
            ),
            derived_at=row.derived_at,
            superseded_at=row.superseded_at,
            decision=last.get(VisitId(row.id)),
        )
        for row in rows
    )


def _decision(row: VisitDecisionRow) -> Decision:
    return Decision(
        id=DecisionId(row.id),
        visit_id=VisitId(row.visit_id),
        worker_id=WorkerId(row.worker_id),
        service_on=row.service_on,
        kind=DecisionKind(row.kind),
        span=TimeSpan(start_at=row.from_at, end_at=row.until_at),
        decided_at=row.decided_at,
        site_id=None if row.site_id is None else SiteId(row.site_id),
        note=row.note,
        decided_by=None if row.decided_by is None else MemberId(row.decided_by),
    )
