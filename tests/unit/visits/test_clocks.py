"""When something was stated, whatever the phone's clock says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, SiteId
from geo_engine.visits import CheckInKind
from geo_engine.visits.clocks import put_right
from geo_engine.visits.model import CheckInPosition, Statement

AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def said(
    minutes: float,
    *,
    ahead_min: float = 0.0,
    waited_min: float = 0.0,
    slow_min: float = 0.03,
    found_min: float | None = None,
) -> Statement:
    """Return what is stated so many minutes after the day began, sent when there was a network again."""
    at, ahead = AT + timedelta(minutes=minutes), timedelta(minutes=ahead_min)
    sent = at + timedelta(minutes=waited_min)
    found = [] if found_min is None else [AT + timedelta(minutes=minutes - found_min)]
    return Statement(
        id=CheckInId(UUID(int=round(minutes * 60))),
        kind=CheckInKind.IN,
        site_id=SiteId("a"),
        told_at=at + ahead,
        sent_at=sent + ahead,
        received_at=sent + timedelta(minutes=slow_min),
        positions=tuple(CheckInPosition(tracked_at=one, position=Position(116.4, 39.9)) for one in found),
    )


def minutes(check_ins: Sequence[Statement]) -> list[float]:
    """Return when each was stated, minutes after the day began."""
    return [round((one.stated_at - AT).total_seconds() / 60, 1) for one in put_right(check_ins)]


def test_one_wrong_statement_moves_no_other() -> None:
    """The clock was right when the others were sent."""
    others = [said(60 * number) for number in range(5)]

    assert minutes([*others[:3], said(170, ahead_min=120), *others[3:]]) == [0, 60, 120, 170, 180, 240]


def test_a_clock_that_is_ahead_is_put_right_whenever_it_is_sent() -> None:
    """What waited as well, and by the positions where a slow network hides a part of it."""
    by_sending = [said(10, ahead_min=25), said(40, ahead_min=25, waited_min=90), said(70, ahead_min=25)]
    slow = [said(10, ahead_min=25, slow_min=16, found_min=0.2), said(40, ahead_min=25, slow_min=15, found_min=0.1)]

    assert minutes(by_sending) == [10, 40, 70]
    assert minutes(slow) == [9.9, 39.9]


def test_what_waited_on_a_phone_whose_clock_is_right_has_waited() -> None:
    """Offline for two hours: as told, though a position was found long before; one of later says it is behind."""
    waited = [said(10), said(60, waited_min=120, found_min=20), said(90, waited_min=90)]
    behind = [said(10), said(60, ahead_min=-45, found_min=0)]
    indoors = [said(60, waited_min=120, found_min=20), said(90, waited_min=90, found_min=50)]

    assert minutes(waited) == [10, 60, 90]
    assert minutes(behind) == [10, 60]
    assert minutes(indoors) == [60, 90]


def test_positions_that_are_all_equally_old_tell_of_a_clock_that_is_ahead() -> None:
    """Nothing came before the evening: three say the same, and what knows no position was ahead as well."""
    told = [said(at, ahead_min=25, slow_min=300, found_min=0.2) for at in (10, 70, 130)]

    assert minutes([*told, said(200, ahead_min=25, slow_min=200)]) == [9.8, 69.8, 129.8, 199.8]
    assert minutes(told[:2]) == [35, 95]


def test_a_position_of_just_then_says_that_a_clock_was_right() -> None:
    """Another statement came from a clock that was a day ahead."""
    ahead = said(10, ahead_min=24 * 60)

    assert minutes([ahead, said(300, waited_min=200, found_min=0.2)]) == [10, 300]


def test_a_clock_that_is_behind_all_day_is_put_right_by_positions() -> None:
    """Nothing was sent in time."""
    assert minutes([said(10, ahead_min=-60, found_min=0), said(50, ahead_min=-60)]) == [10, 50]


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 300)), min_size=1, max_size=8, unique_by=lambda one: one[0]),
    st.randoms(use_true_random=False),
)
def test_a_right_clock_is_believed_in_any_order(told: list[tuple[int, int]], randomly: object) -> None:
    """However long statements waited for a network, as long as one did not."""
    day = [said(0), *(said(1 + at, waited_min=wait) for at, wait in told)]
    shuffled = list(day)
    randomly.shuffle(shuffled)  # type: ignore[attr-defined]

    assert sorted(minutes(shuffled)) == sorted(minutes(day)) == [0, *sorted(1.0 + at for at, _ in told)]
