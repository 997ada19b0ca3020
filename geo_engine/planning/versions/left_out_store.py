"""Rows of what a plan leaves out: why, in words that are kept, and what would make room."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from geo_engine.db.session import Session
from geo_engine.ids import JobId
from geo_engine.planning.day import DayPlan
from geo_engine.planning.explain.offers import WhyNot
from geo_engine.planning.model import Unassigned, UnassignedReason
from geo_engine.planning.versions.inputs import Names, read_sentence, read_why_not, sentence_document, why_not_document
from geo_engine.planning.versions.rows import UnassignedRow


def add_left_out(session: Session, plan_id: UUID, day_plan: DayPlan) -> None:
    """Write what a plan leaves out, in its order."""
    values: list[dict[str, Any]] = [
        {
            "plan_id": plan_id,
            "job_id": left.job_id,
            "site_id": day_plan.sites[left.job_id].id,
            "number": number,
            "reason": left.reason.value,
            "detail": sentence_document(left.detail) | why_not_document(day_plan.why_nots.get(left.job_id)),
        }
        for number, left in enumerate(day_plan.plan.unassigned, start=1)
    ]
    if values:
        session.execute(insert(UnassignedRow), values)


def list_left_out(session: Session, plan_id: UUID, names: Names) -> tuple[tuple[Unassigned, WhyNot | None], ...]:
    """Return what a plan leaves out, in its order; None beside what was not looked into."""
    rows = session.scalars(select(UnassignedRow).where(UnassignedRow.plan_id == plan_id).order_by(UnassignedRow.number))
    return tuple(
        (
            Unassigned(
                job_id=JobId(row.job_id), reason=UnassignedReason(row.reason), detail=read_sentence(row.detail, names)
            ),
            read_why_not(row.detail),
        )
        for row in rows
    )
