"""How events are linked: what a link commits to of an event, and the digest that binds it to every link before."""

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from geo_engine.ids import TenantId

FORM = 1
"""The form in which events and links are written as bytes; each link says its own, so that a later one breaks none."""
CHECK_BYTES = 8
NOTHING_BEFORE = bytes(32)
"""What stands for the digest before the first link's."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """A part of an event that can be read.

    Parameters
    ----------
    salt
        Random bytes without which nobody can try out what the part may have been; they are erased with it.
    """

    salt: bytes
    value: tuple[str | None, ...]

    @property
    def commitment(self) -> bytes:
        """What holds whoever wrote the part to it and tells nothing of it."""
        return sha256(self.salt + _canonical(*self.value)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A part of an event of which the commitment alone is left."""

    commitment: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEvent:
    """An event as it stands in its row.

    Parameters
    ----------
    number
        Its place in the order of writing, and `written_at` when that was: both are the server's word.
    who
        One value: the member, in 32 hexadecimal digits; None for the installation's own operator.
    matter
        Two, of what can be personal beside that: the subject's id, and the facts as PostgreSQL writes them.
    """

    number: int
    written_at: datetime
    happened_at: datetime
    act: str
    subject_kind: str
    who: Clear | Erased
    matter: Clear | Erased


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLink:
    """An event's place in the chain of its company.

    Parameters
    ----------
    position
        1 for the first.
    commitment
        Of the event, see `commit`.
    previous
        The digest of the link before, so that each can be looked at by itself.
    settled_number
        Up to which number every event was linked before this one and no other could appear any more. This one's is
        higher.
    linked_at
        By the database's clock.
    """

    position: int
    event_number: int
    commitment: bytes
    previous: bytes
    digest: bytes
    settled_number: int
    linked_at: datetime
    form: int = FORM

    def is_authentic(self, tenant_id: TenantId, key: bytes) -> bool:
        """Return whether whoever has the key made this link, as it is."""
        return hmac.compare_digest(self.digest, _digest(self, tenant_id, key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What is kept of a chain outside the database.

    Parameters
    ----------
    length
        How many links there were.
    head
        The digest of the last.
    checks
        The first `CHECK_BYTES` of the digests of the last links, as many as came since the anchor before.
    settled_number
        Up to which number every event was linked by then and no other could appear any more.
    """

    length: int
    head: bytes
    checks: tuple[bytes, ...]
    settled_number: int
    anchored_at: datetime


def commit(event: WrittenEvent, tenant_id: TenantId) -> bytes:
    """Return what a link commits to of an event: SHA-256 of what is not personal and of the commitments of what is.

    So a part can be erased, and what is left still shows that it is the event that was linked.
    """
    said = _canonical(
        "event",
        FORM,
        tenant_id.bytes,
        event.number,
        _microseconds(event.written_at),
        _microseconds(event.happened_at),
        event.act,
        event.subject_kind,
        event.who.commitment,
        event.matter.commitment,
    )
    return sha256(said).digest()


def build_links(
    events: Iterable[WrittenEvent],
    *,
    tenant_id: TenantId,
    key: bytes,
    head: AuditLink | None,
    settled_number: int,
    linked_at: datetime,
    taken: Collection[int] = (),
) -> list[AuditLink]:
    """Return the links of further events behind a head.

    Parameters
    ----------
    events
        In the order in which they are to be linked: by number.
    settled_number
        Up to which number events are settled now; one that comes late says what was settled with the head instead.
    taken
        Positions that somebody else has put something at.
    """
    links: list[AuditLink] = []
    before = 0 if head is None else head.settled_number
    for event in events:
        position = 1 if head is None else head.position + 1
        while position in taken:
            position += 1
        link = AuditLink(
            position=position,
            event_number=event.number,
            commitment=commit(event, tenant_id),
            previous=NOTHING_BEFORE if head is None else head.digest,
            digest=b"",
            settled_number=settled_number if event.number > settled_number else before,
            linked_at=linked_at,
        )
        head = replace(link, digest=_digest(link, tenant_id, key))
        links.append(head)
    return links


def fingerprint(key: bytes) -> str:
    """Return what tells one key from another and nothing of either."""
    return hmac.digest(key, b"geo-engine audit key", "sha256")[:CHECK_BYTES].hex()


def _digest(link: AuditLink, tenant_id: TenantId, key: bytes) -> bytes:
    said = _canonical(
        "link",
        link.form,
        tenant_id.bytes,
        link.position,
        link.previous,
        link.event_number,
        link.commitment,
        link.settled_number,
        _microseconds(link.linked_at),
    )
    return hmac.digest(key, said, "sha256")


def _canonical(*parts: bytes | str | int | None) -> bytes:
    """Return the one way in which parts are written one after the other: each with its length before it.

    Notes
    -----
    Netstrings (D. J. Bernstein, 1997): texts as UTF-8, numbers in decimal digits; nothing is a hyphen without a length.
    """
    written = []
    for part in parts:
        if part is None:
            written.append(b"-,")
            continue
        content = part if isinstance(part, bytes) else str(part).encode(errors="surrogatepass")
        written.append(b"%d:%b," % (len(content), content))
    return b"".join(written)


def _microseconds(moment: datetime) -> int:
    """Return how many passed since 1970 (UTC)."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
