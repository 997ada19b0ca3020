"""How a whole trail is verified: links, events and anchors are read by batches and judged as they come."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from geo_engine.audit import link_store as store
from geo_engine.audit.chain import AuditLink, Erased, WrittenEvent
from geo_engine.audit.vault import AuditKeyMissing, Vault
from geo_engine.audit.verification import ChainCheck, Fault
from geo_engine.db.session import Database, Session
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.ids import TenantId
from geo_engine.words import Message

_AT_ONCE = 5_000
_MOST_TOLD = 1_000
_SEALED_WITHIN = timedelta(minutes=15)
_BEFORE_ALL = -(2**63)


class TrailBroken(InvalidInput):
    """Trails are not as they were sealed."""

    def __init__(self, fault_count: int) -> None:
        super().__init__(Message("{count} faults: the trail is not as it was sealed.", {"count": fault_count}))


class AnchorsMissing(Unavailable):
    """Nothing of a trail is anchored here."""

    def __init__(self) -> None:
        super().__init__(
            Message("The anchors of the trail are not here: a tail that was cut, or a chain made anew, is not found.")
        )


class SealOverdue(Unavailable):
    """Events wait to be sealed, and nobody seals: until then whoever rules the database can change them."""

    def __init__(self, count: int, since: datetime) -> None:
        facts = {"count": count, "since": since.isoformat(timespec="seconds")}
        super().__init__(
            Message("{count} events wait since {since} to be sealed: see the log of the worker, which seals.", facts)
        )


@dataclass(slots=True, kw_only=True)
class TrailReport:
    """What a trail was found to be.

    Parameters
    ----------
    length
        How many links its chain has.
    anchored_length, anchored_at
        How many were anchored when; what came since is held by the key alone.
    anchored_anew_at
        Positions at which the trail says that its anchors were gone: what is before was anchored anew as it was then,
        and whether it is what it was before the key alone says.
    erased_count
        Events whose matter was erased, as others say.
    unsealed_count, unsealed_since
        Events that wait for the next seal, and when the first was written.
    is_overdue
        Whether the first has waited for a quarter of an hour: a worker seals every minute.
    faults
        The first thousand of them, links before events that have none.
    """

    length: int = 0
    anchored_length: int = 0
    anchored_at: datetime | None = None
    anchored_anew_at: list[int] = field(default_factory=list)
    erased_count: int = 0
    unsealed_count: int = 0
    unsealed_since: datetime | None = None
    is_overdue: bool = False
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault_count == 0

    @property
    def is_anchored(self) -> bool:
        """Whether something outside the database says how long the chain must be, if there is one."""
        return self.length == 0 or self.anchored_length > 0

    def blame(self, faults: Iterable[Fault]) -> bool:
        """Note faults, and return whether there were any."""
        count = self.fault_count
        for fault in faults:
            self.fault_count += 1
            if len(self.faults) < _MOST_TOLD:
                self.faults.append(fault)
        return self.fault_count > count


def require_intact(reports: Sequence[TrailReport]) -> None:
    """Raise unless nothing is wrong with trails, as far as anybody could tell.

    Raises
    ------
    TrailBroken
        When something is wrong with one.
    AnchorsMissing
        When nothing is anchored of one.
    SealOverdue
        When one waits to be sealed for too long.
    """
    fault_count = sum(one.fault_count for one in reports)
    if fault_count:
        raise TrailBroken(fault_count)
    if not all(one.is_anchored for one in reports):
        raise AnchorsMissing
    waiting = [(one.unsealed_since, one.unsealed_count) for one in reports if one.is_overdue and one.unsealed_since]
    if waiting:
        raise SealOverdue(sum(count for _, count in waiting), min(since for since, _ in waiting))


def verify_trail(database: Database, tenant_id: TenantId, vault: Vault) -> TrailReport:
    """Return what a company's trail is: every fault at its row, and what waits to be sealed.

    Raises
    ------
    AuditKeyMissing
        When something was sealed and its key is not here.
    OtherAuditKey, AnchorsUnreadable
        When what was anchored was so with another key, or cannot be read.
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away.

    Notes
    -----
    Of the trail 5,000 rows are held at a time. Anchors are read before links, and links before events that have none:
    what is sealed meanwhile is in the part that was read already or in none.
    """
    key = vault.find_key()
    anchors = vault.anchors_of(tenant_id, key or b"")
    known = anchors.read()
    with database.bound(tenant_id) as session:
        head, read_at = store.find_head(session), store.get_clock(session)
    if key is None and (head is not None or anchors.is_there):
        raise AuditKeyMissing
    report, check = TrailReport(), ChainCheck(tenant_id, key or b"", known)

    if head is not None:
        for link, event, recorded in _linked(database, tenant_id, until=head.position):
            is_blamed = report.blame(check.read(link, event, recorded=recorded))
            if event is not None and not is_blamed:
                report.erased_count += isinstance(event.matter, Erased)
                if event.act == store.ANCHORED_ANEW and len(report.anchored_anew_at) < _MOST_TOLD:
                    report.anchored_anew_at.append(link.position)
    report.blame(check.end())
    for event, recorded in _unlinked(database, tenant_id):
        if not report.blame(check.read_unlinked(event, recorded=recorded)):
            report.unsealed_count += 1
            report.unsealed_since = min(report.unsealed_since or event.written_at, event.written_at)
            report.erased_count += isinstance(event.matter, Erased)
    report.is_overdue = report.unsealed_since is not None and report.unsealed_since < read_at - _SEALED_WITHIN
    report.length, report.anchored_length, report.anchored_at = check.length, check.anchored_length, check.anchored_at
    return report


def _linked(
    database: Database, tenant_id: TenantId, *, until: int
) -> Iterator[tuple[AuditLink, WrittenEvent | None, Collection[int]]]:
    """Return links with their events, and of which of the events about them it is on record that they were erased."""
    after = _BEFORE_ALL
    while True:
        with database.bound(tenant_id) as session:
            rows = store.list_linked(session, after=after, until=until, limit=_AT_ONCE)
            recorded = _recorded(session, (event for _, event in rows if event is not None))
        for link, event in rows:
            yield link, event, recorded
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0].position


def _unlinked(database: Database, tenant_id: TenantId) -> Iterator[tuple[WrittenEvent, Collection[int]]]:
    after = _BEFORE_ALL
    while True:
        with database.bound(tenant_id) as session:
            events = store.list_unlinked(session, after=after, limit=_AT_ONCE)
            recorded = _recorded(session, events)
        for event in events:
            yield event, recorded
        if len(events) < _AT_ONCE:
            return
        after = events[-1].number


def _recorded(session: Session, events: Iterable[WrittenEvent]) -> Collection[int]:
    return store.list_recorded_erasures(session, [one.number for one in events if isinstance(one.matter, Erased)])
