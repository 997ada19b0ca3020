"""How far a phone's clock is wrong, by all that it stated on a day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from geo_engine.visits.model import CheckIn, Statement

LONGEST_UNSENT = timedelta(days=60)
"""How long a statement may wait to be sent: what is older is not taken, and a phone that says so has a wrong clock."""

_RIGHT_WITHIN = timedelta(minutes=1)
_ANOTHER_CLOCK_AHEAD, _ANOTHER_CLOCK_BEHIND = timedelta(hours=1), timedelta(hours=12)
_NONE = timedelta()
_ENOUGH = 3


def put_right_each(check_ins: Iterable[CheckIn]) -> Iterator[CheckIn]:
    """Yield statements with the clocks of their phones put right, phone by phone."""
    by_phone = defaultdict[str, list[CheckIn]](list)
    for check_in in check_ins:
        by_phone[str(check_in.device_id)].append(check_in)
    for _, own in sorted(by_phone.items()):
        yield from put_right(own)


def put_right[S: Statement](check_ins: Sequence[S]) -> tuple[S, ...]:
    """Return what a phone stated on a day, each knowing how far its clock was ahead.

    What was received when it was sent was told by a clock that is right, whatever the others say. Nothing is received
    before it was sent: where it seems so, the clock is ahead, by the most of those that are alike, or by what the
    phone's positions say. What seems to have waited has waited, where the phone's clock is right or ahead at other
    times; unless it names a position of later, or nothing was sent in time: then positions know when they were found.

    Notes
    -----
    The migration that added `stated_at` to rows did the same in SQL, for each statement alone.
    """
    ahead = dict(_ahead(check_ins))
    return tuple(replace(check_in, clock_ahead=ahead[id(check_in)]) for check_in in check_ins)


def _ahead(check_ins: Sequence[Statement]) -> Iterator[tuple[int, timedelta]]:
    early = [one for one in check_ins if _least_ahead(one) > _RIGHT_WITHIN]
    waited = [one for one in check_ins if _least_ahead(one) < -_RIGHT_WITHIN]
    is_right = len(early) + len(waited) < len(check_ins)
    yield from ((id(one), _NONE) for one in check_ins)
    usual = _NONE
    for own in sorted(_alike(early, _ANOTHER_CLOCK_AHEAD), key=len):
        usual = _clock_ahead(own)
        yield from ((id(one), usual) for one in own)
    for own in _alike(waited, _ANOTHER_CLOCK_BEHIND):
        behind = _clock_behind(own)
        is_reset = max(map(_least_ahead, own)) < -LONGEST_UNSENT
        for one in own:
            found = _found_ahead(one)
            if is_reset or not (is_right or early):
                yield id(one), behind
            elif found is not None and found <= _RIGHT_WITHIN:
                yield id(one), found if found < -_RIGHT_WITHIN else _NONE
            else:
                yield id(one), usual


def _clock_ahead(check_ins: Sequence[Statement]) -> timedelta:
    """Return how far a clock is ahead that certainly is; a single position may have been old."""
    least = max(map(_least_ahead, check_ins))
    found = [ahead for one in check_ins if (ahead := _found_ahead(one)) is not None]
    return max(least, min(found)) if len(found) > 1 else least


def _clock_behind(check_ins: Sequence[Statement]) -> timedelta:
    """Return how far a clock is ahead (negative: behind) by which nothing was sent in time.

    A position from before the statement is only old, unless all are equally so.
    """
    least = max(map(_least_ahead, check_ins))
    found = [ahead for one in check_ins if (ahead := _found_ahead(one)) is not None]
    ahead = min(found, default=_NONE)
    if least < -LONGEST_UNSENT < ahead:
        return least  # a phone that was reset begins in another year
    is_ahead = len(found) >= _ENOUGH and ahead > _RIGHT_WITHIN and max(found) - ahead <= _RIGHT_WITHIN
    return ahead if ahead < -_RIGHT_WITHIN or is_ahead else _NONE


def _found_ahead(one: Statement) -> timedelta | None:
    """Return how far the clock is ahead of the phone's own positions, at the most; None without any."""
    return one.told_at - max(at.tracked_at for at in one.positions) if one.positions else None


def _alike[S: Statement](check_ins: Iterable[S], apart: timedelta) -> list[list[S]]:
    """Return statements that may be by one setting of the clock: of one the next says nearly the same."""
    groups: list[list[S]] = []
    for one in sorted(check_ins, key=_least_ahead):
        if not groups or _least_ahead(one) - _least_ahead(groups[-1][-1]) > apart:
            groups.append([])
        groups[-1].append(one)
    return groups


def _least_ahead(one: Statement) -> timedelta:
    """Return how far the clock is ahead at the least; it may have been set back before what it told was sent."""
    return max(one.told_at, one.sent_at) - one.received_at
