"""The fences of a company: all of them on a map, one and how it came to be so, drawn, changed, imported, exported."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from geo_engine.geofences import Geofence
from geo_engine.geofences.accuracies import list_outlooks
from geo_engine.geofences.files import FenceFormat, read_fences, render_fences
from geo_engine.geofences.importing import import_fences, sort_fences
from geo_engine.geofences.service import (
    add_fence,
    change_fence,
    find_changeable,
    list_fence_versions,
    list_fences,
    remove_fence,
)
from geo_engine.geofences.site_fences import get_site_radius_m
from geo_engine.geometry.crs import Crs
from geo_engine.ids import GeofenceId
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.tenancy import Act
from web.backgrounds import find_background_url
from web.fences.asked import read_crs, read_fence
from web.fences.data import fence_data, import_data, version_data
from web.fences.page_words import fence_words
from web.imports.asked import read_upload
from web.language import spoken
from web.people import me, my_rows
from web.requests import LARGEST_FILE_BYTES, read_number
from web.wiring import wiring

fences = Blueprint("fences", __name__, url_prefix="/fences")

_FILES = {
    FenceFormat.GEOJSON: ("fences.geojson", "application/geo+json"),
    FenceFormat.CSV: ("fences.csv", "text/csv"),
    FenceFormat.TRACCAR: ("fences.json", "application/json"),
}


@fences.get("")
def page() -> str:
    """Show the page; the fences themselves are asked for by its script."""
    me().access.team_limit(Act.SEE_SITES)
    with my_rows() as session:
        radius_m = get_site_radius_m(session)
    language = spoken()
    data = {
        "language": language.value,
        "words": {language.value: fence_words(language)},
        "background_url": find_background_url(),
        "list_url": url_for("fences.listed"),
        "one_url": url_for("fences.one"),
        "sites_url": url_for("passes.sites"),
        "radius_m": radius_m,
    }
    return render_template(
        "fences.html",
        fence_map=draw_map(),
        data=inert_json(data),
        may_change=me().access.grants.get(Act.CHANGE_SITES) is not None,
        formats=tuple(FenceFormat),
        systems=tuple(Crs),
        limit_bytes=LARGEST_FILE_BYTES,
    )


@fences.get("/list")
def listed() -> Response:
    """Tell the fences there are now."""
    with my_rows() as session:
        found = list_fences(session, by=me().access, at=wiring().now())
        changeable = find_changeable(session, found, by=me().access)
    return jsonify([fence_data(fence, may_change=fence.id in changeable) for fence in found])


@fences.get("/one")
def one() -> Response:
    """Tell how a fence is, and all it was."""
    fence_id = GeofenceId(request.args.get("id", ""))
    with my_rows() as session:
        versions = list_fence_versions(session, fence_id, by=me().access)
        changeable = find_changeable(session, [versions[0].fence], by=me().access)
        (outlook,) = list_outlooks(session, [versions[0].fence], at=wiring().now())
    return jsonify(version_data(versions, outlook, zone=me().zone, may_change=fence_id in changeable))


@fences.post("/save")
def save() -> Response:
    """Keep a fence as it was drawn: a new one, or the next version of the one that was seen."""
    wanted, seen = read_fence(request.form), read_number(request.form.get("seen"))
    by, now = me().access, wiring().now()
    with my_rows() as session:
        if seen is None:
            kept = add_fence(session, wanted, by=by, now=now)
        else:
            kept = change_fence(session, wanted, seen=seen, by=by, now=now)
    return jsonify(_own(kept))


@fences.post("/remove")
def remove() -> Response:
    """Take a fence away, as it was seen; the answer is what it was, so that it can be drawn again."""
    fence_id, seen = GeofenceId(request.form.get("id", "")), read_number(request.form.get("seen"))
    with my_rows() as session:
        removed = remove_fence(session, fence_id, seen=seen, by=me().access, now=wiring().now())
    return jsonify(_own(removed))


@fences.post("/import")
def take() -> Response:
    """Write the fences of a file, or tell first what that would be."""
    file = read_upload(request.files.get("file"))
    read = read_fences(file, crs=read_crs(request.form.get("crs", "")), repairs="repairs" in request.form)
    by = me().access
    with my_rows() as session:
        if "preview" in request.form:
            found = sort_fences(session, read, file=file.name, by=by)
        else:
            found = import_fences(session, read, file=file.name, by=by, now=wiring().now())
    return jsonify(import_data(found, spoken()))


@fences.get("/export")
def export() -> Response:
    """Send the fences that somebody drew as a file."""
    asked = request.args.get("format", "")
    form = FenceFormat(asked) if asked in FenceFormat else FenceFormat.GEOJSON
    with my_rows() as session:
        found = list_fences(session, by=me().access, at=wiring().now())
    text, _ = render_fences([fence for fence in found if not fence.is_automatic], form)
    name, kind = _FILES[form]
    return Response(text, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})


def _own(fence: Geofence) -> dict[str, Any]:
    return fence_data(fence, may_change=True)
