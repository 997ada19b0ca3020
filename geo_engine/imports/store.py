"""Rows of drafts, each its author's alone."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Uuid, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.base import Code, Document, TenantRow, tenant_key
from geo_engine.db.session import Session
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import ImportId, MemberId, TeamId
from geo_engine.imports.model import DraftNotFound, ImportChoices, ImportDraft, ImportKind, WaitingDraft
from geo_engine.tables import TableFile
from geo_engine.tables.places import PlacedByHand


class ImportDraftRow(TenantRow):
    """A file that was sent, and what its author has decided about it so far."""

    __tablename__ = "import_draft"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["team_id"], "team"),
        tenant_key(["made_by"], "member", on_delete="CASCADE"),
        CheckConstraint("kind in ('sites', 'workers')", name="kind"),
        Index(None, "tenant_id", "made_at"),
        Index(None, "tenant_id", "made_by"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    crs: Mapped[str]
    team_id: Mapped[Code | None]
    due_on: Mapped[date | None]
    placed: Mapped[Document]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]


def add_draft(session: Session, draft: ImportDraft, content: bytes) -> None:
    """Write a new draft, and what is in its file."""
    choices = draft.choices
    row = ImportDraftRow(
        id=draft.id,
        kind=choices.kind.value,
        file_name=draft.file_name,
        content=content,
        crs=choices.crs.value,
        team_id=choices.team_id,
        due_on=choices.due_on,
        placed=_placed_document(draft.placed),
        made_by=draft.made_by,
        made_at=draft.made_at,
    )
    session.add(row)
    session.flush()


def get_draft(session: Session, draft_id: ImportId, *, author: MemberId, since: datetime) -> ImportDraft:
    """Return a draft that an author made since a moment.

    Raises
    ------
    DraftNotFound
        When the author has no such draft.
    """
    row = session.scalar(select(ImportDraftRow).where(*_is(draft_id, author), ImportDraftRow.made_at >= since))
    if row is None:
        raise DraftNotFound
    return _draft(row)


def get_file(session: Session, draft_id: ImportId, *, author: MemberId) -> TableFile:
    """Return the file of a draft of an author.

    Raises
    ------
    DraftNotFound
        When the author has no such draft.
    """
    query = select(ImportDraftRow.file_name, ImportDraftRow.content).where(*_is(draft_id, author))
    found = session.execute(query).one_or_none()
    if found is None:
        raise DraftNotFound
    name, content = found
    return TableFile(name=name, content=content)


def list_drafts(session: Session, *, author: MemberId, since: datetime) -> tuple[WaitingDraft, ...]:
    """Return the drafts an author made since a moment without what is in their files, the newest first."""
    row = ImportDraftRow
    query = select(row.id, row.kind, row.file_name, row.made_at).where(row.made_by == author, row.made_at >= since)
    found = session.execute(query.order_by(row.made_at.desc(), row.id))
    return tuple(
        WaitingDraft(id=ImportId(draft_id), kind=ImportKind(kind), file_name=name, made_at=made_at)
        for draft_id, kind, name, made_at in found
    )


def save_placed(session: Session, draft_id: ImportId, placed: PlacedByHand, *, author: MemberId) -> None:
    """Write where the author placed addresses, all of them."""
    statement = update(ImportDraftRow).where(*_is(draft_id, author))
    session.execute(statement.values(placed=_placed_document(placed)))


def save_crs(session: Session, draft_id: ImportId, crs: Crs, *, author: MemberId) -> None:
    """Write what the file's coordinates are written in."""
    session.execute(update(ImportDraftRow).where(*_is(draft_id, author)).values(crs=crs.value))


def lock_decisions(session: Session, draft_id: ImportId, *, author: MemberId) -> tuple[Crs, PlacedByHand]:
    """Return how the author wants the coordinates read and where addresses are; nobody changes it meanwhile.

    Raises
    ------
    DraftNotFound
        When the author has no such draft.
    """
    query = select(ImportDraftRow.crs, ImportDraftRow.placed).where(*_is(draft_id, author)).with_for_update()
    found = session.execute(query).one_or_none()
    if found is None:
        raise DraftNotFound
    return Crs(found.crs), _read_placed(found.placed)


def delete_draft(session: Session, draft_id: ImportId, *, author: MemberId) -> bool:
    """Delete a draft; False when the author has none such."""
    statement = delete(ImportDraftRow).where(*_is(draft_id, author))
    return session.scalar(statement.returning(ImportDraftRow.id)) is not None


def delete_older_drafts(session: Session, before: datetime) -> None:
    """Delete the drafts of the company that were made before a moment."""
    session.execute(delete(ImportDraftRow).where(ImportDraftRow.made_at < before))


def _is(draft_id: ImportId, author: MemberId) -> tuple[Any, ...]:
    return ImportDraftRow.id == draft_id, ImportDraftRow.made_by == author


def _draft(row: ImportDraftRow) -> ImportDraft:
    return ImportDraft(
        id=ImportId(row.id),
        file_name=row.file_name,
        choices=ImportChoices(
            kind=ImportKind(row.kind),
            crs=Crs(row.crs),
            team_id=None if row.team_id is None else TeamId(row.team_id),
            due_on=row.due_on,
        ),
        placed=_read_placed(row.placed),
        made_by=MemberId(row.made_by),
        made_at=row.made_at,
    )


def _placed_document(placed: PlacedByHand) -> dict[str, dict[str, list[float]]]:
    document: dict[str, dict[str, list[float]]] = {}
    for (line, column), position in placed.items():
        document.setdefault(str(line), {})[column] = [position.lon, position.lat]
    return document


def _read_placed(document: Mapping[str, Mapping[str, list[float]]]) -> PlacedByHand:
    return {
        (int(line), column): Position(*lon_lat)
        for line, columns in document.items()
        for column, lon_lat in columns.items()
    }
