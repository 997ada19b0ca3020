"""The files of a period: period.json, the visits day by day, what is covered, and what is missed."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.day import job_id_of
from geo_engine.planning.periods.demand import rule_of
from geo_engine.planning.periods.model import MissedReason, PeriodPlan, PeriodRequest
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.plan_files import write_text
from geo_engine.reports.plan_json import row_problems
from geo_engine.tables import RowProblem
from geo_engine.tables.csv_sheets import render_sheet
from geo_engine.tables.formulas import inert
from geo_engine.timespan import local_clock
from geo_engine.words import Language, Message

_VISIT_COLUMNS = (
    *("date", "weekday", "worker", "number", "site", "name", "level"),
    *("arrival", "start", "end", "travel_min", "travel_km"),
)
_COVERAGE_COLUMNS = ("week", "from", "level", "due", "made", "planned", "missed", "carried")
_MISSED_COLUMNS = ("site", "name", "level", "from", "until", "count", "reason", "detail")
_HEADINGS = {
    "date": Message("Date"),
    "weekday": Message("Weekday"),
    "worker": Message("Worker"),
    "number": Message("No."),
    "site": Message("Site"),
    "name": Message("Name"),
    "level": Message("Level"),
    "arrival": Message("Arrival"),
    "start": Message("From"),
    "end": Message("To"),
    "travel_min": Message("Travel (min)"),
    "travel_km": Message("Distance (km)"),
    "week": Message("Week"),
    "from": Message("First day"),
    "due": Message("Due visits"),
    "made": Message("Made visits"),
    "planned": Message("Planned visits"),
    "missed": Message("Missed visits"),
    "carried": Message("Carried over"),
    "until": Message("Last day"),
    "count": Message("Number of visits"),
    "reason": Message("Reason"),
    "detail": Message("Explanation"),
}
WEEKDAYS = (
    Message("Mon"),
    Message("Tue"),
    Message("Wed"),
    Message("Thu"),
    Message("Fri"),
    Message("Sat"),
    Message("Sun"),
)
_REASONS = {
    MissedReason.NO_WORKER: Message("Nobody may go"),
    MissedReason.OUT_OF_REACH: Message("Nobody can reach it in time"),
    MissedReason.NO_DAY: Message("No day its rule allows"),
    MissedReason.WORKER_OFF: Message("Its worker is off"),
    MissedReason.NO_ROOM: Message("Days are full"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReport:
    """A period's plan with what a reader needs to understand it; `notices` are what nobody has to correct."""

    request: PeriodRequest
    plan: PeriodPlan
    problems: tuple[RowProblem, ...]
    language: Language
    notices: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evenness:
    """How far the fullest and the emptiest are from the mean, as shares of it."""

    least: float
    most: float


def write_period_files(report: PeriodReport, out_dir: Path) -> None:
    """Write period.json, visits.csv, coverage.csv and missed.csv into a folder; each replaces the one before at once.

    In English the sheets have the keys of period.json, in other languages headings, weekdays and reasons in words;
    visits.csv is read back in either.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    language = report.language
    texts = {
        "visits.csv": render_sheet([_headings(_VISIT_COLUMNS, language), *_visit_rows(report)]),
        "coverage.csv": render_sheet([_headings(_COVERAGE_COLUMNS, language), *_coverage_rows(report.plan)]),
        "missed.csv": render_sheet([_headings(_MISSED_COLUMNS, language), *_missed_rows(report, _reason)]),
        "period.json": json.dumps(period_document(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n",
    }
    for name, text in texts.items():
        write_text(out_dir / name, text)


def _headings(columns: Sequence[str], language: Language) -> Sequence[str]:
    if language is Language.EN:
        return columns
    return [_HEADINGS[column].render(language) for column in columns]


def period_summary(report: PeriodReport) -> dict[str, Any]:
    """Return the figures of a period: counts, travel, working time and how evenly it is spread."""
    plan = report.plan
    days, weeks = day_evenness(plan), week_evenness(report.request, plan)
    return {
        "from": report.request.first_on.isoformat(),
        "weeks": report.request.week_count,
        "site_count": len(report.request.sites) - len(plan.unruled),
        "due_count": plan.visit_count + sum(one.count for one in plan.missed),
        "planned_count": plan.visit_count,
        "missed_count": sum(one.count for one in plan.missed),
        "late_count": len(plan.late),
        "kept_count": plan.kept_count,
        "moved_count": plan.moved_count,
        "travel_s": plan.travel_s,
        "travel_m": plan.travel_m,
        "working_s": sum(one.working_s for one in plan.workloads),
        "day_least_percent": round(100 * days.least, 1),
        "day_most_percent": round(100 * days.most, 1),
        "week_least_percent": round(100 * weeks.least, 1),
        "week_most_percent": round(100 * weeks.most, 1),
        "estimated": plan.is_estimate,
        "speeds": {mode: list(percents) for mode, percents in plan.speeds.items()},
        "problem_count": len(report.problems),
    }


def day_evenness(plan: PeriodPlan) -> Evenness:
    """Return how far one worker's day is from the mean of all days that are worked."""
    return _evenness([(one.working_s, 1) for one in plan.workloads])


def week_evenness(request: PeriodRequest, plan: PeriodPlan) -> Evenness:
    """Return how far one worker's week is from what as many mean days would be."""
    weeks: dict[tuple[WorkerId, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in plan.workloads:
        key = one.worker_id, (one.service_on - request.first_on).days // 7
        working_s, days = weeks[key]
        weeks[key] = working_s + one.working_s, days + 1
    return _evenness(list(weeks.values()))


def _evenness(loads: Sequence[tuple[int, int]]) -> Evenness:
    mean_s = sum(working_s for working_s, _ in loads) / max(1, sum(days for _, days in loads))
    shares = [working_s / (mean_s * days) - 1 for working_s, days in loads] if mean_s else []
    return Evenness(least=min(shares, default=0.0), most=max(shares, default=0.0))


def period_document(report: PeriodReport) -> dict[str, Any]:
    """Return a period as the document period.json holds, sentences in the report's language."""
    plan = report.plan
    return {
        "summary": period_summary(report),
        "timezone": report.request.zone.key,
        "road_source": plan.road_source,
        "days": _days(report),
        "coverage": [dict(zip(_COVERAGE_COLUMNS, row, strict=True)) for row in _coverage_rows(plan)],
        "missed": [dict(zip(_MISSED_COLUMNS, row, strict=True)) for row in _missed_rows(report, _code)],
        "late": [
            {"site": one.site_id, "due_by": one.due_by.isoformat(), "visit_on": _iso(one.visit_on)} for one in plan.late
        ],
        "workloads": [
            {"worker": one.worker_id, "date": one.service_on.isoformat(), "working_s": one.working_s}
            for one in plan.workloads
        ],
        "problems": row_problems(report.problems, report.language),
        "notices": row_problems(report.notices, report.language),
    }


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _days(report: PeriodReport) -> list[dict[str, Any]]:
    zone = report.request.zone
    return [
        {
            "date": day.service_on.isoformat(),
            "routes": [
                {
                    "worker": route.worker_id,
                    "start_at": local_iso(route.start_at, zone),
                    "end_at": local_iso(route.end_at, zone),
                    "travel_s": route.travel_s,
                    "travel_m": route.travel_m,
                    "visits": [
                        {"site": visit.job_id, "start_at": local_iso(visit.start_at, zone)}
                        for visit in route.planned_visits
                    ],
                }
                for route in day.routes
            ],
        }
        for day in report.plan.days
    ]


def _levels(report: PeriodReport) -> Mapping[SiteId, str]:
    rules = rule_of(report.request)
    return {site.id: rules[site.id].level or site.level for site in report.request.sites if site.id in rules}


def _visit_rows(report: PeriodReport) -> Iterable[tuple[object, ...]]:
    levels, zone = _levels(report), report.request.zone
    sites = {job_id_of(site): site for site in report.request.sites}
    for day in report.plan.days:
        on = day.service_on
        for route in day.routes:
            for number, visit in enumerate(route.planned_visits, start=1):
                site = sites[visit.job_id]
                moments = (visit.arrival_at, visit.start_at, visit.end_at)
                yield (
                    on.isoformat(),
                    WEEKDAYS[on.weekday()].render(report.language),
                    inert(route.worker_id),
                    number,
                    inert(site.id),
                    inert(site.name),
                    inert(levels[site.id]),
                    *(local_clock(moment, service_on=on, zone=zone) for moment in moments),
                    f"{visit.travel_s / 60:.1f}",
                    f"{visit.travel_m / 1000:.1f}",
                )


def _coverage_rows(plan: PeriodPlan) -> Iterable[tuple[object, ...]]:
    for one in plan.coverage:
        counts = (one.due_count, one.made_count, one.planned_count, one.missed_count, one.carried_count)
        yield one.week, one.first_on.isoformat(), inert(one.level), *counts


def _code(reason: MissedReason, _language: Language) -> str:
    return reason.value


def _reason(reason: MissedReason, language: Language) -> str:
    return reason.value if language is Language.EN else _REASONS[reason].render(language)


def _missed_rows(report: PeriodReport, tell: Callable[[MissedReason, Language], str]) -> Iterable[tuple[object, ...]]:
    levels, names = _levels(report), {site.id: site.name for site in report.request.sites}
    for one in report.plan.missed:
        yield (
            inert(one.site_id),
            inert(names[one.site_id]),
            inert(levels[one.site_id]),
            one.from_on.isoformat(),
            one.until_on.isoformat(),
            one.count,
            tell(one.reason, report.language),
            one.detail.render(report.language),
        )
