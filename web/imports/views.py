"""An import: the form, the draft that is looked at and corrected, and what is done with it."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo_engine.customers.addresses import AddressBook
from geo_engine.db.session import Session
from geo_engine.errors import GeoEngineError, InvalidInput, NotFound
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import ImportId
from geo_engine.imports import service
from geo_engine.imports.crs_hints import BuildingsWhenAsked, crs_sentence, find_crs_hint
from geo_engine.imports.model import ACT_OF, FileRead, ImportDraft, ImportKind
from geo_engine.imports.reading import read_file
from geo_engine.imports.seen import digest_of
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.roads import RoadChoice
from geo_engine.roads.service import NoRoadsChosen, get_choice
from geo_engine.tables import Table
from geo_engine.tables.read import read_table
from geo_engine.tenancy import Team
from geo_engine.tenancy.service import list_teams_within
from geo_engine.visits.claiming import claim_days_at
from web.answers import go
from web.errors import wants_json
from web.imports.asked import read_address_place, read_choices, read_crs, read_upload
from web.imports.columns import shown_rows
from web.imports.data import MAP_COUNT, map_data
from web.language import spoken
from web.people import me, my_rows
from web.requests import LARGEST_FILE_BYTES, read_position
from web.wiring import wiring

imports = Blueprint("imports", __name__, url_prefix="/imports")

_WRITTEN = "written"
_SHOWN_PROBLEMS, _SHOWN_ADDRESSES = 200, 100


@imports.get("")
def form() -> str:
    """Show what a file is sent with, chosen already where a link says so, and the files that wait."""
    return _form(request.args, refusal=None)


@imports.post("")
def send() -> AnyResponse | tuple[str, int]:
    """Keep a file until it was looked at; one that cannot be read at all is told of, and the form keeps its choices."""
    try:
        choices, file = read_choices(request.form), read_upload(request.files.get("file"))
        with my_rows() as rows:
            book = _address_book(_roads(rows))
        table = read_table(file)
        read_file(table, choices.kind, crs=choices.crs, book=book)
        with my_rows() as rows:
            draft_id = service.make_draft(rows, file, choices, by=me().access, now=wiring().now())
    except (InvalidInput, NotFound) as refused:
        if wants_json():
            raise
        return _form(request.form, refusal=refused), 422
    wiring().drafts.keep(draft_id, table)
    return go(url_for("imports.draft", draft_id=draft_id))


@imports.get("/<uuid:draft_id>")
def draft(draft_id: UUID) -> str:
    """Show what a file would write, what is wrong with it, and where its rows are."""
    found, read, roads = _read(draft_id)
    with my_rows() as rows:
        preview = service.preview_draft(rows, found, read, by=me().access)
    hint = find_crs_hint(read.written, declared=found.choices.crs, buildings=_buildings(roads))
    has_map = roads is not None and wiring().roads.get(roads).extract is not None
    drawn = url_for("dispatch.background", key=roads.key) if roads is not None and has_map else None
    return render_template(
        "import.html",
        draft=found,
        preview=preview,
        seen=digest_of(preview),
        table=shown_rows(preview, found.choices.kind, spoken()),
        ready_count=len(preview.rows),
        known_count=sum(row.id in preview.known_ids for row in preview.rows),
        problem_count=len({problem.line for problem in preview.problems}),
        shown_problems=preview.problems[:_SHOWN_PROBLEMS],
        doubtful_count=len({one.address.line for one in preview.doubtful}),
        shown_doubtful=preview.doubtful[:_SHOWN_ADDRESSES],
        map_count=MAP_COUNT,
        has_map=has_map,
        plan_map=draw_map(),
        systems=tuple(Crs),
        crs_hint=hint,
        crs_sentence=None if hint is None else crs_sentence(hint),
        data=inert_json(map_data(preview, language=spoken(), background_url=drawn)),
    )


@imports.post("/<uuid:draft_id>/place")
def place(draft_id: UUID) -> Response:
    """Say where an address is."""
    return _place(draft_id, read_position(request.form))


@imports.post("/<uuid:draft_id>/unplace")
def unplace(draft_id: UUID) -> Response:
    """Take back where an address is."""
    return _place(draft_id, None)


@imports.post("/<uuid:draft_id>/crs")
def crs(draft_id: UUID) -> Response:
    """Say what the coordinates of a file are written in, other than it was sent."""
    chosen = read_crs(request.form)
    with my_rows() as rows:
        found = service.get_draft(rows, ImportId(draft_id), by=me().access, now=wiring().now())
        service.change_crs(rows, found, chosen, by=me().access)
    return go(url_for("imports.draft", draft_id=draft_id))


@imports.post("/<uuid:draft_id>/confirm")
def confirm(draft_id: UUID) -> Response:
    """Write the rows that are ready, if they are still as they were shown."""
    found, read, _ = _read(draft_id)
    seen = request.form.get("seen", "")
    now = wiring().now()
    with my_rows() as rows:
        written = service.confirm_draft(rows, found, read, seen=seen, by=me().access, now=now)
        claim_days_at(rows, written.newly_fenced, now=now)
    wiring().drafts.forget(found.id)
    due_on = found.choices.due_on
    session[_WRITTEN] = {
        "kind": found.choices.kind.value,
        "count": len(written.ids),
        "due_on": None if due_on is None else due_on.isoformat(),
        "team": found.choices.team_id,
        "crs": found.choices.crs.label,
    }
    return go(url_for("imports.form"))


@imports.post("/<uuid:draft_id>/discard")
def discard(draft_id: UUID) -> Response:
    """Throw a file away; nothing of it was written."""
    with my_rows() as rows:
        service.discard_draft(rows, ImportId(draft_id), by=me().access)
    wiring().drafts.forget(ImportId(draft_id))
    return go(url_for("imports.form"))


def _form(chosen: Mapping[str, str], *, refusal: GeoEngineError | None) -> str:
    with my_rows() as rows:
        kinds = [kind for kind in ImportKind if ACT_OF[kind] in me().access.grants]
        teams: dict[str, Team] = {
            team.id: team for kind in kinds for team in list_teams_within(rows, ACT_OF[kind], by=me().access)
        }
        service.delete_old_drafts(rows, now=wiring().now())
        waiting = service.list_my_drafts(rows, by=me().access, now=wiring().now())
    return render_template(
        "imports.html",
        kinds=kinds,
        systems=tuple(Crs),
        teams=teams.values(),
        waiting=waiting,
        chosen=chosen,
        refusal=refusal,
        written=session.pop(_WRITTEN, None),
        limit_bytes=LARGEST_FILE_BYTES,
    )


def _place(draft_id: UUID, position: Position | None) -> Response:
    at = read_address_place(request.form)
    found, read, _ = _read(draft_id)
    with my_rows() as rows:
        service.place_address(rows, found, read, at, position, by=me().access)
    return go(url_for("imports.draft", draft_id=draft_id))


def _read(draft_id: UUID) -> tuple[ImportDraft, FileRead, RoadChoice | None]:
    """Return a draft, what its file holds, and the roads whose addresses it was read with."""
    with my_rows() as rows:
        found = service.get_draft(rows, ImportId(draft_id), by=me().access, now=wiring().now())
        roads = _roads(rows)
    book, key = _address_book(roads), None if roads is None else roads.key
    return found, wiring().drafts.read(found, _read_table, roads=key, book=book), roads


def _read_table(draft: ImportDraft) -> Table:
    with my_rows() as rows:
        file = service.get_file(rows, draft, by=me().access)
    return read_table(file)


def _roads(rows: Session) -> RoadChoice | None:
    try:
        return get_choice(rows)
    except NoRoadsChosen:
        return None


def _buildings(roads: RoadChoice | None) -> BuildingsWhenAsked | None:
    return None if roads is None else wiring().roads.buildings(roads)


def _address_book(roads: RoadChoice | None) -> AddressBook | None:
    return None if roads is None else wiring().roads.address_book(roads)
