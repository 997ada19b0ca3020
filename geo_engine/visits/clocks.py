"""How far a phone's clock is wrong, by all that it stated on a day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from geo_engine.visits.model import CheckIn, Statement

LONGEST_UNSENT = timedelta(days=60)
"""How long a statement may wait to be sent: what is older is not taken, and a phone that says so has a wrong clock."""

_RIGHT_WITHIN = timedelta(minutes=1)
_ANOTHER_CLOCK = timedelta(hours=12)
_NONE = timedelta()


def put_right_each(check_ins: Iterable[CheckIn]) -> Iterator[CheckIn]:
    """Yield statements with the clocks of their phones put right, phone by phone."""
    by_phone = defaultdict[str, list[CheckIn]](list)
    for check_in in check_ins:
        by_phone[str(check_in.device_id)].append(check_in)
    for _, own in sorted(by_phone.items()):
        yield from put_right(own)


def put_right[S: Statement](check_ins: Sequence[S]) -> tuple[S, ...]:
    """Return what a phone stated on a day, each knowing how far its clock is ahead.

    Nothing is received before it was sent, so a clock is ahead by the most of what it seems to have been sent too late;
    when nothing was sent in time, the phone's positions know when they were found. Where that differs by half a day the
    clock was set in between, and is judged before and behind apart.

    Notes
    -----
    The migration that added `stated_at` to rows did the same in SQL, for each statement alone.
    """
    ahead = {id(one): found for own in _by_clock(check_ins) for found in (clock_ahead(own),) for one in own}
    return tuple(replace(check_in, clock_ahead=ahead[id(check_in)]) for check_in in check_ins)


def clock_ahead(check_ins: Sequence[Statement]) -> timedelta:
    """Return how far the clock of the phone that stated these is ahead; nothing for less than a minute."""
    least = max(map(_least_ahead, check_ins), default=_NONE)
    if least >= -_RIGHT_WITHIN:
        return least if least > _RIGHT_WITHIN else _NONE
    found = (one.told_at - max(at.tracked_at for at in one.positions) for one in check_ins if one.positions)
    ahead = min(found, default=_NONE)
    if least < -LONGEST_UNSENT < ahead:
        return least  # a phone that was reset begins in another year
    return ahead if abs(ahead) > _RIGHT_WITHIN else _NONE


def _by_clock[S: Statement](check_ins: Sequence[S]) -> list[list[S]]:
    groups: list[list[S]] = []
    for one in sorted(check_ins, key=_least_ahead):
        if not groups or _least_ahead(one) - _least_ahead(groups[-1][-1]) > _ANOTHER_CLOCK:
            groups.append([])
        groups[-1].append(one)
    return groups


def _least_ahead(one: Statement) -> timedelta:
    """Return how far the clock is ahead at the least; it may have been set back before what it told was sent."""
    return max(one.told_at, one.sent_at) - one.received_at
