"""Chains that no database holds: events in several seals, and what is found of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from geo_engine.audit.chain import CHECK_BYTES, Anchor, AuditLink, Clear, WrittenEvent, build_links
from geo_engine.audit.verification import ChainCheck, Fault
from geo_engine.ids import TenantId
from support.companies import NOW

TENANT = TenantId(UUID(int=7))
KEY = b"a key of chains that no database holds"
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain with its events by number and its anchors."""

    events: Mapping[int, WrittenEvent]
    links: Sequence[AuditLink]
    anchors: Sequence[Anchor]

    def edited(self, number: int, **changes: object) -> "Chain":
        """Return it with an event that says something else."""
        return replace(self, events={**self.events, number: replace(self.events[number], **changes)})

    def without_event(self, number: int) -> "Chain":
        """Return it without an event."""
        return replace(self, events={key: one for key, one in self.events.items() if key != number})

    def with_links(self, links: Iterable[AuditLink]) -> "Chain":
        """Return it with other links."""
        return replace(self, links=sorted(links, key=lambda one: one.position))

    def linking(self, number: int) -> "Chain":
        """Return it with an event of its own linked, as whoever seals does."""
        new = build_links(
            [self.events[number]],
            tenant_id=TENANT,
            key=KEY,
            head=self.links[-1],
            settled_number=max(link.event_number for link in self.links),
            linked_at=self.links[-1].linked_at,
        )
        return self.with_links([*self.links, *new])

    def remade(self, key: bytes = KEY) -> "Chain":
        """Return it with links that somebody who has a key made anew, of the events as they are."""
        links: list[AuditLink] = []
        for link in self.links:
            links += build_links(
                [self.events[link.event_number]],
                tenant_id=TENANT,
                key=key,
                head=links[-1] if links else None,
                settled_number=link.settled_number,
                linked_at=link.linked_at,
            )
        return self.with_links(links)

    def faults(self, *, recorded: Sequence[int] = ()) -> list[Fault]:
        """Return what is found wrong with it."""
        check = ChainCheck(TENANT, KEY, iter(self.anchors))
        found = [
            fault
            for link in self.links
            for fault in check.read(link, self.events.get(link.event_number), recorded=recorded)
        ]
        found += check.end()
        linked = {link.event_number for link in self.links}
        rest = [event for number, event in sorted(self.events.items()) if number not in linked]
        return found + [fault for event in rest for fault in check.read_unlinked(event, recorded=recorded)]


def an_event(number: int, *, minute: int | None = None) -> WrittenEvent:
    """Return an event of a number; the higher, the later it was written."""
    return WrittenEvent(
        number=number,
        written_at=NOW + (number if minute is None else minute) * A_MINUTE,
        happened_at=NOW,
        act="look_at_track",
        subject_kind="worker",
        who=Clear(salt=bytes([number % 251]) * 16, value=(UUID(int=number).hex,)),
        matter=Clear(salt=bytes([number % 241]) * 16, value=(f"W{number}", '{"purpose": "a complaint"}')),
    )


def a_chain(seals: Iterable[Sequence[int]], *, is_anchored: bool = True) -> Chain:
    """Return a chain of events by their numbers, those of each seal as it linked them."""
    events: dict[int, WrittenEvent] = {}
    links: list[AuditLink] = []
    anchors: list[Anchor] = []
    for numbers in seals:
        settled_number = max(events, default=0)
        events |= {number: an_event(number) for number in numbers}
        new = build_links(
            [events[number] for number in sorted(numbers)],
            tenant_id=TENANT,
            key=KEY,
            head=links[-1] if links else None,
            settled_number=settled_number,
            linked_at=NOW + (max(events) + 1) * A_MINUTE,
        )
        links += new
        anchors.append(
            Anchor(
                length=len(links),
                head=links[-1].digest,
                checks=tuple(link.digest[:CHECK_BYTES] for link in new),
                settled_number=max(events),
                anchored_at=links[-1].linked_at,
            )
        )
    return Chain(events=events, links=links, anchors=anchors if is_anchored else [])
