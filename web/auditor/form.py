"""The page where looks begin: a worker's day, or whoever passed a place, each with what it is for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask import render_template

from geo_engine.errors import GeoEngineError
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.tenancy import Act, Scope
from geo_engine.tracks.looks import list_watched
from geo_engine.words import Message
from web.auditor.data import search_data
from web.auditor.told import FoundPass
from web.backgrounds import find_background_url
from web.language import spoken
from web.people import me, my_rows
from web.wiring import wiring

RADII_M = (50, 100, 200, 500, 1_000, 2_000, 5_000)
_PURPOSES = (
    Message("Complaint of a customer"),
    Message("Question about hours or kilometres"),
    Message("Accident or safety"),
    Message("Lost or stolen device"),
    Message("Asked for by the worker"),
)
_MINUTE = timedelta(minutes=1)


def show_form(
    *,
    day: Mapping[str, str] | None = None,
    day_refusal: GeoEngineError | None = None,
    search: Mapping[str, str] | None = None,
    search_refusal: GeoEngineError | None = None,
    found: Sequence[FoundPass] | None = None,
) -> str:
    """Return the page, with what was chosen already, why it was refused, and who was found.

    Parameters
    ----------
    found
        None before anybody was looked for.
    """
    access = me().access
    with my_rows() as session:
        workers = list_watched(session, by=access)
    return render_template(
        "tracks.html",
        workers=workers,
        day={"date": clock_now().date().isoformat(), **(day or {})},
        day_refusal=day_refusal,
        search={**_today_so_far(), **(search or {})},
        search_refusal=search_refusal,
        found=found,
        purposes=purposes(),
        today=clock_now().date(),
        radii_m=RADII_M,
        may_see_sites=access.grants.get(Act.SEE_SITES) not in {None, Scope.OWN},
        place_map=draw_map(),
        data=inert_json(search_data(workers, language=spoken(), background_url=find_background_url())),
    )


def purposes() -> list[str]:
    """Return what people look at tracks for, to choose from; any other can be written."""
    return [purpose.render(spoken()) for purpose in _PURPOSES]


def clock_now() -> datetime:
    """Return what the company's clocks show."""
    return wiring().now().astimezone(me().zone)


def clock_text(moment: datetime) -> str:
    """Return a moment as a field for clock times of the company holds it."""
    return moment.astimezone(me().zone).strftime("%Y-%m-%dT%H:%M")


def _today_so_far() -> Mapping[str, str]:
    now = clock_now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"radius_m": "100", "from": clock_text(midnight), "until": clock_text(now + _MINUTE)}
