"""Who passed a place: asked with a purpose, written down each time it is answered, with links to the moments."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo_engine.customers.service import find_sites
from geo_engine.errors import InvalidInput
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.looking import list_passes, require_searchable
from geo_engine.tracks.looks import read_purpose
from geo_engine.words import Message
from web.auditor.form import RADII_M, clock_text, show_form
from web.auditor.tokens import Said, Search, find_search, sign_search
from web.auditor.told import found_passes
from web.people import me, my_rows
from web.requests import read_moment, read_position, refuse_ahead
from web.wiring import wiring

passes = Blueprint("passes", __name__, url_prefix="/tracks")


@passes.post("/passes")
def ask() -> AnyResponse | tuple[str, int]:
    """Take a place, a span and a purpose, and lead to the answer; what is missing is told beside the choices."""
    try:
        search = _read_search(request.form)
        purpose = read_purpose(request.form.get("purpose", ""), is_own=False)
    except InvalidInput as refused:
        return show_form(search=request.form, search_refusal=refused), 422
    return redirect(url_for("passes.found", said=sign_search(search, Said.now(purpose or ""))), code=303)


@passes.get("/passes")
def found() -> str:
    """Show who passed, which is written down; without a purpose that was said, ask for it."""
    refuse_ahead()
    asked = find_search(request.args.get("said", ""))
    if asked is None:
        return show_form()
    search, said = asked
    if not said.is_fresh:
        return show_form(search=_fields(search, said.purpose))
    with my_rows() as session:
        near = list_passes(
            session,
            search.place,
            radius_m=search.radius_m,
            span=search.span,
            purpose=said.purpose,
            by=me().access,
            now=wiring().now(),
        )
    return show_form(search=_fields(search, said.purpose), found=found_passes(near, search.place, said))


@passes.get("/sites")
def sites() -> Response:
    """Tell which sites hold a text in id or name, so that a place can be chosen by it."""
    with my_rows() as session:
        fitting = find_sites(session, request.args.get("q", "")[:200], by=me().access)
    return jsonify(
        [
            {"value": site.id, "text": site.name or site.id, "note": f"{site.id} {site.address}".strip()}
            | {"lon": site.position.lon, "lat": site.position.lat}
            for site in fitting
        ]
    )


def _read_search(form: Mapping[str, str]) -> Search:
    place = read_position(form)
    radius = form.get("radius_m", "")
    if radius not in {str(one) for one in RADII_M}:
        raise InvalidInput(Message("Choose one of the distances."))
    start_at, end_at = (read_moment(form.get(name), me().zone) for name in ("from", "until"))
    if end_at <= start_at:
        raise InvalidInput(Message("“Until” must be later than “From”."))
    search = Search(place=place, radius_m=float(radius), span=TimeSpan(start_at=start_at, end_at=end_at))
    require_searchable(search.radius_m, search.span, by=me().access)
    return search


def _fields(search: Search, purpose: str) -> Mapping[str, str]:
    """Return a search as the form holds it."""
    return {
        "lon": f"{search.place.lon:.6f}",
        "lat": f"{search.place.lat:.6f}",
        "radius_m": str(round(search.radius_m)),
        "from": clock_text(search.span.start_at),
        "until": clock_text(search.span.end_at),
        "purpose": purpose,
    }
