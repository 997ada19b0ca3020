"""Whatever is done to a chain is found, at the row to which it was done."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.chains import KEY, Chain, a_chain, an_event

from geo_engine.audit.chain import AuditLink, Clear, Erased
from geo_engine.audit.verification import Fault, FaultKind

NUMBERS = st.lists(st.integers(1, 400), min_size=1, max_size=24, unique=True)
OTHERS: dict[str, Any] = {
    "form": 2,
    "commitment": bytes(32),
    "previous": b"\x01" * 32,
    "digest": bytes(32),
    "settled_number": 10_000,
    "linked_at": an_event(9_999).written_at,
}


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Return chains of one to five seals, of even numbers."""
    numbers = sorted(2 * number for number in draw(NUMBERS))
    ends = sorted(draw(st.sets(st.integers(1, len(numbers)), max_size=4)) | {len(numbers)})
    return a_chain([numbers[start:end] for start, end in zip([0, *ends], ends, strict=False)])


@st.composite
def chosen(draw: st.DrawFn) -> tuple[Chain, int]:
    """Return a chain and one of its positions."""
    chain = draw(chains())
    return chain, draw(st.integers(1, len(chain.links)))


def _number(chain: Chain, position: int) -> int:
    return chain.links[position - 1].event_number


def _kinds(faults: list[Fault]) -> list[tuple[FaultKind, int | None]]:
    return [(fault.kind, fault.position) for fault in faults]


@given(chains())
def test_a_chain_that_nobody_touched_has_no_fault(chain: Chain) -> None:
    """However many seals it was made in."""
    assert chain.faults() == []


@given(chosen(), st.sampled_from(["act", "subject_kind", "who", "matter", "happened_at", "written_at"]))
def test_an_edited_event_is_told(case: tuple[Chain, int], name: str) -> None:
    """At its position, and nothing else is."""
    chain, position = case
    other = {
        "act": "other",
        "subject_kind": "other",
        "who": Clear(salt=b"", value=(None,)),
        "matter": Erased(commitment=b"no"),
        "happened_at": an_event(3).written_at,
        "written_at": an_event(9_999).written_at,
    }

    faults = chain.edited(_number(chain, position), **{name: other[name]}).faults()

    assert _kinds(faults) == [(FaultKind.EDITED, position)]


@given(chosen())
def test_a_deleted_event_is_told(case: tuple[Chain, int]) -> None:
    """At its position, with its number."""
    chain, position = case

    faults = chain.without_event(_number(chain, position)).faults()

    assert [(one.kind, one.position, one.event_number) for one in faults] == [
        (FaultKind.DELETED, position, _number(chain, position))
    ]


@given(chosen(), st.sampled_from(sorted(OTHERS)))
def test_an_edited_link_is_told(case: tuple[Chain, int], name: str) -> None:
    """Whatever of it was edited, at its position alone: what comes behind is none the worse."""
    chain, position = case
    links = list(chain.links)
    links[position - 1] = replace(links[position - 1], **{name: OTHERS[name]})

    assert _kinds(chain.with_links(links).faults()) == [(FaultKind.LINK_EDITED, position)]


def test_every_part_of_a_link_is_tried() -> None:
    """Its position and its event's number are tried by swapping them."""
    assert {one.name for one in fields(AuditLink)} - set(OTHERS) == {"position", "event_number"}


@given(chosen())
def test_a_removed_link_is_told_and_the_event_it_leaves(case: tuple[Chain, int]) -> None:
    """At its position; in the last place it is a tail that was cut."""
    chain, position = case
    is_last = position == len(chain.links)

    faults = chain.with_links([one for one in chain.links if one.position != position]).faults()

    assert (faults[0].kind, faults[0].position) == (
        FaultKind.TAIL_CUT if is_last else FaultKind.LINK_REMOVED,
        position,
    )
    assert [(one.kind, one.event_number) for one in faults[1:]] == [(FaultKind.UNLINKED, _number(chain, position))]


@given(chosen(), st.booleans())
def test_a_tail_that_was_cut_is_told_by_its_anchor(case: tuple[Chain, int], is_whole: bool) -> None:  # noqa: FBT001
    """From its first position, and how many rows; without anchors nobody could know."""
    chain, position = case
    kept = chain.with_links(chain.links[: position - 1])
    if is_whole:
        kept = replace(kept, events={link.event_number: chain.events[link.event_number] for link in kept.links})

    first, *others = kept.faults()

    cut = len(chain.links) - position + 1
    assert (first.kind, first.position, first.row_count) == (FaultKind.TAIL_CUT, position, cut)
    assert [one.kind for one in others] == ([] if is_whole else [FaultKind.UNLINKED] * cut)
    if is_whole:
        assert replace(kept, anchors=[]).faults() == []


@given(chosen())
def test_a_chain_made_anew_with_the_key_is_told_by_its_anchor(case: tuple[Chain, int]) -> None:
    """At the first row that is another; without anchors nobody could know."""
    chain, position = case
    remade = chain.edited(_number(chain, position), act="other").remade()

    assert _kinds(remade.faults()) == [(FaultKind.RECOMPUTED, position)]
    assert replace(remade, anchors=[]).faults() == []


@given(chosen())
def test_a_link_made_anew_with_the_key_is_told_by_its_anchor(case: tuple[Chain, int]) -> None:
    """It alone, though the next does not follow it."""
    chain, position = case
    remade = chain.edited(_number(chain, position), act="other").remade()
    links = [remade.links[position - 1], *(one for one in chain.links if one.position != position)]

    assert _kinds(remade.with_links(links).faults()) == [(FaultKind.RECOMPUTED, position)]


@given(chosen())
def test_a_chain_made_anew_without_the_key_is_told(case: tuple[Chain, int]) -> None:
    """Every link that is another's is told."""
    chain, _ = case

    faults = chain.remade(b"another key").faults()

    assert _kinds(faults) == [(FaultKind.LINK_EDITED, at) for at in range(1, len(chain.links) + 1)]


@given(chosen(), st.data())
def test_swapped_rows_are_told(case: tuple[Chain, int], data: st.DataObject) -> None:
    """Both, whether events were swapped, or links, or the events that links are of."""
    chain, one = case
    other = data.draw(st.integers(1, len(chain.links)))
    assume(one != other)
    a, b = chain.links[one - 1], chain.links[other - 1]
    others = [link for link in chain.links if link not in (a, b)]
    first, second = chain.events[a.event_number], chain.events[b.event_number]
    pair = sorted([one, other])

    events = replace(
        chain,
        events={
            **chain.events,
            a.event_number: replace(second, number=a.event_number),
            b.event_number: replace(first, number=b.event_number),
        },
    )
    places = chain.with_links([*others, replace(a, position=other), replace(b, position=one)])
    numbers = chain.with_links(
        [*others, replace(a, event_number=b.event_number), replace(b, event_number=a.event_number)]
    )

    assert _kinds(events.faults()) == [(FaultKind.EDITED, at) for at in pair]
    assert _kinds(places.faults()) == [(FaultKind.LINK_EDITED, at) for at in pair]
    assert _kinds(numbers.faults()) == [(FaultKind.LINK_EDITED, at) for at in pair]


@given(chains(), st.integers(0, 400))
def test_an_event_slipped_in_between_is_told(chain: Chain, half: int) -> None:
    """Not linked it is older than what was settled; linked, it came when its number was settled."""
    number = 2 * half + 1
    assume(number < max(chain.events))
    slipped = replace(chain, events={**chain.events, number: an_event(number)})

    (unlinked,) = slipped.faults()
    (linked,) = slipped.linking(number).faults()

    assert (unlinked.kind, unlinked.event_number) == (FaultKind.UNLINKED, number)
    assert (linked.kind, linked.event_number) == (FaultKind.LATE, number)
    assert linked.position == len(chain.links) + 1


def test_who_commits_late_is_no_fault() -> None:
    """What was under way while the first were linked is linked behind them, when nothing was settled yet."""
    chain = a_chain([[2, 6]], is_anchored=False)
    late = replace(chain, events={**chain.events, 4: an_event(4)})

    assert late.faults() == []
    assert late.linking(4).faults() == []


@pytest.mark.parametrize("minute", [-60, 60 * 24])
def test_a_moment_that_does_not_fit_is_told(minute: int) -> None:
    """An event is neither older than those before it were when they were settled, nor younger than its link."""
    chain = a_chain([[2], [4], [6]])
    forged = {**chain.events, 6: an_event(6, minute=minute)}

    faults = replace(chain, events=forged, anchors=[]).remade().faults()

    assert _kinds(faults) == [(FaultKind.MISDATED, 3)]


def test_an_old_event_in_the_tail_is_told() -> None:
    """A new number and an old moment do not go together; a new moment is what waits for the next seal."""
    chain = a_chain([[200]])

    old = replace(chain, events={**chain.events, 202: an_event(202, minute=100)}).faults()
    new = replace(chain, events={**chain.events, 202: an_event(202)}).faults()

    assert [(one.kind, one.event_number) for one in old] == [(FaultKind.MISDATED, 202)]
    assert new == []


def test_an_erasure_that_nobody_recorded_is_told() -> None:
    """On record it is none; in the tail as well."""
    chain = a_chain([[2, 4]])
    for chain_ in (chain, replace(chain, links=[], anchors=[])):
        matter = chain_.events[4].matter
        erased = chain_.edited(4, matter=Erased(commitment=matter.commitment))

        assert [(one.kind, one.event_number) for one in erased.faults()] == [(FaultKind.ERASED, 4)]
        assert erased.faults(recorded=[4]) == []


def test_a_clock_that_is_set_back_a_little_is_no_fault() -> None:
    """Half a minute is forgiven."""
    chain = a_chain([[2], [4]])
    written_at = chain.events[2].written_at - timedelta(seconds=30)
    forged = replace(chain, events={**chain.events, 4: replace(chain.events[4], written_at=written_at)}, anchors=[])

    assert forged.remade(KEY).faults() == []
