"""“Why not” in words, for programs, for pages and on a sheet."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning import Violation, ViolationKind
from geo_engine.planning.day import DayPlan
from geo_engine.planning.explain.offers import BestPlace, Lever, Offer, Relaxation, WhyNot
from geo_engine.reports.model import PlanReport
from geo_engine.reports.offer_words import hindrance_words, offer_words
from geo_engine.reports.plan_json import render_plan_json
from geo_engine.reports.why_not_data import render_left_sheet, why_not_page, why_not_values
from geo_engine.words import Language

LEFT, WANG, OTHER = JobId("S006"), WorkerId("W0"), JobId("S005")
TEN = datetime(2026, 11, 23, 9, tzinfo=UTC)
OF_ROUTES = (
    ViolationKind.NO_PATH,
    ViolationKind.WORKER,
    ViolationKind.SKILL,
    ViolationKind.CAPACITY,
    ViolationKind.MAX_VISITS,
    ViolationKind.WINDOW,
    ViolationKind.BREAK,
    ViolationKind.SHIFT,
    ViolationKind.MAX_DRIVING,
)


def _offer(*relaxations: Relaxation, **facts: object) -> Offer:
    plain = Offer(worker_id=WANG, job_id=LEFT, position=2, relaxations=relaxations, cost=420, travel_s=420)
    return replace(plain, **facts)  # type: ignore[arg-type]


def _place(*broken: Violation, offers: tuple[Offer, ...] = ()) -> BestPlace:
    return BestPlace(worker_id=WANG, position=2, cost=420, travel_s=420, travel_m=3200, broken=broken, offers=offers)


def _with(report: PlanReport, place: BestPlace) -> DayPlan:
    return replace(report.day_plan, why_nots={LEFT: WhyNot(places=(place,), unseen_count=3)})


LATE = Violation(kind=ViolationKind.WINDOW, job_id=LEFT, excess=1441)
LATER = Relaxation(lever=Lever.WINDOW_LATER, amount=1500, job_id=LEFT, to_at=TEN)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("lever", Lever)
def test_every_offer_is_a_sentence_in_every_language(report: PlanReport, lever: Lever, language: Language) -> None:
    """No placeholder is left, and it says who would go and how much longer it takes."""
    step = Relaxation(lever=lever, amount=1500, job_id=LEFT, skills=("gas",), to_at=TEN)

    said = offer_words(_offer(step), report.day_plan).render(language)

    assert not re.search(r"[{}]", said)
    assert "王芳" in said
    assert re.search(r"\b7\b", said)
    assert language is Language.EN or re.search(r"行程", said)


def test_where_no_road_leads_no_way_is_told(report: PlanReport) -> None:
    """A way with a hole in it has no length: neither programs, nor pages, nor the sheet are told one."""
    day = _with(report, replace(_place(Violation(kind=ViolationKind.NO_PATH, job_id=LEFT)), travel_s=-240, travel_m=-1))

    told = (why_not_values(LEFT, day, Language.EN), why_not_page(LEFT, day))
    (row,) = [one for one in csv.DictReader(io.StringIO(render_left_sheet(day, Language.EN))) if one["Worker"]]

    assert [(one["travel_s"], one["travel_m"]) for of in told if of for one in of["workers"]] == [(None, None)] * 2
    assert told[0] is not None
    assert told[0]["workers"][0]["cost"] is None
    assert (row["More travel (min)"], row["More distance (km)"]) == ("", "")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", OF_ROUTES)
def test_every_hindrance_is_said_in_every_language(report: PlanReport, kind: ViolationKind, language: Language) -> None:
    """No placeholder is left; more rules than one are counted."""
    broken = (Violation(kind=kind, job_id=LEFT, excess=1441), LATE)

    said = hindrance_words(_place(*broken), LEFT, report.day_plan).render(language)

    assert not re.search(r"[{}]", said)
    assert re.search(r"1", said)
    assert language is Language.EN or re.search(r"[\u4e00-\u9fff]", said)


def test_minutes_and_clock_times_are_those_of_the_plan(report: PlanReport) -> None:
    """25 minutes on the window until 10:00 of the plan's zone; 24 minutes and a second late are 25."""
    day = report.day_plan

    assert hindrance_words(_place(LATE), LEFT, day).render(Language.EN) == "the arrival is 25 min too late"
    assert offer_words(_offer(LATER), day).render(Language.EN) == (
        "王芳, stop 3: +25 min on the window, until 10:00; 7 min more travel"
    )
    assert "加班" in offer_words(_offer(Relaxation(lever=Lever.SHIFT_LATER, amount=2400, to_at=TEN)), day).render(
        Language.ZH_CN
    )


@pytest.mark.parametrize(
    ("count", "many", "more"), [(1, "one visit too many", "one visit more"), (2, "2 visits", "2 vi")]
)
def test_one_visit_is_told_as_one(report: PlanReport, count: int, many: str, more: str) -> None:
    """A number agrees with its word."""
    place = _place(Violation(kind=ViolationKind.MAX_VISITS, job_id=LEFT, excess=count))
    offer = _offer(Relaxation(lever=Lever.MAX_VISITS, amount=count))

    assert many in hindrance_words(place, LEFT, report.day_plan).render(Language.EN)
    assert more in offer_words(offer, report.day_plan).render(Language.EN)


def test_anothers_window_and_a_visit_given_up_are_named(report: PlanReport) -> None:
    """It is said whose customer is asked, and what is left out instead, with its priority."""
    theirs = _offer(replace(LATER, job_id=OTHER), travel_s=-120)
    instead = _offer(leaves_out=OTHER)

    said, swapped = (offer_words(one, report.day_plan).render(Language.EN) for one in (theirs, instead))

    assert "the window of =HYPERLINK(1)" in said
    assert "2 min less travel" in said
    assert "leave out =HYPERLINK(1) (priority 0) instead" in swapped


def test_plan_json_holds_it_with_the_figures_behind_the_sentences(report: PlanReport) -> None:
    """Programs read levers, amounts and moments; who is not explained has none."""
    day = _with(report, _place(LATE, offers=(_offer(LATER),)))

    document = json.loads(render_plan_json(replace(report, day_plan=day)))

    (left,) = document["unassigned"]
    (worker,) = left["why_not"]["workers"]
    assert (worker["worker_id"], worker["stop"], worker["travel_s"]) == (WANG, 3, 420)
    assert worker["broken"] == [{"kind": "window", "job_id": LEFT, "excess": 1441}]
    assert worker["offers"] == left["why_not"]["offers"]
    assert worker["offers"][0]["relaxations"][0] | {"skills": []} == {
        "lever": "window_later",
        "amount": 1500,
        "job_id": LEFT,
        "number": 1,
        "skills": [],
        "to_at": "2026-11-23T10:00:00+01:00",
    }
    assert left["why_not"]["unseen_worker_count"] == 3
    assert why_not_values(LEFT, report.day_plan, Language.EN) is None


@pytest.mark.parametrize(
    ("offer", "is_move"),
    [
        (_offer(), True),
        (_offer(LATER), True),
        (_offer(Relaxation(lever=Lever.SERVICE_SHORTER, amount=60, job_id=LEFT)), False),
        (_offer(LATER, Relaxation(lever=Lever.SHIFT_EARLIER, amount=60, to_at=TEN)), False),
        (_offer(leaves_out=OTHER), False),
    ],
)
def test_only_what_a_move_does_can_be_done_by_a_button(report: PlanReport, offer: Offer, *, is_move: bool) -> None:
    """A page offers no button for what moving the visit alone would not do."""
    page = why_not_page(LEFT, _with(report, _place(LATE, offers=(offer,))))

    assert page is not None
    assert page["offers"][0]["is_move"] is is_move


def test_the_sheet_has_a_row_per_worker_and_runs_nothing(report: PlanReport) -> None:
    """A name that a spreadsheet would run is text; a job that nobody was looked at for has a row as well."""
    day = _with(report, _place(LATE, offers=(_offer(leaves_out=OTHER),)))
    hostile = replace(day.sites[LEFT], name="=1+1")
    day = replace(day, sites={**day.sites, LEFT: hostile})

    rows = list(csv.reader(io.StringIO(render_left_sheet(day, Language.EN).lstrip("\ufeff"))))
    bare = list(csv.reader(io.StringIO(render_left_sheet(replace(day, why_nots={}), Language.EN).lstrip("\ufeff"))))

    assert [row[5:9] for row in rows[1:]] == [["王芳", "3", "7", "3.2"]]
    assert not any(cell.startswith("=") for row in rows + bare for cell in row)
    assert [len(row) for row in rows + bare] == [11] * 4
