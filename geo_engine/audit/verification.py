"""Whether a trail is as it was sealed: every fault, at the row that has it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from geo_engine.audit.chain import CHECK_BYTES, FORM, NOTHING_BEFORE, Anchor, AuditLink, Erased, WrittenEvent, commit
from geo_engine.ids import TenantId

CLOCK_TOLERANCE = timedelta(minutes=1)
"""By how much the moments of writing may run against their numbers: a server's clock can be set back."""


class FaultKind(StrEnum):
    """What is wrong.

    Of events: `EDITED`, `DELETED` (linked and gone), `UNLINKED` (its number was settled, and no link is its),
    `LATE` (linked after its number was settled), `MISDATED` (its moment of writing fits neither its number nor its
    link), `ERASED` (without an event that says so). Of links: `LINK_EDITED`, `LINK_REMOVED`, `LINK_MISPLACED` (it does
    not follow the one before), `RECOMPUTED` (made with the key, and another one was anchored), `TAIL_CUT`. Of a whole
    trail: `COMPANY_MISSING` (it was anchored, and there is no company).
    """

    EDITED = "event_edited"
    DELETED = "event_deleted"
    UNLINKED = "event_unlinked"
    LATE = "event_late"
    MISDATED = "event_misdated"
    ERASED = "event_erased_unrecorded"
    LINK_EDITED = "link_edited"
    LINK_REMOVED = "link_removed"
    LINK_MISPLACED = "link_misplaced"
    RECOMPUTED = "chain_recomputed"
    TAIL_CUT = "tail_cut"
    COMPANY_MISSING = "company_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a row.

    Parameters
    ----------
    position
        Of the link; None when the event has none, and of a whole trail.
    event_number
        None when there is no link to say it.
    row_count
        How many rows in a row, from that one on.
    """

    kind: FaultKind
    position: int | None
    event_number: int | None
    row_count: int = 1


class ChainCheck:
    """What has to be remembered while a chain is read from its first link to its last.

    Parameters
    ----------
    anchors
        In the order of their making. None of them are remembered, and of links the last.

    Notes
    -----
    A link is made with the key over itself and the digest before it, so each can be judged alone and a fault is told
    of the row that has it, not of all behind it. What somebody who has the key makes anew departs from the anchors'
    checks at the first link that is another.
    """

    def __init__(self, tenant_id: TenantId, key: bytes, anchors: Iterator[Anchor]) -> None:
        self._tenant_id = tenant_id
        self._key = key
        self._anchors = anchors
        self._anchor = next(anchors, None)
        self._before: AuditLink | None = None
        self._is_blamed = False
        self._has_departed = False
        self._position = 0
        self._anchored_settled = 0
        self._settled = 0
        self._settled_at: datetime | None = None
        self._latest_at: datetime | None = None
        self._last_number = 0
        self.anchored_length = 0
        self.anchored_at: datetime | None = None

    @property
    def length(self) -> int:
        """The position of the last link that was read."""
        return self._position

    def read(self, link: AuditLink, event: WrittenEvent | None, *, recorded: Collection[int] = ()) -> Iterator[Fault]:
        """Take the next link with its event, and return what is wrong with both.

        Parameters
        ----------
        event
            None when there is none of its number.
        recorded
            The numbers of those events of which another says that they were erased.
        """
        missing = link.position - self._position - 1
        # Where somebody else put a link says nothing of how many there were before.
        is_astray = missing > 0 and not link.is_authentic(self._tenant_id, self._key)
        if missing > 0 and not is_astray:
            yield Fault(kind=FaultKind.LINK_REMOVED, position=self._position + 1, event_number=None, row_count=missing)
        self._pass_anchors(before=link.position)
        found = self._judge_link(link, is_next=missing == 0) or self._judge_event(link, event, recorded)
        if found is not None:
            yield Fault(kind=found, position=link.position, event_number=link.event_number)
        self._is_blamed = found in {FaultKind.LINK_EDITED, FaultKind.RECOMPUTED}
        self._before = link
        if not is_astray:
            self._position = max(self._position, link.position)
        self._remember(link, event, is_sound=found is None)

    def end(self) -> Iterator[Fault]:
        """Return what is wrong behind the last link."""
        self._pass_anchors(before=None)
        missing = self.anchored_length - self._position
        if missing > 0:
            yield Fault(kind=FaultKind.TAIL_CUT, position=self._position + 1, event_number=None, row_count=missing)

    def read_unlinked(self, event: WrittenEvent, *, recorded: Collection[int] = ()) -> Iterator[Fault]:
        """Take an event that no link is of, after the end, and return what is wrong with it."""
        settled = max(self._settled, self._anchored_settled)
        settled_at = self._latest_at if settled >= self._last_number else self._settled_at
        found = None
        if event.number <= settled:
            found = FaultKind.UNLINKED
        elif settled_at is not None and event.written_at < settled_at - CLOCK_TOLERANCE:
            found = FaultKind.MISDATED
        elif _is_erased_unrecorded(event, recorded):
            found = FaultKind.ERASED
        if found is not None:
            yield Fault(kind=found, position=None, event_number=event.number)

    def _judge_link(self, link: AuditLink, *, is_next: bool) -> FaultKind | None:
        """Return what is wrong with a link; of several things the one that explains the others."""
        if link.form != FORM or link.position <= self._position or not link.is_authentic(self._tenant_id, self._key):
            return FaultKind.LINK_EDITED
        if self._departs(link):
            return FaultKind.RECOMPUTED
        digest_before = NOTHING_BEFORE if self._before is None else self._before.digest
        if is_next and not self._is_blamed and link.previous != digest_before:
            return FaultKind.LINK_MISPLACED
        return None

    def _judge_event(self, link: AuditLink, event: WrittenEvent | None, recorded: Collection[int]) -> FaultKind | None:
        """Return what is wrong with the event of a link that is as it was made."""
        if event is None:
            return FaultKind.DELETED
        if commit(event, self._tenant_id) != link.commitment:
            return FaultKind.EDITED
        if not self._has_departed:  # behind that all are in other places
            if event.number <= max(link.settled_number, self._settled, self._anchored_settled):
                return FaultKind.LATE
            if self._is_misdated(link, event):
                return FaultKind.MISDATED
        return FaultKind.ERASED if _is_erased_unrecorded(event, recorded) else None

    def _departs(self, link: AuditLink) -> bool:
        """Return whether a link is another than the one that was anchored, and the one before was not."""
        anchor = self._anchor
        if anchor is None or link.position <= anchor.length - len(anchor.checks):
            return False
        check = anchor.checks[link.position - anchor.length - 1]
        is_another = link.digest[:CHECK_BYTES] != check or (
            link.position == anchor.length and link.digest != anchor.head
        )
        is_first = is_another and not self._has_departed
        self._has_departed = is_another
        return is_first

    def _is_misdated(self, link: AuditLink, event: WrittenEvent) -> bool:
        is_ahead = event.written_at > link.linked_at + CLOCK_TOLERANCE
        settled_at = self._latest_at if link.settled_number > self._settled else self._settled_at
        return is_ahead or (settled_at is not None and event.written_at < settled_at - CLOCK_TOLERANCE)

    def _remember(self, link: AuditLink, event: WrittenEvent | None, *, is_sound: bool) -> None:
        if not is_sound or event is None:
            return
        if link.settled_number > self._settled:
            self._settled, self._settled_at = link.settled_number, self._latest_at
        if self._latest_at is None or event.written_at > self._latest_at:
            self._latest_at = event.written_at
        self._last_number = max(self._last_number, event.number)

    def _pass_anchors(self, *, before: int | None) -> None:
        """Leave the anchors behind that end before a position, all where it is None."""
        while self._anchor is not None:
            if before is not None and self._anchor.length >= before:
                return
            self._anchored_settled = max(self._anchored_settled, self._anchor.settled_number)
            self.anchored_length = max(self.anchored_length, self._anchor.length)
            self.anchored_at = self._anchor.anchored_at
            self._anchor = next(self._anchors, None)


def _is_erased_unrecorded(event: WrittenEvent, recorded: Collection[int]) -> bool:
    return isinstance(event.matter, Erased) and event.number not in recorded
