"""Use cases of imports: a file becomes a draft, the draft is looked at and corrected, then written or discarded."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast
from uuid import uuid4

from geo_engine.customers import Site
from geo_engine.customers import store as sites
from geo_engine.customers.service import import_sites
from geo_engine.db.session import Session
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import ImportId, MemberId, SiteId, WorkerId
from geo_engine.imports import store
from geo_engine.imports.model import (
    ACT_OF,
    KEPT_FOR,
    MOST_WAITING,
    DraftChanged,
    DraftNotFound,
    FileRead,
    ImportChoices,
    ImportDraft,
    ImportKind,
    NoSuchAddress,
    NothingToWrite,
    Preview,
    Row,
    TooManyDrafts,
    WaitingDraft,
    Written,
)
from geo_engine.imports.seen import digest_of
from geo_engine.tables import TableFile
from geo_engine.tables.places import UnsureAddress
from geo_engine.tenancy import Access, Subject
from geo_engine.tenancy.imports import RowSource, SortedRows, sort_rows
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.tenancy.store import lock_imports, require_teams
from geo_engine.workforce import Worker
from geo_engine.workforce import store as workers
from geo_engine.workforce.service import import_workers

SHOWN_COUNT = 50
"""How many rows of a preview are compared with what is known."""


def write_rows(
    session: Session, read: FileRead, *, source: RowSource, due_on: date | None, by: Access, now: datetime
) -> Written:
    """Write the rows of a file, new or known; sites have a fence of their own then.

    Raises
    ------
    NotAllowed
        As `import_sites` and `import_workers`.
    """
    if read.kind is ImportKind.SITES:
        of_sites = import_sites(
            session, cast("Sequence[Site]", read.rows), source=source, due_on=due_on, by=by, now=now
        )
        newly_fenced = refresh_site_fences(session, now=now) if of_sites.site_ids else ()
        return Written(ids=of_sites.site_ids, problems=of_sites.problems, newly_fenced=newly_fenced)
    of_workers = import_workers(session, cast("Sequence[Worker]", read.rows), source=source, by=by, now=now)
    return Written(ids=of_workers.worker_ids, problems=of_workers.problems)


def make_draft(session: Session, file: TableFile, choices: ImportChoices, *, by: Access, now: datetime) -> ImportId:
    """Keep a file until its author has looked at it.

    Raises
    ------
    TooManyDrafts
        When as many files of the actor wait as may.
    TeamNotFound
        When there is no such team.
    NotAllowed
        When the actor may import nothing of the kind, or not into the team.
    """
    author = _require_author(choices, by=by)
    if choices.team_id is not None:
        require_teams(session, [choices.team_id])
    if len(store.list_drafts(session, author=author, since=now - KEPT_FOR)) >= MOST_WAITING:
        raise TooManyDrafts

    draft = ImportDraft(id=ImportId(uuid4()), file_name=file.name, choices=choices, made_by=author, made_at=now)
    store.add_draft(session, draft, file.content)
    return draft.id


def delete_old_drafts(session: Session, *, now: datetime) -> None:
    """Delete the files of a company that nobody came back to."""
    store.delete_older_drafts(session, now - KEPT_FOR)


def list_my_drafts(session: Session, *, by: Access, now: datetime) -> tuple[WaitingDraft, ...]:
    """Return the actor's drafts, the newest first."""
    return () if by.member_id is None else store.list_drafts(session, author=by.member_id, since=now - KEPT_FOR)


def get_draft(session: Session, draft_id: ImportId, *, by: Access, now: datetime) -> ImportDraft:
    """Return a draft of the actor's own; one that waited too long is none.

    Raises
    ------
    DraftNotFound
        When the actor has no such draft.
    NotAllowed
        When the actor may not import it any more.
    """
    if by.member_id is None:
        raise DraftNotFound
    draft = store.get_draft(session, draft_id, author=by.member_id, since=now - KEPT_FOR)
    _require_author(draft.choices, by=by)
    return draft


def get_file(session: Session, draft: ImportDraft, *, by: Access) -> TableFile:
    """Return the file of a draft as it was sent.

    Raises
    ------
    DraftNotFound
        When it was confirmed or discarded before.
    NotAllowed
        When the actor may not import it any more.
    """
    return store.get_file(session, draft.id, author=_require_author(draft.choices, by=by))


def preview_draft(session: Session, draft: ImportDraft, read: FileRead, *, by: Access) -> Preview:
    """Return what a draft would write if it were confirmed now.

    Parameters
    ----------
    read
        What its file holds.

    Raises
    ------
    NotAllowed
        When the actor may import nothing of the kind.
    """
    found = _sort(session, draft, read, by=by)
    shown = [row.id for row in found.rows[:SHOWN_COUNT] if row.id in found.known_ids]
    problems = (*read.problems_to_correct, *found.problems)
    return Preview(
        rows=found.rows,
        before=_known(session, read.kind, shown),
        known_ids=found.known_ids,
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        doubtful=read.doubtful,
        placed=read.placed,
        notices=read.notices,
    )


def place_address(
    session: Session, draft: ImportDraft, read: FileRead, at: tuple[int, str], position: Position | None, *, by: Access
) -> None:
    """Say where an address of a draft is, or take that back.

    Parameters
    ----------
    read
        What its file holds.
    at
        The line of its row and the known name of its column.
    position
        WGS 84; None takes back what was said.

    Raises
    ------
    NoSuchAddress
        When there is no address that a person has to place, or has placed.
    DraftNotFound
        When it was confirmed or discarded before.
    NotAllowed
        When the actor may not import it any more.
    """
    author = _require_author(draft.choices, by=by)
    if at not in {(one.line, one.column) for one in _placeable(read)}:
        raise NoSuchAddress(at[0])
    _, before = store.lock_decisions(session, draft.id, author=author)
    kept = {key: place for key, place in before.items() if key != at}

    store.save_placed(session, draft.id, kept if position is None else kept | {at: position}, author=author)


def change_crs(session: Session, draft: ImportDraft, crs: Crs, *, by: Access) -> None:
    """Have the file of a draft read in another reference system; places given by hand stay where they are.

    Raises
    ------
    DraftNotFound
        When it was confirmed or discarded before.
    NotAllowed
        When the actor may not import it any more.
    """
    author = _require_author(draft.choices, by=by)
    store.lock_decisions(session, draft.id, author=author)

    store.save_crs(session, draft.id, crs, author=author)


def confirm_draft(
    session: Session, draft: ImportDraft, read: FileRead, *, seen: str, by: Access, now: datetime
) -> Written:
    """Write every row of a draft that can be written, once and as its author saw it; the draft is gone then.

    Parameters
    ----------
    read
        What its file holds with its addresses as they are placed in `draft`.
    seen
        The `digest_of` the preview that the author looked at.

    Raises
    ------
    DraftNotFound
        When it was confirmed or discarded before.
    DraftChanged
        When anything else would be written than what was seen, or over something else.
    NothingToWrite
        When no row can be written.
    NotAllowed
        When the actor may import nothing of the kind.
    """
    author = _require_author(draft.choices, by=by)
    lock_imports(session)
    if store.lock_decisions(session, draft.id, author=author) != (draft.choices.crs, draft.placed):
        raise DraftChanged
    preview = preview_draft(session, draft, read, by=by)
    if digest_of(preview) != seen:
        raise DraftChanged
    if not preview.rows:
        raise NothingToWrite

    store.delete_draft(session, draft.id, author=author)
    ready = FileRead(kind=read.kind, file=read.file, rows=preview.rows, problems=(), doubtful=(), placed=(), written=())
    return write_rows(session, ready, source=_source(draft), due_on=draft.choices.due_on, by=by, now=now)


def discard_draft(session: Session, draft_id: ImportId, *, by: Access) -> None:
    """Delete a draft of the actor's own.

    Raises
    ------
    DraftNotFound
        When the actor has no such draft.
    """
    if by.member_id is None or not store.delete_draft(session, draft_id, author=by.member_id):
        raise DraftNotFound


def _require_author(choices: ImportChoices, *, by: Access) -> MemberId:
    """Return who imports, who may import the kind into the team; the operator keeps no drafts."""
    act = ACT_OF[choices.kind]
    by.team_limit(act)
    if choices.team_id is not None:
        by.require(act, Subject(team_id=choices.team_id))
    if by.member_id is None:
        raise NotAllowed(act)
    return by.member_id


def _sort(session: Session, draft: ImportDraft, read: FileRead, *, by: Access) -> SortedRows[Row]:
    find = sites.find_teams if read.kind is ImportKind.SITES else workers.find_teams
    return sort_rows(session, read.rows, find, source=_source(draft), by=by, act=ACT_OF[read.kind])


def _source(draft: ImportDraft) -> RowSource:
    return RowSource(file=draft.file_name, team_id=draft.choices.team_id)


def _known(session: Session, kind: ImportKind, ids: Iterable[str]) -> Mapping[str, Row]:
    found: Iterable[Row] = (
        sites.get_sites(session, map(SiteId, ids))
        if kind is ImportKind.SITES
        else workers.get_workers(session, map(WorkerId, ids))
    )
    return {row.id: row for row in found}


def _placeable(read: FileRead) -> list[UnsureAddress]:
    return [*(one.address for one in read.doubtful), *read.placed]
