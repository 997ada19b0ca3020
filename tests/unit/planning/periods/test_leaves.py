"""Leave in weeks: what is missed because of it is told by the name of who is off, and apart from rules and room."""

from dataclasses import replace
from datetime import timedelta

from support.periods import MONDAY, MONTHLY, WEEKLY, planned, request_of, site_at, worker_at

from geo_engine.ids import WorkerId
from geo_engine.planning.periods.model import Missed, MissedReason, PeriodPlan, PeriodRequest, leave_days
from geo_engine.words import Language

LI = replace(worker_at("W1"), name="李雷")
_SECOND_WEEK = MONDAY + timedelta(weeks=1)


def _on_leave(request: PeriodRequest, *, days: int = 5) -> PeriodRequest:
    """Return a request with W1 off on the first days of the second week."""
    leave = leave_days(_SECOND_WEEK, _SECOND_WEEK + timedelta(days=days - 1))
    return replace(request, days_off={WorkerId("W1"): leave})


def _only_missed(plan: PeriodPlan) -> Missed:
    (missed,) = plan.missed
    return missed


def test_a_leave_is_told_by_name() -> None:
    """The week of a leave is missed for the leave, in both languages; an id stands for who has no name."""
    named = _only_missed(planned(_on_leave(request_of([site_at("S", "A")], [LI]))))
    nameless = _only_missed(planned(_on_leave(request_of([site_at("S", "A")], [replace(LI, name="")]))))

    assert (named.from_on, named.count, named.reason) == (_SECOND_WEEK, 1, MissedReason.WORKER_OFF)
    assert named.detail.render(Language.EN).startswith("李雷 is off, ")
    assert named.detail.render(Language.ZH_CN).startswith("李雷 请假，")
    assert nameless.detail.render(Language.EN).startswith("W1 is off, ")


def test_days_that_are_full_beside_a_leave_are_told_with_it() -> None:
    """Off from Monday to Thursday, Friday full: both are why; without a leave only room is."""
    sites = [site_at(f"S{n}", "A", service_s=8 * 3600) for n in range(2)]

    beside = _only_missed(planned(_on_leave(request_of(sites, [LI]), days=4)))
    full = planned(request_of([site_at(f"S{n}", "A", service_s=8 * 3600) for n in range(6)], [LI])).missed

    assert beside.reason is MissedReason.NO_ROOM
    assert "李雷 is off on some of the days" in beside.detail.render(Language.EN)
    assert {(one.reason, one.detail.render(Language.EN)) for one in full} == {
        (MissedReason.NO_ROOM, "Every day that its visiting rule allows is full.")
    }


def test_a_rule_without_a_day_is_no_leave() -> None:
    """Sunday is not worked, leave or not; a site closed all month but for the leave is missed for the leave."""
    sunday = replace(MONTHLY, level="D", weekdays=frozenset({7}))
    month = leave_days(MONDAY, MONDAY + timedelta(days=27))
    closed = replace(MONTHLY, level="E", closed_on=month - leave_days(_SECOND_WEEK, _SECOND_WEEK + timedelta(days=4)))
    request = request_of([site_at("sunday", "D"), site_at("closed", "E")], [LI], rules=(WEEKLY, sunday, closed))

    reasons = {one.site_id: one.reason for one in planned(_on_leave(request)).missed}

    assert reasons == {"sunday": MissedReason.NO_DAY, "closed": MissedReason.WORKER_OFF}


def test_a_leave_that_leaves_too_little_time_between_visits_is_told() -> None:
    """Six days apart, from Tuesday to Friday off: Monday is there, but too near to one of the visits around it."""
    rule = replace(WEEKLY, min_gap_days=7, max_gap_days=8)
    leave = leave_days(_SECOND_WEEK + timedelta(days=1), _SECOND_WEEK + timedelta(days=4))
    tuesdays = replace(rule, closed_on=frozenset({MONDAY}))
    request = request_of([site_at("S", "A")], [LI], rules=(tuesdays,), days_off={WorkerId("W1"): leave})

    assert {one.reason for one in planned(request).missed} == {MissedReason.WORKER_OFF}
