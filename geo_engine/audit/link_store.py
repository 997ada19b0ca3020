"""Rows of links, and events as they stand in theirs: the app role may add links and read both, nothing else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, SmallInteger, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.audit.chain import AuditLink, Clear, Erased, WrittenEvent
from geo_engine.db.base import BigInt, TenantRow, tenant_key
from geo_engine.db.packed import LARGE_INTEGERS, SMALL_INTEGERS, bytes_of, pack
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import MemberId

ERASURE = "erase_event", "audit_event"
"""The act and the kind of subject of the event that says that the matter of another was erased."""


ANCHORED_ANEW = "anchor_anew"
"""The act of the event that says that a chain with links had no anchors when it was sealed."""


ERASING = "erase_"
"""How acts begin that say that something was erased: the proof of it is never erased."""


LAST_POSITION = 2**63 - 1
"""That a link can be at."""


class AuditLinkRow(TenantRow):
    """One link of a company's chain; to its event there is no key, since the digest binds it.

    A key would look each event up again when it is linked, and whoever can delete an event can drop a key.
    """

    __tablename__ = "audit_link"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_number: Mapped[BigInt]
    settled_number: Mapped[BigInt]
    linked_at: Mapped[datetime]
    form: Mapped[int] = mapped_column(SmallInteger)
    commitment: Mapped[bytes]
    previous: Mapped[bytes]
    digest: Mapped[bytes]

    __table_args__ = (
        tenant_key([], "tenant"),
        UniqueConstraint("tenant_id", "event_number"),
    )


# Whatever somebody has made of a row, it can be read: years that Python does not know become the nearest it does.
_MOMENT = "greatest('0001-01-02Z', least('9999-12-30Z', {}))"
_LINK = f"""l.position, l.event_number, l.settled_number, {_MOMENT.format("l.linked_at")}, l.form,
    l.commitment, l.previous, l.digest"""
_EVENT = f"""e.number, {_MOMENT.format("e.written_at")}, {_MOMENT.format("e.happened_at")}, e.act, e.subject_kind,
    e.who_salt, e.member_id, e.matter_salt, e.subject_id, e.facts::text, e.matter_commitment"""
_LINK_WIDTH = 8
# Whoever adds an event holds this lock from before its number is given until the commit can be seen.
_WRITERS = """
select virtualtransaction from pg_locks
where relation = 'public.audit_event'::regclass and pid is distinct from pg_backend_pid() and granted
    and database = (select oid from pg_database where datname = current_database())
    and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
_UNLINKED = f"""
select {_EVENT} from audit_event as e
where e.number > %(after)s and not exists (
    select from audit_link as l
    where l.tenant_id = e.tenant_id and l.event_number = e.number and l.event_number > %(after)s)
order by e.number limit %(limit)s
"""  # noqa: S608 - names of ours
_LINKED = f"""
select {_LINK}, {_EVENT} from audit_link as l
left join audit_event as e on e.tenant_id = l.tenant_id and e.number = l.event_number
where l.position > %(after)s and l.position <= %(until)s order by l.position limit %(limit)s
"""  # noqa: S608 - names of ours
_ABOUT = f"""
select {_LINK}, {_EVENT} from audit_event as e
left join audit_link as l on l.tenant_id = e.tenant_id and l.event_number = e.number
where e.subject_kind = %(kind)s and e.subject_id = %(id)s and e.number > %(after)s order by e.number limit %(limit)s
"""  # noqa: S608 - names of ours
_ERASABLE = f"""
select {_EVENT} from audit_event as e
where e.number > %(after)s and e.number <= %(until)s and e.matter_commitment is null
    and not starts_with(e.act, %(never)s)
    and ((e.subject_kind = %(kind)s and e.subject_id = %(id)s)
        or exists (select from unnest(%(names)s::text[]) as n (name) where e.facts ->> n.name = %(id)s))
order by e.number
"""  # noqa: S608 - names of ours
_HEAD = f"""
select {_LINK} from audit_link as l where l.position <= %(until)s order by l.position desc limit 1
"""  # noqa: S608 - names of ours
_LAST_NUMBER = """
select max(l.event_number) from audit_link as l where l.event_number <= (select max(e.number) from audit_event as e)
"""
_UNTIL = """
select max(e.number) from (
    select number from audit_event where number > %(after)s order by number limit %(limit)s) as e
"""
_NUMBERED = f"""
select n.number, {_LINK}, {_EVENT} from unnest(%(numbers)s::bigint[]) as n (number)
left join audit_link as l on l.event_number = n.number
left join audit_event as e on e.number = n.number
"""  # noqa: S608 - names of ours
_RECORDED = """
select e.subject_id::bigint from audit_event as e
where e.subject_kind = %(kind)s and e.subject_id = any(%(ids)s) and e.act = %(act)s
"""
_APPEND = """
insert into audit_link (position, event_number, settled_number, linked_at, form, commitment, previous, digest)
select * from unnest(%(positions)s::bigint[], %(numbers)s::bigint[], %(settled)s::bigint[],
    %(moments)s::timestamptz[], %(forms)s::smallint[], %(commitments)s::bytea[], %(previous)s::bytea[],
    %(digests)s::bytea[])
"""
_DIGEST = bytes_of(32)


def lock_linking(session: Session) -> None:
    """Wait for whoever links events of the bound tenant, and keep others from it until the end."""
    name = f"link {bound_tenant(session)}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def get_clock(session: Session) -> datetime:
    """Return the moment by the clock of the database, which says when events were written."""
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    return now


def find_head(session: Session, *, until: int = LAST_POSITION) -> AuditLink | None:
    """Return the last link of the bound tenant, or the last up to a position."""
    found = session.connection().exec_driver_sql(_HEAD, {"until": until}).one_or_none()
    return None if found is None else _link(found)


def find_last_number(session: Session) -> int:
    """Return the highest number of the events that are linked; 0 when none is.

    What a link says of a number that no event has by now is nobody's word.
    """
    return session.connection().exec_driver_sql(_LAST_NUMBER).scalar() or 0


def list_writers(session: Session) -> frozenset[str]:
    """Return the other transactions that have written events, of any company, and are under way."""
    return frozenset(session.connection().exec_driver_sql(_WRITERS).scalars())


def list_unlinked(session: Session, *, after: int, limit: int) -> list[WrittenEvent]:
    """Return events with higher numbers that no link is of, by number."""
    rows = session.connection().exec_driver_sql(_UNLINKED, {"after": after, "limit": limit})
    return [_event(row) for row in rows]


def list_linked(session: Session, *, after: int, until: int, limit: int) -> list[tuple[AuditLink, WrittenEvent | None]]:
    """Return links behind a position and up to another with their events, in the order of the chain."""
    rows = session.connection().exec_driver_sql(_LINKED, {"after": after, "until": until, "limit": limit})
    return [(_link(row[:_LINK_WIDTH]), _event_if_any(row[_LINK_WIDTH:])) for row in rows]


def list_about(
    session: Session, subject: tuple[str, str], *, after: int, limit: int
) -> list[tuple[AuditLink | None, WrittenEvent]]:
    """Return events with higher numbers about a subject, each with its link when it has one, by number."""
    kind, subject_id = subject
    values = {"kind": kind, "id": subject_id, "after": after, "limit": limit}
    rows = session.connection().exec_driver_sql(_ABOUT, values)
    return [(_link_if_any(row[:_LINK_WIDTH]), _event(row[_LINK_WIDTH:])) for row in rows]


def find_numbered(session: Session, numbers: Iterable[int]) -> dict[int, tuple[AuditLink | None, WrittenEvent | None]]:
    """Return of numbers the link and the event that have each, as far as there are."""
    rows = session.connection().exec_driver_sql(_NUMBERED, {"numbers": sorted(set(numbers))})
    return {row[0]: (_link_if_any(row[1 : 1 + _LINK_WIDTH]), _event_if_any(row[1 + _LINK_WIDTH :])) for row in rows}


def list_recorded_erasures(session: Session, numbers: Collection[int]) -> set[int]:
    """Return those of some numbers of which an event says that the event was erased."""
    act, kind = ERASURE
    values = {"kind": kind, "act": act, "ids": [str(number) for number in numbers]}
    return set(session.connection().exec_driver_sql(_RECORDED, values).scalars()) if numbers else set()


def find_until(session: Session, *, after: int, limit: int) -> int | None:
    """Return the number of the last of so many events with higher numbers; None when there are none."""
    until: int | None = session.connection().exec_driver_sql(_UNTIL, {"after": after, "limit": limit}).scalar()
    return until


def list_erasable(
    session: Session, subject: tuple[str, str], names: Iterable[str], *, after: int, until: int
) -> list[WrittenEvent]:
    """Return events with numbers up to another about a subject, or with its id among their facts under some names.

    Those that say that something was erased are never among them.

    Notes
    -----
    Every event in between is looked at: of facts there is no index, since nothing else asks for them.
    """
    kind, subject_id = subject
    values = {
        "kind": kind,
        "id": subject_id,
        "names": sorted(names),
        "never": ERASING,
        "after": after,
        "until": until,
    }
    return [_event(row) for row in session.connection().exec_driver_sql(_ERASABLE, values)]


def erase(session: Session, commitments: Mapping[int, bytes], *, by: MemberId | None) -> int:
    """Have the database put commitments in the place of the matters of events, by number, and say so in others."""
    erased = func.erase_audit_matters(list(commitments), list(commitments.values()), by)
    return int(session.scalar(select(erased)) or 0)


def append_links(session: Session, links: Sequence[AuditLink]) -> None:
    """Add links of the bound tenant."""
    values = {
        "positions": pack(LARGE_INTEGERS, [one.position for one in links]),
        "numbers": pack(LARGE_INTEGERS, [one.event_number for one in links]),
        "settled": pack(LARGE_INTEGERS, [one.settled_number for one in links]),
        "moments": [one.linked_at for one in links],
        "forms": pack(SMALL_INTEGERS, [one.form for one in links]),
        "commitments": pack(_DIGEST, [one.commitment for one in links]),
        "previous": pack(_DIGEST, [one.previous for one in links]),
        "digests": pack(_DIGEST, [one.digest for one in links]),
    }
    session.connection().exec_driver_sql(_APPEND, values)


def _link(row: Sequence[Any]) -> AuditLink:
    position, number, settled_number, linked_at, form, commitment, previous, digest = row
    return AuditLink(
        position=position,
        event_number=number,
        settled_number=settled_number,
        linked_at=linked_at,
        form=form,
        commitment=commitment,
        previous=previous,
        digest=digest,
    )


def _link_if_any(row: Sequence[Any]) -> AuditLink | None:
    return None if row[0] is None else _link(row)


def _event(row: Sequence[Any]) -> WrittenEvent:
    number, written_at, happened_at, act, kind, who_salt, member_id, salt, subject_id, facts, commitment = row
    return WrittenEvent(
        number=number,
        written_at=written_at,
        happened_at=happened_at,
        act=act,
        subject_kind=kind,
        who=Clear(salt=who_salt or b"", value=(None if member_id is None else member_id.hex,)),
        matter=Erased(commitment=commitment or b"") if salt is None else Clear(salt=salt, value=(subject_id, facts)),
    )


def _event_if_any(row: Sequence[Any]) -> WrittenEvent | None:
    return None if row[0] is None else _event(row)
