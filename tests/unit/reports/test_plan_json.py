"""plan.json says what the plan says."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning import Violation, ViolationKind
from geo_engine.planning.solver.baselines import Travel
from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_json import plan_document, render_plan_json, summary_document
from geo_engine.reports.violations import violation_message
from geo_engine.words import Language, Message


def test_every_job_is_in_routes_or_unassigned_exactly_once(report: PlanReport) -> None:
    """Counts agree with what is listed, and no job is lost."""
    document = json.loads(render_plan_json(report))

    placed = [visit["job_id"] for route in document["routes"] for visit in route["planned_visits"]]
    left = [job["job_id"] for job in document["unassigned"]]
    assert sorted(placed + left) == sorted(report.day_plan.sites)
    assert document["summary"]["placed_count"] == len(placed)
    assert document["summary"]["unassigned_count"] == len(left)
    assert document["summary"]["job_count"] == len(placed) + len(left)


def test_the_summary_ends_with_how_many_rows_could_not_be_read(report: PlanReport) -> None:
    """Who reads the figures alone learns that rows of the input are missing."""
    summary = summary_document(report)

    assert list(summary.items())[-1] == ("problem_count", 1)
    assert plan_document(report)["summary"] == summary


def test_times_are_local_with_offset_and_the_same_moments(report: PlanReport) -> None:
    """A time in the file is the plan's moment written in the plan's zone."""
    document = plan_document(report)

    written = document["routes"][0]["planned_visits"][0]["arrival_at"]
    assert written.endswith("+01:00")
    assert datetime.fromisoformat(written) == report.day_plan.plan.routes[0].planned_visits[0].arrival_at


def test_sentences_are_in_the_reports_language(report: PlanReport) -> None:
    """Details are in the language asked for; machine words stay the same in all."""
    english, chinese = plan_document(report), plan_document(replace(report, language=Language.ZH_CN))

    assert "lacks a skill" in english["unassigned"][0]["detail"]
    assert "缺少" in chinese["unassigned"][0]["detail"]
    assert english["unassigned"][0]["reason"] == chinese["unassigned"][0]["reason"] == "no_skill"


def test_chinese_is_written_as_it_reads(report: PlanReport) -> None:
    """The file is UTF-8 without escapes."""
    assert "摩纳哥网点" in render_plan_json(report)


def test_a_figure_that_is_no_number_is_refused(report: PlanReport) -> None:
    """NaN never reaches the file."""
    nearest = Travel(travel_m=float("nan"), travel_s=0)  # type: ignore[arg-type]
    broken = replace(report, day_plan=replace(report.day_plan, nearest=nearest))

    with pytest.raises(ValueError, match="not JSON compliant"):
        render_plan_json(broken)


def test_what_an_address_was_resolved_to_is_kept_with_its_candidates(report: PlanReport) -> None:
    """Source, score and candidates of a resolved address stand in the file."""
    found = plan_document(report)["geocoded"][0]

    assert (found["job_id"], found["worker_id"]) == ("S000", None)
    assert (found["source"], found["score"]) == ("extract:test", 0.62)
    assert not found["confident"]
    assert len(found["candidates"]) == 1


def test_workers_addresses_are_kept_too(report: PlanReport) -> None:
    """What a worker's start or end was resolved to stands beside the sites', under the worker's id."""
    (guess,) = report.geocodings.values()
    asked = replace(report, worker_geocodings={WorkerId("W1"): (guess, replace(guess, candidates=()))})

    entries = plan_document(asked)["geocoded"]

    assert [(entry["job_id"], entry["worker_id"], entry["name"]) for entry in entries[1:]] == [(None, "W1", "Ana")] * 2
    assert [entry["score"] for entry in entries] == [0.62, 0.62, None]


def test_a_worker_who_could_not_be_used_as_given_is_named_with_the_reason(report: PlanReport) -> None:
    """Notes on workers are in the file, by name."""
    noted = replace(report.day_plan, worker_notes={WorkerId("W1"): Message("Unknown worker")})

    notes = plan_document(replace(report, day_plan=noted))["worker_notes"]

    assert notes == [{"worker_id": "W1", "worker_name": "Ana", "note": "Unknown worker"}]


def test_an_unknown_worker_is_named(report: PlanReport) -> None:
    """A plan that names a worker who is not in the list says which."""
    broken = Violation(kind=ViolationKind.UNKNOWN, worker_id=WorkerId("W9"))

    sentence = violation_message(broken, report.day_plan).render(Language.EN)

    assert sentence == "The plan names the worker W9, who is not in the list."


@pytest.mark.parametrize("kind", ViolationKind)
@pytest.mark.parametrize("language", Language)
def test_every_violation_is_a_sentence_with_names(report: PlanReport, kind: ViolationKind, language: Language) -> None:
    """A broken rule names worker or site, and minutes are rounded up."""
    broken = Violation(kind=kind, worker_id=WorkerId("W0"), job_id=JobId("S006"), excess=61)

    sentence = violation_message(broken, report.day_plan).render(language)

    assert "王芳" in sentence or "摩纳哥网点" in sentence
    assert "{" not in sentence
    assert "61 min" not in sentence
