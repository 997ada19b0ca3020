"""How a period's forecast is kept as JSON, and read again."""

from datetime import date
from typing import Any

from geo_engine.ids import SiteId
from geo_engine.planning.periods.kept import PeriodForecast
from geo_engine.planning.periods.model import Coverage, Late, Missed, MissedReason, PeriodPlan
from geo_engine.planning.versions.inputs import read_learned, read_speeds, times_document
from geo_engine.words import message_document, read_message


def forecast_document(plan: PeriodPlan) -> dict[str, Any]:
    """Return what a plan covers and what not, and what it was made with."""
    return times_document(plan.learned, plan.speeds) | {
        "coverage": [[one.week, one.first_on.isoformat(), one.level, *_counts(one)] for one in plan.coverage],
        "missed": [
            {
                "site_id": one.site_id,
                "from_on": one.from_on.isoformat(),
                "until_on": one.until_on.isoformat(),
                "count": one.count,
                "reason": one.reason.value,
                "detail": message_document(one.detail),
            }
            for one in plan.missed
        ],
        "late": [
            [one.site_id, one.due_by.isoformat(), None if one.visit_on is None else one.visit_on.isoformat()]
            for one in plan.late
        ],
        "unruled": list(plan.unruled),
        "travel_s": plan.travel_s,
        "travel_m": plan.travel_m,
        "service_s": plan.service_s,
    }


def _counts(one: Coverage) -> tuple[int, int, int, int]:
    return one.made_count, one.planned_count, one.missed_count, one.carried_count


def read_forecast(document: Any) -> PeriodForecast | None:  # noqa: ANN401 - a column of JSON
    """Return what `forecast_document` wrote; None when there is none."""
    if document is None:
        return None
    return PeriodForecast(
        coverage=tuple(_coverage(*row) for row in document["coverage"]),
        missed=tuple(_missed(one) for one in document["missed"]),
        late=tuple(
            Late(site_id=SiteId(site), due_by=date.fromisoformat(by), visit_on=on and date.fromisoformat(on))
            for site, by, on in document["late"]
        ),
        unruled=tuple(map(SiteId, document["unruled"])),
        travel_s=document["travel_s"],
        travel_m=document["travel_m"],
        service_s=document.get("service_s", 0),
        learned=read_learned(document),
        speeds=read_speeds(document),
    )


def _coverage(week: int, first: str, level: str, *counts: int) -> Coverage:
    made, planned, missed, carried = counts
    return Coverage(
        week=week,
        first_on=date.fromisoformat(first),
        level=level,
        made_count=made,
        planned_count=planned,
        missed_count=missed,
        carried_count=carried,
    )


def _missed(one: Any) -> Missed:  # noqa: ANN401 - of the JSON
    return Missed(
        site_id=SiteId(one["site_id"]),
        from_on=date.fromisoformat(one["from_on"]),
        until_on=date.fromisoformat(one["until_on"]),
        count=one["count"],
        reason=MissedReason(one["reason"]),
        detail=read_message(one["detail"]),
    )
