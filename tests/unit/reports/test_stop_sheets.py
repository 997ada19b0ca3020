"""Sheets of stops open right in Excel, run nothing, and stand under safe names."""

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.ids import WorkerId
from geo_engine.planning import PlannedBreak
from geo_engine.reports.model import PlanReport
from geo_engine.reports.stop_sheets import render_stop_sheet, stop_sheet_names
from geo_engine.words import Language


def rows(report: PlanReport, number: int, language: Language = Language.EN) -> list[dict[str, str]]:
    """Return the rows of a route's sheet by heading."""
    text = render_stop_sheet(report.day_plan.plan.routes[number], report.day_plan, language)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_rows_stand_in_the_order_of_the_day(report: PlanReport) -> None:
    """Start, visits with their numbers, end; what each takes is in minutes and kilometres."""
    sheet = rows(report, 0)

    assert [row["Kind"] for row in sheet] == ["Start", "Visit", "Visit", "Visit", "Visit", "End"]
    assert [row["No."] for row in sheet] == ["", "1", "2", "3", "4", ""]
    assert sheet[0]["From"] == "08:00"
    assert float(sheet[1]["Distance (km)"]) > 0


def test_waiting_is_the_time_before_the_door_that_is_no_break(report: PlanReport) -> None:
    """Minutes between arrival and start are told, less those of a break; rows that are no visit have none."""
    day = report.day_plan
    route = day.plan.routes[1]
    first = route.planned_visits[0]
    early = replace(first, arrival_at=first.start_at - timedelta(minutes=50))
    pause = PlannedBreak(start_at=early.arrival_at, end_at=early.arrival_at + timedelta(minutes=45))
    waiting = replace(route, breaks=(pause,), planned_visits=(early, *route.planned_visits[1:]))

    sheet = list(csv.DictReader(io.StringIO(render_stop_sheet(waiting, day, Language.EN)[1:])))

    assert [(row["Kind"], row["Waiting (min)"]) for row in sheet[:3]] == [("Start", ""), ("Break", ""), ("Visit", "5")]


def test_headings_are_in_the_language_asked_for(report: PlanReport) -> None:
    """A Chinese sheet has Chinese headings."""
    assert {"到达", "等待（分钟）"} <= rows(report, 0, Language.ZH_CN)[0].keys()


def test_a_name_that_is_a_formula_is_made_text(report: PlanReport) -> None:
    """A cell beginning like a formula gets an apostrophe; a name that only looks odd does not."""
    names = [row["Name"] for sheet in (0, 1) for row in rows(report, sheet) if row["Kind"] == "Visit"]

    assert "'=HYPERLINK(1)" in names
    assert "</script><script>window.ran = 1</script>" in names


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"])
def test_no_way_to_begin_a_formula_is_left(report: PlanReport, start: str) -> None:
    """Excel also takes full-width signs for formulas, and skips what cannot be seen before them."""
    day = report.day_plan
    job_id = day.plan.routes[0].planned_visits[0].job_id
    named = replace(day.sites[job_id], name=f"{start}1+1")

    sheet = rows(replace(report, day_plan=replace(day, sites={**day.sites, job_id: named})), 0)

    assert sheet[1]["Name"] == f"'{start}1+1"


def test_times_of_the_next_day_are_marked(report: PlanReport) -> None:
    """An end after midnight says so; the start before midnight does not."""
    day = report.day_plan
    late = replace(day.plan.routes[0], end_at=datetime(2026, 11, 24, 1, 30, tzinfo=day.zone))

    sheet = rows(replace(report, day_plan=replace(day, plan=replace(day.plan, routes=(late,)))), 0)

    assert sheet[0]["From"] == "08:00"
    assert sheet[-1]["Arrival"] == "01:30+1"


def test_an_open_end_has_no_end_row(report: PlanReport) -> None:
    """A route that ends with its last service ends with a visit."""
    assert rows(report, 1)[-1]["Kind"] == "Visit"


def test_names_cannot_leave_the_folder() -> None:
    """Ids that are paths, have a NUL or are very long become one plain name each."""
    ids = [WorkerId(text) for text in ("../../x", "/etc/passwd", "a\0b", "x" * 500, "..", "王芳", "W-1", "")]

    names = stop_sheet_names(ids)

    assert names[WorkerId("W-1")] == "stops-W-1.csv"
    assert names[WorkerId("王芳")] == "stops-王芳.csv"
    assert not any(set(name) & set('/\\\0:*?"<>|') for name in names.values())
    assert all(len(name.encode()) < 200 for name in names.values())


@given(st.lists(st.text(max_size=300), unique=True, max_size=12))
def test_distinct_workers_have_distinct_names_on_any_system(texts: list[str]) -> None:
    """However ids look, no two share a name, not even where case does not count."""
    names = stop_sheet_names(WorkerId(text) for text in texts)

    assert len({name.casefold() for name in names.values()}) == len(texts)
    assert all(name.startswith("stops-") and name.endswith(".csv") and "/" not in name for name in names.values())


def test_ids_that_clean_to_the_same_or_differ_by_case_stay_apart() -> None:
    """The suffix comes from the id, so it does not depend on the order of workers."""
    names = stop_sheet_names([WorkerId("a/b"), WorkerId("a:b"), WorkerId("Ana"), WorkerId("ana")])
    reversed_names = stop_sheet_names([WorkerId("ana"), WorkerId("Ana"), WorkerId("a:b"), WorkerId("a/b")])

    assert len({name.casefold() for name in names.values()}) == 4
    assert names == reversed_names
