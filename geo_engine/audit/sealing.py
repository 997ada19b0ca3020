"""How trails are sealed: what is committed is linked, and the chain is anchored outside the database."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from geo_engine.audit import link_store as store
from geo_engine.audit.anchors import OpenAnchors, OtherAuditKey
from geo_engine.audit.chain import CHECK_BYTES, Anchor, build_links
from geo_engine.audit.vault import AuditKeyMissing, Vault
from geo_engine.db.refusals import DatabaseTooSlow
from geo_engine.db.session import Database, Session, bound_tenant
from geo_engine.errors import InvalidInput
from geo_engine.ids import TenantId
from geo_engine.words import Message

_AT_ONCE = 5_000
_WRITERS_END_WITHIN_S = 1.0
_LOOKS_AT_WRITERS = 20
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What was linked of a trail, how long its chain is now and up to which number nothing can be added to it.

    Parameters
    ----------
    is_settled
        Whether all who had written were over, so that more than before could be told to be settled.
    """

    linked_count: int
    length: int
    settled_number: int
    is_settled: bool


def seal_trails(database: Database, tenant_ids: Iterable[TenantId], vault: Vault) -> None:
    """Seal the trails of companies; one that cannot be sealed is written into the log and keeps no other waiting.

    Raises
    ------
    DatabaseUnavailable
        When the database is away: what is not sealed is sealed next time.
    """
    for tenant_id in tenant_ids:
        try:
            seal_trail(database, tenant_id, vault)
        except (InvalidInput, AuditKeyMissing, OSError) as error:
            _log.error("The audit trail of %s is not sealed: %s", tenant_id, error)
        except DatabaseTooSlow:
            _log.warning("The audit trail of %s could not be sealed in time; it is tried again later.", tenant_id)


def seal_trail(database: Database, tenant_id: TenantId, vault: Vault) -> Seal:
    """Link what is committed of a company's trail and anchor what the chain has become.

    Nobody who writes an event waits for it. What commits while it goes on is linked the next time: nothing is taken to
    be settled while somebody who has written is under way. Of two that seal at once one waits for the other.

    Raises
    ------
    AuditKeyMissing
        When the trail was sealed before and its key is not here: none is made in its place.
    OtherAuditKey
        When the last link was not made with this key: nothing is linked.
    TrailDeparted
        When the chain does not go on from the last anchor: what is linked stays, and nothing more is anchored.
    AnchorsUnreadable
        When the last anchor is none.
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not sealed is sealed next time.
    """
    key = _key(database, tenant_id, vault)
    linked_count, patience_s = 0, _WRITERS_END_WITHIN_S
    while True:
        with database.bound(tenant_id) as session:
            step = _link_some(session, key, patience_s=patience_s)
        linked_count += step.linked_count
        if step.linked_count == 0:
            break
        if not step.is_settled:
            patience_s = 0.0  # whoever is under way takes long
    with vault.anchors_of(tenant_id, key).opened() as anchors, database.bound(tenant_id) as session:
        _anchor(session, anchors, step)
    return replace(step, linked_count=linked_count)


def _key(database: Database, tenant_id: TenantId, vault: Vault) -> bytes:
    """Return the key that trails are sealed with, and make it when this one is the first."""
    key = vault.find_key()
    if key is None:
        with database.bound(tenant_id) as session:
            if store.find_head(session) is not None:
                raise AuditKeyMissing
    return key or vault.keep_key()


def _link_some(session: Session, key: bytes, *, patience_s: float) -> Seal:
    """Link the next events; once there are none, all up to the last that is linked are settled, or nobody knows."""
    store.lock_linking(session)
    tenant_id = bound_tenant(session)
    head = store.find_head(session)
    if head is not None and not head.is_authentic(tenant_id, key):
        raise OtherAuditKey
    before = 0 if head is None else head.settled_number
    last_number = store.find_last_number(session)
    is_settled = _are_writers_gone(session, within_s=patience_s)
    settled_number = last_number if is_settled else before
    # Only now: whoever was under way with a lower number has committed by now, or may still and nothing is settled.
    events = store.list_unlinked(session, after=before, limit=_AT_ONCE)

    links = build_links(
        events,
        tenant_id=tenant_id,
        key=key,
        head=head,
        settled_number=settled_number,
        linked_at=store.get_clock(session),
    )

    if links:
        store.append_links(session, links)
    return Seal(
        linked_count=len(links),
        length=len(links) + (0 if head is None else head.position),
        settled_number=before if links else settled_number,
        is_settled=is_settled,
    )


def _are_writers_gone(session: Session, *, within_s: float) -> bool:
    """Wait a while for the transactions that have written events, and return whether all that had are over."""
    writing = store.list_writers(session)
    for _ in range(_LOOKS_AT_WRITERS):
        if not writing:
            return True
        time.sleep(within_s / _LOOKS_AT_WRITERS)
        writing &= store.list_writers(session)
    return not writing


def _anchor(session: Session, anchors: OpenAnchors, seal: Seal) -> None:
    """Anchor what was linked since the last time, by whomever, and what is settled by now."""
    last = anchors.last
    length, settled_number = (0, 0) if last is None else (last.length, last.settled_number)
    if last is not None:
        known = store.find_head(session, until=length)
        if known is None or (known.position, known.digest) != (length, last.head):
            raise TrailDeparted(length)
    while links := [link for link, _ in store.list_linked(session, after=length, until=seal.length, limit=_AT_ONCE)]:
        length = links[-1].position
        is_whole = length == seal.length
        settled_number = max(settled_number, seal.settled_number if is_whole else links[-1].settled_number)
        checks = tuple(link.digest[:CHECK_BYTES] for link in links)
        anchors.append(
            Anchor(
                length=length,
                head=links[-1].digest,
                checks=checks,
                settled_number=settled_number,
                anchored_at=links[-1].linked_at,
            )
        )
    if last is not None and anchors.last is last and seal.settled_number > settled_number:
        anchored_at = store.get_clock(session)
        anchors.append(replace(last, checks=(), settled_number=seal.settled_number, anchored_at=anchored_at))
