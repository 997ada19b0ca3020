"""What whoever owns the database can do to a sealed trail, and where it must be found.

Each act is done in the transaction of a session of the owner, whose triggers are off, on a trail that was sealed whole.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from uuid import UUID

from geo_engine.audit import link_store as store
from geo_engine.audit.chain import AuditLink, build_links
from geo_engine.audit.sealing import seal_trail
from geo_engine.audit.service import record_act
from geo_engine.audit.vault import Vault
from geo_engine.audit.verification import Fault, FaultKind
from geo_engine.audit.verifying import verify_trail
from geo_engine.db.base import TENANT_SETTING
from geo_engine.db.session import Database, Session
from geo_engine.ids import MemberId, TenantId
from support.companies import NOW

_OFF = "alter table {table} disable trigger user"
_EVENT_EDITS = (
    "happened_at = happened_at + interval '1 second'",
    "written_at = written_at - interval '1 microsecond'",
    "written_at = 'infinity'",
    "act = act || 'x'",
    "subject_kind = 'other'",
    "subject_id = subject_id || '0'",
    "facts = facts || '{\"more\": 1}'",
    "facts = jsonb_set(facts, '{number}', '1.0')",
    "facts = '[]'",
    "member_id = gen_random_uuid()",
    "who_salt = uuid_send(gen_random_uuid())",
    "matter_salt = uuid_send(gen_random_uuid())",
    "subject_id = null, facts = null, matter_salt = null, matter_commitment = sha256('')",
)
_LINK_EDITS = (
    "event_number = -event_number - 1",
    "settled_number = settled_number + 1",
    "linked_at = linked_at - interval '1 microsecond'",
    "form = 2",
    "commitment = sha256(commitment)",
    "previous = sha256(previous)",
    "digest = sha256(digest)",
)


class OwnersDatabase(Database):
    """A database in which every transaction is part of one of the owner's, to be rolled back as a whole."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def bound(self, tenant_id: TenantId) -> Iterator[Session]:
        """Give the session, which is bound to that company."""
        assert self._session.info[TENANT_SETTING] == tenant_id
        yield self._session


@dataclass(frozen=True, kw_only=True)
class Trail:
    """A sealed trail in the hands of the owner.

    Parameters
    ----------
    numbers
        Those of its events, in the order of the chain.
    """

    session: Session
    tenant_id: TenantId
    vault: Vault
    numbers: tuple[int, ...]

    @property
    def database(self) -> OwnersDatabase:
        """What services take."""
        return OwnersDatabase(self.session)

    def do(self, statement: str, **values: object) -> None:
        """Change rows."""
        self.session.connection().exec_driver_sql(statement, values)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where an act must be found: the first fault of links, or of events that have none, and which others it explains.

    Parameters
    ----------
    kinds
        What it may be called.
    row
        A position; of an event that has no link its number, negative here.
    others
        Rows of which more may be told.
    """

    kinds: frozenset[FaultKind]
    row: int
    others: frozenset[int] = frozenset()

    def is_met(self, faults: list[Fault]) -> bool:
        """Return whether the first fault is the act's, and every other is explained by it."""
        rows = [fault.position if fault.position is not None else -(fault.event_number or 0) for fault in faults]
        return (
            bool(faults)
            and faults[0].kind in self.kinds
            and rows[0] == self.row
            and set(rows) <= {self.row, *self.others}
        )


def add_trail(database: Database, tenant_id: TenantId, vault: Vault, random: Random, *, others: TenantId) -> None:
    """Have a company's trail grow in several seals, other companies' events between its own."""
    for _ in range(random.randint(1, 4)):
        for _ in range(random.randint(2, 15)):
            whose = others if random.random() < 0.2 else tenant_id
            with database.bound(whose) as session:
                by = None if random.random() < 0.3 else MemberId(UUID(int=random.getrandbits(128)))
                subject = ("worker", f"W{random.randrange(9)}")
                facts = {"purpose": random.choice(["a complaint", "投诉", ""]), "number": 1}
                record_act(session, random.choice(["look_at_track", "sign_in"]), subject, by=by, now=NOW, **facts)
        seal_trail(database, tenant_id, vault)


@contextmanager
def owned(database: Database, tenant_id: TenantId, vault: Vault) -> Iterator[Trail]:
    """Give a trail to the owner, in a transaction in which nothing guards it."""
    with database.bound(tenant_id) as session:
        for table in ("audit_event", "audit_link"):
            session.connection().exec_driver_sql(_OFF.format(table=table))
        rows = store.list_linked(session, after=0, until=10**9, limit=10**6)
        numbers = tuple(link.event_number for link, _ in rows)
        yield Trail(session=session, tenant_id=tenant_id, vault=vault, numbers=numbers)
        session.rollback()


def attempt(trail: Trail, name: str, random: Random) -> tuple[Found, list[Fault]]:
    """Return where a kind of tampering must be found and what is, and undo it."""
    path = trail.vault.anchors_of(trail.tenant_id, trail.vault.keep_key()).path
    anchors = path.read_bytes()
    with trail.session.begin_nested() as savepoint:
        found = TAMPERINGS[name](trail, random)
        report = verify_trail(trail.database, trail.tenant_id, trail.vault)
        savepoint.rollback()
    path.write_bytes(anchors)
    return found, report.faults


def edit_event(trail: Trail, random: Random) -> Found:
    """Change something of an event."""
    at = random.randrange(len(trail.numbers))
    trail.do(f"update audit_event set {random.choice(_EVENT_EDITS)} where number = %(n)s", n=trail.numbers[at])  # noqa: S608
    return _found(at, FaultKind.EDITED)


def move_event(trail: Trail, random: Random) -> Found:
    """Give an event another number."""
    at, free = random.randrange(len(trail.numbers)), _free_number(trail, random)
    trail.do(_COPY.format(number=free), n=trail.numbers[at])
    trail.do("delete from audit_event where number = %(n)s", n=trail.numbers[at])
    return _found(at, FaultKind.DELETED, others=(-free,))


def erase_event(trail: Trail, random: Random) -> Found:
    """Erase an event as if that were asked for, without its record."""
    at = random.randrange(len(trail.numbers))
    ((_, event),) = store.list_linked(trail.session, after=at, until=at + 1, limit=1)
    assert event is not None
    trail.do(
        "update audit_event set subject_id = null, facts = null, matter_salt = null, matter_commitment = %(c)s "
        "where number = %(n)s",
        c=event.matter.commitment,
        n=trail.numbers[at],
    )
    return _found(at, FaultKind.ERASED)


def delete_event(trail: Trail, random: Random) -> Found:
    """Take an event away."""
    at = random.randrange(len(trail.numbers))
    trail.do("delete from audit_event where number = %(n)s", n=trail.numbers[at])
    return _found(at, FaultKind.DELETED)


def delete_both(trail: Trail, random: Random) -> Found:
    """Take an event away and its link."""
    at = random.randrange(len(trail.numbers))
    trail.do("delete from audit_event where number = %(n)s", n=trail.numbers[at])
    trail.do("delete from audit_link where position = %(p)s", p=at + 1)
    return _found(at, FaultKind.LINK_REMOVED, FaultKind.TAIL_CUT)


def insert_event(trail: Trail, random: Random) -> Found:
    """Slip an event in that seems to be as old as those around it."""
    free = _free_number(trail, random)
    trail.do(_COPY.format(number=free), n=random.choice(trail.numbers))
    return Found(kinds=frozenset({FaultKind.UNLINKED}), row=-free)


def insert_and_seal(trail: Trail, random: Random) -> Found:
    """Slip an event in and have it sealed, if its number is one that the sealer still looks at."""
    found = insert_event(trail, random)
    sealed = seal_trail(trail.database, trail.tenant_id, trail.vault)
    return found if sealed.linked_count == 0 else _found(len(trail.numbers), FaultKind.LATE)


def insert_old(trail: Trail, random: Random) -> Found:
    """Add an event with a new number that seems to be an hour older."""
    trail.do(_COPY.format(number="nextval('audit_event_number_seq')"), n=random.choice(trail.numbers))
    number = trail.session.connection().exec_driver_sql("select max(number) from audit_event").scalar_one()
    trail.do("update audit_event set written_at = written_at - interval '1 hour' where number = %(n)s", n=number)
    if random.random() < 0.5:
        return Found(kinds=frozenset({FaultKind.MISDATED}), row=-number)
    seal_trail(trail.database, trail.tenant_id, trail.vault)
    return _found(len(trail.numbers), FaultKind.MISDATED)


def swap_events(trail: Trail, random: Random) -> Found:
    """Let two events take each other's places."""
    one, other = _two(trail, random)
    a, b = trail.numbers[one], trail.numbers[other]
    trail.do(_SWAP_EVENTS, a=a, b=b)
    return _found(one, FaultKind.EDITED, others=(other + 1,))


def swap_links(trail: Trail, random: Random) -> Found:
    """Let two links take each other's places."""
    one, other = _two(trail, random)
    for source, target in ((one + 1, -1), (other + 1, one + 1), (-1, other + 1)):
        trail.do("update audit_link set position = %(t)s where position = %(s)s", s=source, t=target)
    return _found(one, FaultKind.LINK_EDITED, others=(other + 1,))


def edit_link(trail: Trail, random: Random) -> Found:
    """Change something of a link."""
    at = random.randrange(len(trail.numbers))
    trail.do(f"update audit_link set {random.choice(_LINK_EDITS)} where position = %(p)s", p=at + 1)  # noqa: S608
    return _found(at, FaultKind.LINK_EDITED, others=(-trail.numbers[at],))


def delete_link(trail: Trail, random: Random) -> Found:
    """Take a link away."""
    at = random.randrange(len(trail.numbers))
    trail.do("delete from audit_link where position = %(p)s", p=at + 1)
    return _found(at, FaultKind.LINK_REMOVED, FaultKind.TAIL_CUT, others=(-trail.numbers[at],))


def cut_tail(trail: Trail, random: Random) -> Found:
    """Take the last links away, with their events or without."""
    at = random.randrange(len(trail.numbers))
    cut = list(trail.numbers[at:])
    trail.do("delete from audit_link where position > %(p)s", p=at)
    if random.random() < 0.5:
        trail.do("delete from audit_event where number = any(%(cut)s)", cut=cut)
    return _found(at, FaultKind.TAIL_CUT, others=tuple(-number for number in cut))


def recompute(trail: Trail, random: Random) -> Found:
    """Edit an event and make the whole chain anew with the stolen key."""
    found = edit_event(trail, random)
    _remake(trail, trail.vault.keep_key())
    return Found(kinds=frozenset({FaultKind.RECOMPUTED}), row=found.row)


def recompute_without(trail: Trail, random: Random) -> Found:
    """Take an event away and make the chain anew with the stolen key, so that nothing seems to be missing."""
    at = random.randrange(len(trail.numbers))
    trail.do("delete from audit_event where number = %(n)s", n=trail.numbers[at])
    trail.do("delete from audit_link where position = %(p)s", p=at + 1)
    _remake(trail, trail.vault.keep_key())
    last = len(trail.numbers)
    return _found(at, FaultKind.RECOMPUTED, FaultKind.TAIL_CUT, others=(last,))


def recompute_with(trail: Trail, random: Random) -> Found:
    """Slip an event in where its number belongs and make the chain anew with the stolen key."""
    free = _free_number(trail, random)
    trail.do(_COPY.format(number=free), n=random.choice(trail.numbers))
    trail.do(
        "insert into audit_link select tenant_id, position + 1, %(free)s, settled_number, linked_at, form, commitment, "
        "previous, digest from audit_link order by position desc limit 1",
        free=free,
    )
    _remake(trail, trail.vault.keep_key(), by_number=True)
    at = sum(number < free for number in trail.numbers)
    return _found(at, FaultKind.RECOMPUTED, others=(len(trail.numbers) + 1,))


def recompute_blindly(trail: Trail, random: Random) -> Found:
    """Edit an event and make the whole chain anew with a key of one's own."""
    edit_event(trail, random)
    _remake(trail, random.randbytes(32))
    return _found(0, FaultKind.LINK_EDITED, others=tuple(range(1, len(trail.numbers) + 1)))


TAMPERINGS: dict[str, Callable[[Trail, Random], Found]] = {
    "event edited": edit_event,
    "event given another number": move_event,
    "event erased unrecorded": erase_event,
    "event deleted": delete_event,
    "event and link deleted": delete_both,
    "event inserted": insert_event,
    "event inserted, then sealed": insert_and_seal,
    "old event appended": insert_old,
    "events swapped": swap_events,
    "links swapped": swap_links,
    "link edited": edit_link,
    "link deleted": delete_link,
    "tail cut": cut_tail,
    "recomputed with the key, event edited": recompute,
    "recomputed with the key, event deleted": recompute_without,
    "recomputed with the key, event inserted": recompute_with,
    "recomputed with another key": recompute_blindly,
}

_COPIED = "happened_at, member_id, act, subject_kind, subject_id, facts, written_at, who_salt, matter_salt"
_COPY = (
    f"insert into audit_event (number, {_COPIED}) overriding system value "  # noqa: S608
    f"select {{number}}, {_COPIED} from audit_event where number = %(n)s"
)
_SWAP_EVENTS = f"""
update audit_event as e set ({_COPIED}) = (
    select {_COPIED} from audit_event as o where o.number = case e.number when %(a)s then %(b)s else %(a)s end)
where e.number in (%(a)s, %(b)s)
"""  # noqa: S608


def _found(at: int, *kinds: FaultKind, others: tuple[int, ...] = ()) -> Found:
    return Found(kinds=frozenset(kinds), row=at + 1, others=frozenset(others))


def _two(trail: Trail, random: Random) -> list[int]:
    return sorted(random.sample(range(len(trail.numbers)), 2))


def _free_number(trail: Trail, random: Random) -> int:
    """Return a number below the last that no event has: others' numbers lie between, and there are those before all."""
    taken = set(trail.numbers)
    between = [number for number in range(min(taken), max(taken)) if number not in taken]
    return random.choice([*between, min(taken) - 1 - random.randrange(5)])


def _remake(trail: Trail, key: bytes, *, by_number: bool = False) -> None:
    """Make every link anew of the events as they are, each at the place, the moment and of the seal that it had."""
    rows = store.list_linked(trail.session, after=0, until=10**9, limit=10**6)
    order = sorted(rows, key=lambda row: row[0].event_number) if by_number else rows
    links: list[AuditLink] = []
    for (_, event), (place, _) in zip(order, rows, strict=True):
        links += build_links(
            [event] if event is not None else [],
            tenant_id=trail.tenant_id,
            key=key,
            head=links[-1] if links else None,
            settled_number=place.settled_number,
            linked_at=place.linked_at,
        )
    trail.do("delete from audit_link")
    store.append_links(trail.session, links)
