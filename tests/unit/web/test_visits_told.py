"""Visits as people read them: bounds only where a figure is not exact, other days told, wrong clocks told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.ids import CheckInId, DecisionId, JobId, SiteId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits import CheckIn, CheckInKind, Judgement, Reason, ReasonKind, Verdict
from geo_engine.visits.day import PlannedStop, Visit
from geo_engine.visits.kept import Decision, DecisionKind
from geo_engine.visits.planned_actual import Bounds
from geo_engine.words import Language
from web.visits.evidence import told_check_ins, told_reasons
from web.visits.told import (
    Told,
    crossing_told,
    decision_told,
    is_late,
    late_told,
    planned_told,
    stay_told,
    stayed_told,
    tags_told,
)

ZONE = ZoneInfo("Asia/Shanghai")
ON = date(2026, 11, 25)
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def _crossing(minutes: float, within: float = 0.0) -> Crossing:
    at_us = to_microseconds(AT) + round(minutes * 60e6)
    return Crossing(at_us=at_us, earliest_us=at_us - round(within * 60e6), latest_us=at_us + round(within * 60e6))


def _visit(presence: Presence | None = None, *check_ins: CheckIn) -> Visit:
    return Visit(
        id=VisitId(uuid4()),
        worker_id=WorkerId("w"),
        service_on=ON,
        site_id=SiteId("s"),
        stop=None,
        presence=presence,
        fence_id=None,
        fence_version=None,
        candidates=(),
        check_ins=check_ins,
        photos=(),
        judgement=Judgement(verdict=Verdict.LIKELY, odds=0.0, reasons=()),
    )


def _presence(left: Crossing | None) -> Presence:
    seen_until_us = to_microseconds(AT + timedelta(minutes=30))
    return Presence(device=0, fence=0, entered=_crossing(0), seen_until_us=seen_until_us, left=left, evidence=4.0)


def _said(told: Told | None, language: Language = Language.EN) -> list[str]:
    assert told is not None
    return [one.render(language) for one in (told.likely, told.between) if one is not None]


@pytest.mark.parametrize(
    ("bounds", "said", "late"),
    [
        ((600, 600, 600), ["10 min late"], True),
        ((-120, 600, 900), ["10 min late", "(−2 to +15 min)"], False),
        ((-900, -900, -900), ["15 min early"], False),
        ((-20, 0, 20), ["on time"], False),
        ((-10, 44, 75), ["on time", "(0 to +1 min)"], False),
        ((60, 62, 70), ["1 min late"], False),
        ((-16_380, 0, 10), ["on time", "(between 4 h 33 min early and on time)"], False),
        ((600, 600, 3_900), ["10 min late", "(10 min to 1 h 05 min)"], True),
        ((-4_200, -3_900, -3_600), ["1 h 05 min early", "(1 h 00 min to 1 h 10 min)"], False),
        ((299, 310, 320), ["5 min late"], False),
    ],
)
def test_lateness_is_told_with_its_bounds(bounds: tuple[float, float, float], said: list[str], late: bool) -> None:  # noqa: FBT001
    """Late is who certainly came later than five minutes; where it is not known to the minute, the bounds stand by.

    In minutes as a plan is, none of which are seconds, and in hours where there are some.
    """
    least, likely, most = bounds
    late_s = Bounds(least=least, likely=likely, most=most)

    assert _said(late_told(late_s)) == [one.strip("()") for one in said]
    assert is_late(late_s) is late
    assert not is_late(None)


@pytest.mark.parametrize(
    ("waiting_s", "said", "chinese"),
    [
        (0, "10:00–10:15", "10:00–10:15"),
        (59, "10:00–10:15", "10:00–10:15"),
        (1440, "there 09:36, 10:00–10:15", "09:36 到达，10:00–10:15"),
    ],
)
def test_a_plan_is_told_with_when_to_be_there(waiting_s: int, said: str, chinese: str) -> None:
    """Where somebody was to wait, so that what is said to be late or early is not against what is shown."""
    stop = PlannedStop(
        number=1,
        job_id=JobId("j"),
        site_id=SiteId("s"),
        arrival_at=AT - timedelta(seconds=waiting_s),
        start_at=AT,
        end_at=AT + timedelta(minutes=15),
    )

    assert [planned_told(stop, ON, ZONE).render(language) for language in (Language.EN, Language.ZH_CN)] == [
        said,
        chinese,
    ]


def test_a_stay_is_told_with_its_bounds() -> None:
    """Both ends seen; one not seen is so long at least; none where nothing was seen."""
    exact = _visit(_presence(_crossing(32)))
    rough = _visit(_presence(_crossing(32, within=4)))

    assert _said(stay_told(exact)) == ["32 min"]
    assert _said(stay_told(rough)) == ["32 min", "28 min to 36 min"]
    assert _said(stay_told(_visit(_presence(None)))) == ["30 min at least"]
    assert stay_told(_visit()) is None


def test_a_stay_is_a_sentence_of_its_own() -> None:
    """What is known of its length stands where each language says it, without a space that Chinese has not."""
    both, one_end = (stayed_told(_visit(_presence(left))) for left in (_crossing(32, within=4), None))

    assert _said(both) == ["stayed 32 min", "28 min to 36 min"]
    assert _said(both, Language.ZH_CN) == ["停留 32 分钟", "28 分钟至 36 分钟"]
    assert _said(one_end) == ["stayed at least 30 min"]
    assert _said(one_end, Language.ZH_CN) == ["至少停留 30 分钟"]
    assert stayed_told(_visit()) is None


def test_a_crossing_is_told_to_the_minute() -> None:
    """With earliest and latest where they are other minutes."""
    assert crossing_told(_crossing(1), ON, ZONE) == ("10:01", None)
    assert crossing_told(_crossing(1, within=2), ON, ZONE) == ("10:01", "09:59–10:03")


def _stated(ahead: timedelta) -> CheckIn:
    return CheckIn(
        id=CheckInId(uuid4()),
        kind=CheckInKind.OUT,
        worker_id=WorkerId("w"),
        site_id=SiteId("s"),
        told_at=AT + ahead,
        sent_at=AT + ahead,
        received_at=AT + timedelta(days=1),
        clock_ahead=ahead,
    )


@pytest.mark.parametrize(
    ("minutes", "tags"),
    [
        ((), []),
        ((0,), []),
        ((25, 2), ["phone's clock 25 min ahead"]),
        ((3, -90), ["phone's clock 1 h 30 min behind"]),
    ],
)
def test_a_wrong_clock_is_a_tag(minutes: tuple[int, ...], tags: list[str]) -> None:
    """It weighs nothing in the verdict, so that no list of reasons is sure to tell it."""
    visit = _visit(None, *(_stated(timedelta(minutes=one)) for one in minutes))

    assert [one.render(Language.EN) for one in tags_told(visit, is_planned=True)] == tags
    assert tags_told(visit, is_planned=False)[0].render(Language.EN) == "Not planned"


def test_a_statement_is_told_by_all_clocks() -> None:
    """A clock that is wrong is told, and a day that is another than the visit's."""
    (shown,) = told_check_ins(_visit(None, _stated(timedelta(minutes=25))), ZONE)

    assert (shown.stated, shown.told) == ("10:00:00", "10:25:00")
    assert shown.received == "2026-11-26 10:00:00"
    assert shown.ahead is not None
    assert shown.ahead.render(Language.EN) == "25 min ahead"
    assert shown.place.render(Language.EN) == "without a position"


@pytest.mark.parametrize(
    ("weight", "strength"),
    [
        (4.0, "speaks strongly for it"),
        (2.5, "speaks clearly for it"),
        (0.3, "speaks slightly for it"),
        (0.0, "for information"),
        (-0.25, "speaks slightly against it"),
        (-1.8, "speaks clearly against it"),
        (-5.0, "speaks strongly against it"),
    ],
)
def test_a_reason_is_told_with_how_much_it_counts(weight: float, strength: str) -> None:
    """In words; the figure stands beside them for whoever works with figures."""
    judgement = Judgement(
        verdict=Verdict.LIKELY, odds=weight, reasons=(Reason(kind=ReasonKind.NO_TRACK, weight=weight),)
    )

    (shown,) = told_reasons(replace(_visit(), judgement=judgement), ZONE)

    assert shown.strength.render(Language.EN) == strength


@pytest.mark.parametrize(("decider", "said"), [("Li", "Accepted by Li"), ("", "Accepted")])
def test_a_decision_is_told_with_who_made_it(decider: str, said: str) -> None:
    """Without a name where that is nobody of the company."""
    decision = Decision(
        id=DecisionId(uuid4()),
        visit_id=VisitId(uuid4()),
        worker_id=WorkerId("w"),
        service_on=ON,
        kind=DecisionKind.ACCEPTED,
        span=TimeSpan(start_at=AT, end_at=AT + timedelta(hours=1)),
        decided_at=AT,
        decider=decider,
    )

    told = decision_told(decision)

    assert told is not None
    assert told.render(Language.EN) == said
    assert decision_told(None) is None
