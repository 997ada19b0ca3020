"""How far a phone's clock is wrong, by all that it stated on a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from geo_engine.visits.model import Statement

_RIGHT_WITHIN = timedelta(minutes=1)
_NONE = timedelta()


def put_right[S: Statement](check_ins: Sequence[S]) -> tuple[S, ...]:
    """Return what a phone stated on a day, each knowing how far its clock is ahead.

    Nothing is received before it was sent, so a clock is ahead by the most of what it seems to have been sent too late;
    when nothing was sent in time, the phone's positions know when they were found.
    """
    ahead = clock_ahead(check_ins)
    return tuple(replace(check_in, clock_ahead=ahead) for check_in in check_ins)


def clock_ahead(check_ins: Sequence[Statement]) -> timedelta:
    """Return how far the clock of the phone that stated these is ahead; nothing for less than a minute."""
    least = max((one.sent_at - one.received_at for one in check_ins), default=_NONE)
    if least >= -_RIGHT_WITHIN:
        return least if least > _RIGHT_WITHIN else _NONE
    found = (one.told_at - max(at.tracked_at for at in one.positions) for one in check_ins if one.positions)
    ahead = min(found, default=_NONE)
    return ahead if abs(ahead) > _RIGHT_WITHIN else _NONE
