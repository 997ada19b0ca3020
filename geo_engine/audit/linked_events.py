"""Events with their links as they leave the database, such as in a pack of evidence, and whether they still hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from geo_engine.audit import link_store as store
from geo_engine.audit.chain import FORM, AuditLink, Clear, Erased, WrittenEvent, commit
from geo_engine.audit.model import Fact
from geo_engine.audit.vault import AuditKeyMissing, Vault
from geo_engine.db.session import Session, bound_tenant
from geo_engine.errors import InvalidInput
from geo_engine.ids import TenantId
from geo_engine.words import Message

_AT_ONCE = 1_000
_LARGEST = 2**63 - 1


class LinkedEventUnreadable(InvalidInput):
    """What should be an event with its link is something else."""

    def __init__(self) -> None:
        super().__init__(Message("This is no event of an audit trail with its link."))


class LinkState(StrEnum):
    """What an event with its link is.

    `UNSEALED`: it has no link yet, and is as its row says. `EDITED`: another event was linked, or written.
    `FORGED`: nobody who has the key made the link. `NOT_IN_CHAIN`: somebody did, and the chain has another for its
    number, or none; without a link, there is no event of that number.
    """

    HOLDS = "holds"
    UNSEALED = "unsealed"
    EDITED = "edited"
    FORGED = "forged"
    NOT_IN_CHAIN = "not_in_chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedEvent:
    """An event as it stands in its row, salts and all, with its link; None before it is sealed."""

    event: WrittenEvent
    link: AuditLink | None


def find_links(session: Session, subject: tuple[str, str]) -> tuple[LinkedEvent, ...]:
    """Return the events about a subject with all that is needed to verify them later, in the order of writing.

    Of a sealed event a digest, a commitment and two salts; whoever shall not read who did it, or what it was about,
    can be given the part's commitment (`Erased`) instead of the part.
    """
    found: list[LinkedEvent] = []
    while True:
        after = found[-1].event.number if found else 0
        rows = store.list_about(session, subject, after=after, limit=_AT_ONCE)
        found += [LinkedEvent(event=event, link=link) for link, event in rows]
        if len(rows) < _AT_ONCE:
            return tuple(found)


def verify_links(session: Session, linked: Sequence[LinkedEvent], vault: Vault) -> tuple[LinkState, ...]:
    """Return of each event with its link whether both hold against the bound tenant's chain.

    One that had no link yet when it left the database is held against the link that it has by now, or its row.
    Whether the chain itself holds says `verify_trail`.

    Raises
    ------
    AuditKeyMissing
        When the key of the trail is not here.
    """
    key = vault.find_key()
    if key is None:
        raise AuditKeyMissing
    kept = store.find_numbered(session, [one.event.number for one in linked])
    tenant_id = bound_tenant(session)
    return tuple(_state(one, *kept[one.event.number], tenant_id, key) for one in linked)


def _state(
    one: LinkedEvent, kept: AuditLink | None, row: WrittenEvent | None, tenant_id: TenantId, key: bytes
) -> LinkState:
    link, commitment = one.link or kept, commit(one.event, tenant_id)
    if link is None:
        if row is None:
            return LinkState.NOT_IN_CHAIN
        return LinkState.UNSEALED if commit(row, tenant_id) == commitment else LinkState.EDITED
    if link.form != FORM or not link.is_authentic(tenant_id, key):
        return LinkState.FORGED
    if link.event_number != one.event.number or commitment != link.commitment:
        return LinkState.EDITED
    return LinkState.HOLDS if kept == link else LinkState.NOT_IN_CHAIN


def read_facts(event: WrittenEvent, act: str, subject: tuple[str, str]) -> Mapping[str, Fact] | None:
    """Return the facts of an event when it is of an act and about a subject; None of any other, or when erased.

    Only of one that holds, or is in the trail unsealed: what somebody made up is whatever it is.
    """
    kind, subject_id = subject
    if event.act != act or event.subject_kind != kind or isinstance(event.matter, Erased):
        return None
    match event.matter.value:
        case (about, str(facts)) if about == subject_id:
            read: dict[str, Fact] = json.loads(facts)
            return read
    return None


def as_document(linked: LinkedEvent) -> dict[str, Any]:
    """Return an event with its link as JSON can say it."""
    event, link = linked.event, linked.link
    return {
        "number": event.number,
        "written_at": event.written_at.isoformat(),
        "happened_at": event.happened_at.isoformat(),
        "act": event.act,
        "subject_kind": event.subject_kind,
        "who": _part_document(event.who),
        "matter": _part_document(event.matter),
        "link": None if link is None else _link_document(link),
    }


def read_document(document: Mapping[str, Any]) -> LinkedEvent:
    """Return an event with its link from what `as_document` said of it.

    Raises
    ------
    LinkedEventUnreadable
        When it says something else.
    """
    try:
        event = WrittenEvent(
            number=_number(document["number"]),
            written_at=_moment(document["written_at"]),
            happened_at=_moment(document["happened_at"]),
            act=str(document["act"]),
            subject_kind=str(document["subject_kind"]),
            who=_read_part(document["who"]),
            matter=_read_part(document["matter"]),
        )
        link = None if document["link"] is None else _read_link(document["link"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise LinkedEventUnreadable from None
    return LinkedEvent(event=event, link=link)


def _part_document(part: Clear | Erased) -> dict[str, Any]:
    if isinstance(part, Erased):
        return {"commitment": part.commitment.hex()}
    return {"salt": part.salt.hex(), "value": list(part.value)}


def _read_part(document: Mapping[str, Any]) -> Clear | Erased:
    if "commitment" in document:
        return Erased(commitment=bytes.fromhex(document["commitment"]))
    return Clear(salt=bytes.fromhex(document["salt"]), value=tuple(_text(one) for one in document["value"]))


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _link_document(link: AuditLink) -> dict[str, Any]:
    return {
        "form": link.form,
        "position": link.position,
        "event_number": link.event_number,
        "commitment": link.commitment.hex(),
        "previous": link.previous.hex(),
        "digest": link.digest.hex(),
        "settled_number": link.settled_number,
        "linked_at": link.linked_at.isoformat(),
    }


def _read_link(document: Mapping[str, Any]) -> AuditLink:
    return AuditLink(
        form=int(document["form"]),
        position=int(document["position"]),
        event_number=_number(document["event_number"]),
        commitment=bytes.fromhex(document["commitment"]),
        previous=bytes.fromhex(document["previous"]),
        digest=bytes.fromhex(document["digest"]),
        settled_number=int(document["settled_number"]),
        linked_at=_moment(document["linked_at"]),
    )


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 < value <= _LARGEST:
        raise ValueError(value)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
