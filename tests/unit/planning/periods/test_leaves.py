"""Leave in weeks: others stand in where they may; what is missed is told by the name of who is off."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from support.periods import FORTNIGHTLY, MONDAY, MONTHLY, WEEKLY, days_of, planned, request_of, site_at, worker_at

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.periods.model import (
    EarlierVisit,
    MadeVisit,
    Missed,
    MissedReason,
    PeriodPlan,
    PeriodRequest,
    leave_days,
)
from geo_engine.planning.periods.period import plan_period
from geo_engine.roads.straight import StraightRouter
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
    assert named.detail.render(Language.EN).startswith("While 李雷 is off ")
    assert named.detail.render(Language.ZH_CN).startswith("李雷 请假期间")
    assert nameless.detail.render(Language.EN).startswith("While W1 is off ")


def test_days_that_are_full_beside_a_leave_are_told_with_it() -> None:
    """Off from Monday to Thursday, Friday full: both are why; without a leave only room is."""
    sites = [site_at(f"S{n}", "A", service_s=8 * 3600) for n in range(2)]

    beside = _only_missed(planned(_on_leave(request_of(sites, [LI]), days=4)))
    full = planned(request_of([site_at(f"S{n}", "A", service_s=8 * 3600) for n in range(6)], [LI])).missed

    assert beside.reason is MissedReason.NO_ROOM
    assert beside.detail.render(Language.EN) == (
        "While 李雷 is off nobody else can go; all other days that its visiting rule allows are full."
    )
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


@pytest.mark.parametrize("is_late", [False, True])
def test_a_leave_is_told_whatever_else_cannot_be(*, is_late: bool) -> None:
    """Off as above, but a week of holidays cannot be kept either, or the last visit was too long ago."""
    rule = replace(WEEKLY, min_gap_days=7, max_gap_days=8, closed_on=frozenset({MONDAY}))
    leave = leave_days(_SECOND_WEEK + timedelta(days=1), _SECOND_WEEK + timedelta(days=4))
    request = request_of([site_at("S", "A")], [LI], rules=(rule,), days_off={WorkerId("W1"): leave})
    last = MadeVisit(site_id=SiteId("S"), visited_on=MONDAY - timedelta(days=40))
    holidays = leave_days(MONDAY + timedelta(weeks=3), MONDAY + timedelta(weeks=3, days=4))

    plan = planned(replace(request, made=(last,)) if is_late else replace(request, holidays=holidays))

    reasons = {one.from_on: one.reason for one in plan.missed}
    assert reasons.pop(min(reasons)) is MissedReason.WORKER_OFF
    assert reasons == ({} if is_late else {min(holidays): MissedReason.NO_DAY})


def _held_by_li(level: str = "A", **facts: object) -> PeriodRequest:
    """Return a site a week for W1, who is off in the second; W2 is near."""
    sites = [site_at("S", level, **facts)]
    return _on_leave(request_of(sites, [LI, worker_at("W2")], rules=(replace(WEEKLY, worker_id=WorkerId("W1")),)))


def _who(plan: PeriodPlan, site: str = "S") -> dict[int, str]:
    """Return who goes to a site on which day, counted from the Monday."""
    return {
        (day.service_on - MONDAY).days: route.worker_id
        for day in plan.days
        for route in day.routes
        if any(visit.job_id == site for visit in route.planned_visits)
    }


def test_another_stands_in_for_the_leave_alone() -> None:
    """The visit of the leave is made by who may and does not have it else; spacing holds across both."""
    plan = planned(_held_by_li())

    assert (plan.missed, plan.late) == ((), ())
    assert [worker for _, worker in sorted(_who(plan).items())] == ["W1", "W2", "W1", "W1"]
    assert all(5 <= after - before <= 9 for before, after in pairwise(sorted(_who(plan))))


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_leave_moves_no_site_to_the_neighbour(*, is_kept: bool) -> None:
    """Sites beside those of the other worker stay with whom their rule prefers or who had them, but for the leave."""
    sites = [site_at(f"{of}{n}", level, n, service_s=5 * 3600) for of, level in ("SA", "TB") for n in range(2)]
    preferred, beside = replace(WEEKLY, worker_id=WorkerId("W1")), replace(WEEKLY, level="B", worker_id=WorkerId("W2"))
    request = _on_leave(request_of(sites, [LI, worker_at("W2")], rules=(preferred, beside)))
    if is_kept:
        earlier = tuple(
            EarlierVisit(site_id=SiteId(f"S{n}"), planned_on=MONDAY + timedelta(weeks=week, days=n), worker_id=LI.id)
            for n in range(2)
            for week in range(4)
        )
        request = replace(request, rules=(WEEKLY, beside), earlier=earlier)

    plan = planned(request)

    assert (plan.missed, plan.late) == ((), ())
    for site in ("S0", "S1"):
        assert [worker for _, worker in sorted(_who(plan, site).items())] == ["W1", "W2", "W1", "W1"]
    assert {*_who(plan, "T0").values(), *_who(plan, "T1").values()} == {"W2"}


def test_a_visit_that_leave_makes_late_is_made_by_another() -> None:
    """Off on the last days on which a visit is in time: in the week after it would not be missed, but late."""
    rule = replace(FORTNIGHTLY, level="A", worker_id=WorkerId("W1"))
    leave = leave_days(MONDAY, MONDAY + timedelta(days=4))
    request = request_of([site_at("S", "A")], [LI, worker_at("W2")], rules=(rule,), days_off={WorkerId("W1"): leave})
    last = MadeVisit(site_id=SiteId("S"), visited_on=MONDAY - timedelta(days=14))

    plan = planned(replace(request, made=(last,)))

    assert (plan.missed, plan.late) == ((), ())
    assert [worker for _, worker in sorted(_who(plan).items())] == ["W2", "W1"]


def test_whoever_is_in_a_hurry_waits_for_no_stand_in() -> None:
    """Told to stop in the middle of a leave's visits, the plan has those found until then."""
    request = _held_by_li()
    request = replace(request, sites=tuple(site_at(f"S{n}", "A", n) for n in range(4)))
    looks = iter([False, False, False])  # the first is of the search

    def should_stop() -> bool:
        return next(looks, True)

    plan = plan_period(
        replace(request, params=replace(request.params, round_limit=0)), StraightRouter(), should_stop=should_stop
    )

    assert [one.site_id for one in plan.missed] == ["S2", "S3"]


def test_nobody_stands_in_who_may_not_or_is_full() -> None:
    """A skill, leave of all, a day's limit and a shift hold for whoever stands in as for anybody."""
    skilled = replace(LI, skills=frozenset({"gas"}))
    unable = _held_by_li(skills=frozenset({"gas"}))
    request = _held_by_li()
    both = leave_days(_SECOND_WEEK, _SECOND_WEEK + timedelta(days=4))
    long = _held_by_li(service_s=8 * 3600)
    brief, others = ([site_at(f"O{n}", "B", service_s=hours * 3600) for n in range(5)] for hours in (1, 8))
    busy = replace(WEEKLY, level="B", worker_id=WorkerId("W2"))

    plans = [
        planned(replace(unable, workers=(skilled, worker_at("W2")))),
        planned(replace(request, days_off={WorkerId("W1"): both, WorkerId("W2"): both})),
        planned(
            replace(
                request,
                sites=(*request.sites, *brief),
                rules=(*request.rules, busy),
                workers=(LI, worker_at("W2", max_visits=1)),
            )
        ),
        planned(replace(long, sites=(*long.sites, *others), rules=(*long.rules, busy))),
    ]

    for plan in plans:
        assert [(one.site_id, one.reason) for one in plan.missed] == [("S", MissedReason.WORKER_OFF)]


@pytest.mark.parametrize("level", ["A", "B"])
def test_who_stood_in_still_does_once_planned_anew(level: str) -> None:
    """Planned on from the same plan every visit stays, and the site's worker is its own: not who stood in for half."""
    preferred = replace(WEEKLY if level == "A" else FORTNIGHTLY, worker_id=WorkerId("W1"))
    weeks = leave_days(MONDAY, MONDAY + timedelta(days=11))
    request = request_of([site_at("S", level)], [LI, worker_at("W2")], rules=(preferred,), days_off={LI.id: weeks})
    first = planned(request)
    earlier = tuple(
        EarlierVisit(site_id=SiteId("S"), planned_on=day.service_on, worker_id=route.worker_id)
        for day in first.days
        for route in day.routes
    )

    again = planned(replace(request, earlier=earlier))

    assert (again.kept_count, again.moved_count) == (len(earlier), 0)
    assert _who(again) == _who(first)
    assert {worker for day, worker in _who(again).items() if day > 11} == {"W1"}


def test_a_leave_among_many_leaves_nothing_out_and_breaks_nothing() -> None:
    """Of 50 sites 30 are held by W1: in two weeks of leave the others visit them as well, within their shifts."""
    sites = [site_at(f"S{n:02d}", "AB"[n % 2], n % 10, n // 10) for n in range(30)]
    sites += [site_at(f"T{n:02d}", "B", 40 + n % 5, n // 5) for n in range(20)]
    rules = (
        replace(WEEKLY, worker_id=WorkerId("W1")),
        replace(FORTNIGHTLY, worker_id=WorkerId("W1")),
        *(replace(FORTNIGHTLY, level="", site_id=site.id) for site in sites if site.id.startswith("T")),
    )
    workers = [worker_at("W1"), worker_at("W2", 40), worker_at("W3", 45, 5)]
    leave = leave_days(_SECOND_WEEK, _SECOND_WEEK + timedelta(days=11))
    request = request_of(sites, workers, rules=rules, days_off={WorkerId("W1"): leave})

    plan = planned(request)

    assert plan.missed == ()
    days = days_of(plan)
    for site in sites:
        rule = WEEKLY if site.level == "A" else FORTNIGHTLY
        assert len(days[site.id]) == 4 // rule.weeks
        assert all(rule.min_gap_days <= after - before for before, after in pairwise(days[site.id]))
    for day in plan.days:
        for route in day.routes:
            assert route.worker_id != "W1" or day.service_on not in leave
            assert (route.end_at - route.start_at) <= timedelta(hours=9)
