"""How trails are sealed: what is committed is linked, and the chain is anchored outside the database."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from geo_engine.audit import link_store as store
from geo_engine.audit.anchors import OpenAnchors, OtherAuditKey
from geo_engine.audit.chain import CHECK_BYTES, NOTHING_BEFORE, Anchor, AuditLink, build_links
from geo_engine.audit.link_store import ANCHORED_ANEW, LAST_POSITION
from geo_engine.audit.service import record_act
from geo_engine.audit.store import list_events_about
from geo_engine.audit.vault import AuditKeyMissing, Vault
from geo_engine.db.refusals import DatabaseTooSlow
from geo_engine.db.session import Database, Session, bound_tenant
from geo_engine.errors import InvalidInput
from geo_engine.ids import TenantId
from geo_engine.words import Message

_AT_ONCE = 5_000
_WRITERS_END_WITHIN_S = 1.0
_LOOKS_AT_WRITERS = 20
_PASSED_OVER = "pass_over_links"
_log = logging.getLogger(__name__)


class TrailDeparted(InvalidInput):
    """A trail does not go on from where it was anchored."""

    def __init__(self, length: int) -> None:
        super().__init__(
            Message(
                "The trail is not as it was anchored with {length} links: geo-engine audit verify says more.",
                {"length": length},
            )
        )


class StrayLinks(InvalidInput):
    """Somebody who has not the key put links behind the last that was made with it."""

    def __init__(self, position: int) -> None:
        super().__init__(
            Message(
                "Nobody who has the key made the link at position {position} of the trail; what follows is linked "
                "behind it: geo-engine audit verify says more.",
                {"position": position},
            )
        )


class AnchoredAnew(InvalidInput):
    """A trail that was sealed before had no anchors any more."""

    def __init__(self, length: int) -> None:
        super().__init__(
            Message(
                "The anchors of the trail's first {length} links are not here: they are anchored anew as they are now, "
                "and the trail says so for ever. Unless you moved the file of anchors aside, somebody took it away.",
                {"length": length},
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What was linked of a trail, how long its chain is now and up to which number nothing can be added to it.

    Parameters
    ----------
    length
        The position of the last link that was made with the key.
    is_settled
        Whether all who had written were over, so that more than before could be told to be settled.
    stray_positions
        Of links behind the last sound one that nobody who has the key made: what is linked goes on behind them.
    lost_length
        How many links there were when no anchors were found, and all of them were anchored anew; 0 where some were.
    """

    linked_count: int
    length: int
    settled_number: int
    is_settled: bool
    stray_positions: tuple[int, ...] = ()
    lost_length: int = 0

    def require_as_left(self) -> None:
        """Raise unless the trail was found as the seal before had left it.

        Raises
        ------
        StrayLinks
            When links were found that nobody who has the key made.
        AnchoredAnew
            When there were links, and no anchors of them.
        """
        if self.stray_positions:
            raise StrayLinks(self.stray_positions[0])
        if self.lost_length:
            raise AnchoredAnew(self.lost_length)


def seal_trails(database: Database, tenant_ids: Iterable[TenantId], vault: Vault) -> None:
    """Seal the trails of companies; one that cannot be sealed is written into the log and keeps no other waiting.

    Raises
    ------
    DatabaseUnavailable
        When the database is away: what is not sealed is sealed next time.
    """
    for tenant_id in tenant_ids:
        try:
            seal_trail(database, tenant_id, vault).require_as_left()
        except (InvalidInput, AuditKeyMissing, OSError) as error:
            _log.error("The audit trail of %s is not sealed as it should be: %s", tenant_id, error)
        except DatabaseTooSlow:
            _log.warning("The audit trail of %s could not be sealed in time; it is tried again later.", tenant_id)


def seal_trail(database: Database, tenant_id: TenantId, vault: Vault) -> Seal:
    """Link what is committed of a company's trail and anchor what the chain has become.

    Nobody who writes an event waits for it. What commits while it goes on is linked the next time: nothing is taken to
    be settled while somebody who has written is under way. Of two that seal at once one waits for the other.

    Whoever may add links but has not the key stops nobody: what is linked goes on behind, it is on record that there
    was something, and `verify_trail` tells of it for ever.

    A chain is never anchored anew unseen: anchors begin before its first link, and where there are links and none of
    them it is on record, before it is anchored as it is now, that nothing outside the database knew what it was.

    Raises
    ------
    AuditKeyMissing
        When the trail was sealed before and its key is not here: none is made in its place.
    OtherAuditKey
        When the last link that was anchored, or any, was not made with this key: nothing is linked.
    TrailDeparted
        When the chain does not go on from the last anchor: what is linked stays, and nothing more is anchored.
    AnchorsUnreadable
        When the last anchor is none.
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not sealed is sealed next time.
    """
    key = _key(database, tenant_id, vault)
    _begin_anchors(database, tenant_id, key, vault)
    seal = _link_all(database, tenant_id, key, vault)
    with vault.anchors_of(tenant_id, key).opened() as anchors, database.bound(tenant_id) as session:
        if anchors.last is not None:
            _anchor(session, anchors, seal, key)
            return seal
        _record_lost_anchors(session, seal.length)
    # The record is linked before anything is anchored: it is as lasting as what it tells of.
    more = _link_all(database, tenant_id, key, vault)
    with vault.anchors_of(tenant_id, key).opened() as anchors, database.bound(tenant_id) as session:
        _anchor(session, anchors, more, key)
    linked_count, strays = seal.linked_count + more.linked_count, seal.stray_positions or more.stray_positions
    return replace(more, linked_count=linked_count, stray_positions=strays, lost_length=seal.length)


def _begin_anchors(database: Database, tenant_id: TenantId, key: bytes, vault: Vault) -> None:
    """Anchor that there is no link yet: whoever finds some and no anchor knows that there was one."""
    with database.bound(tenant_id) as session:
        head, now = store.find_head(session), store.get_clock(session)
    if head is None:
        with vault.anchors_of(tenant_id, key).opened() as anchors:
            if anchors.last is None:
                anchors.append(Anchor(length=0, head=NOTHING_BEFORE, checks=(), settled_number=0, anchored_at=now))


def _link_all(database: Database, tenant_id: TenantId, key: bytes, vault: Vault) -> Seal:
    linked_count, patience_s, strays = 0, _WRITERS_END_WITHIN_S, tuple[int, ...]()
    while True:
        with database.bound(tenant_id) as session:
            step = _link_some(session, key, vault, patience_s=patience_s)
        linked_count += step.linked_count
        strays = strays or step.stray_positions
        if step.linked_count == 0:
            return replace(step, linked_count=linked_count, stray_positions=strays)
        if not step.is_settled:
            patience_s = 0.0  # whoever is under way takes long


def _key(database: Database, tenant_id: TenantId, vault: Vault) -> bytes:
    """Return the key that trails are sealed with, and make it when this one is the first."""
    key = vault.find_key()
    if key is None:
        with database.bound(tenant_id) as session:
            is_sealed = store.find_head(session) is not None
        key = vault.find_key()  # another may have made it, and sealed with it, meanwhile
        if is_sealed and key is None:
            raise AuditKeyMissing
    return key or vault.keep_key()


def _link_some(session: Session, key: bytes, vault: Vault, *, patience_s: float) -> Seal:
    """Link the next events; once there are none, all up to the last that is linked are settled, or nobody knows."""
    store.lock_linking(session)
    tenant_id = bound_tenant(session)
    head, strays = _find_sound_head(session, key, vault)
    before = 0 if head is None else head.settled_number
    last_number = store.find_last_number(session)
    is_settled = _are_writers_gone(session, within_s=patience_s)
    settled_number = max(before, last_number) if is_settled else before
    # Only now: whoever was under way with a lower number has committed by now, or may still and nothing is settled.
    events = store.list_unlinked(session, after=before, limit=_AT_ONCE)

    links = build_links(
        events,
        tenant_id=tenant_id,
        key=key,
        head=head,
        settled_number=settled_number,
        linked_at=store.get_clock(session),
        taken=frozenset(strays),
    )

    if links:
        store.append_links(session, links)
    _record_strays(session, strays)
    last = links[-1] if links else head
    return Seal(
        linked_count=len(links),
        length=0 if last is None else last.position,
        stray_positions=strays,
        settled_number=before if links else settled_number,
        is_settled=is_settled,
    )


def _find_sound_head(session: Session, key: bytes, vault: Vault) -> tuple[AuditLink | None, tuple[int, ...]]:
    """Return the last link that was made with the key, and the positions behind it that somebody else took."""
    tenant_id = bound_tenant(session)
    head = store.find_head(session)
    if head is None or head.is_authentic(tenant_id, key):
        return head, ()
    anchor = vault.anchors_of(tenant_id, key).find_last()
    after = 0 if anchor is None else anchor.length
    sound = store.find_head(session, until=after) if after > 0 else None
    if sound is not None and not sound.is_authentic(tenant_id, key):
        raise OtherAuditKey
    strays: list[int] = []
    while links := [link for link, _ in store.list_linked(session, after=after, until=LAST_POSITION, limit=_AT_ONCE)]:
        for link in links:
            if link.is_authentic(tenant_id, key):
                sound, strays = link, []
            else:
                strays.append(link.position)
        after = links[-1].position
    if sound is None:
        raise OtherAuditKey
    return sound, tuple(strays)


def _record_strays(session: Session, positions: Sequence[int]) -> None:
    """Have the trail tell once of links that somebody put behind its last."""
    if not positions:
        return
    subject = "audit_link", str(positions[0])
    if not list_events_about(session, subject, [_PASSED_OVER], limit=1):
        facts = {"count": len(positions), "last": positions[-1]}
        record_act(session, _PASSED_OVER, subject, by=None, now=store.get_clock(session), **facts)


def _record_lost_anchors(session: Session, length: int) -> None:
    """Have the trail tell that nothing outside the database knew its links any more."""
    record_act(session, ANCHORED_ANEW, ("audit_link", length), by=None, now=store.get_clock(session), length=length)


def _are_writers_gone(session: Session, *, within_s: float) -> bool:
    """Wait a while for the transactions that have written events, and return whether all that had are over."""
    writing = store.list_writers(session)
    for _ in range(_LOOKS_AT_WRITERS):
        if not writing:
            return True
        time.sleep(within_s / _LOOKS_AT_WRITERS)
        writing &= store.list_writers(session)
    return not writing


def _anchor(session: Session, anchors: OpenAnchors, seal: Seal, key: bytes) -> None:
    """Anchor what was linked since the last time, by whomever, and what is settled by now."""
    last = anchors.last
    length, settled_number = (0, 0) if last is None else (last.length, last.settled_number)
    if length > 0:
        known = store.find_head(session, until=length)
        if known is None or last is None or (known.position, known.digest) != (length, last.head):
            raise TrailDeparted(length)
    while links := [link for link, _ in store.list_linked(session, after=length, until=seal.length, limit=_AT_ONCE)]:
        length = links[-1].position
        is_whole = length == seal.length
        told = [link.settled_number for link in links[-1:] if link.is_authentic(bound_tenant(session), key)]
        settled_number = max(settled_number, *([seal.settled_number] if is_whole else told))
        # Of what somebody else put there too, so that each is found by its position.
        checks = tuple(link.digest[:CHECK_BYTES].ljust(CHECK_BYTES, b"\0") for link in links)
        anchors.append(
            Anchor(
                length=length,
                head=links[-1].digest,
                checks=checks,
                settled_number=settled_number,
                anchored_at=store.get_clock(session),
            )
        )
    if last is not None and anchors.last is last and seal.settled_number > settled_number:
        anchored_at = store.get_clock(session)
        anchors.append(replace(last, checks=(), settled_number=seal.settled_number, anchored_at=anchored_at))
