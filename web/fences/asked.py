"""How the forms of the page of fences are read: a fence as it was drawn, and a file of fences."""

from collections.abc import Callable

import shapely
from shapely.errors import GEOSException
from werkzeug.datastructures import MultiDict

from geo_engine.errors import InvalidInput
from geo_engine.geofences import Geofence, Schedule, Shape
from geo_engine.geofences.files.fields import parse_weekdays
from geo_engine.geofences.model import UnusableFence
from geo_engine.geofences.shapes import Drawn, shape_of
from geo_engine.geometry.crs import Crs
from geo_engine.ids import GeofenceId, SiteId, parse_id, parse_name
from geo_engine.tables.parsers import parse_number, parse_whole, parse_windows
from geo_engine.timespan import DAY_S
from geo_engine.words import Message

_LONGEST_M = 1e9


def read_fence(form: MultiDict[str, str]) -> Geofence:
    """Return a fence as the page's form says it; without an id it goes by its name.

    Raises
    ------
    InvalidInput
        When something of it is none.
    """
    name = parse_name(form.get("name", ""))
    return Geofence(
        id=GeofenceId(parse_id(form.get("id") or name)),
        name=name,
        shape=_shape(form),
        site_id=_read(form, "site_id", lambda text: SiteId(parse_id(text))),
        schedule=Schedule(
            windows=parse_windows(form.get("windows", "")),
            weekdays=parse_weekdays(";".join(form.getlist("weekday"))),
        ),
        dwell_s=_read(form, "dwell_s", lambda text: parse_whole(text, at_most=DAY_S)),
    )


def read_crs(text: str) -> Crs:
    """Return what the coordinates of a file are written in.

    Raises
    ------
    InvalidInput
        When it is none of those there are.
    """
    if text not in Crs:
        raise InvalidInput(Message("Choose how the file's coordinates are written."))
    return Crs(text)


def _shape(form: MultiDict[str, str]) -> Shape:
    try:
        geometry = shapely.from_geojson(form.get("geometry", ""))
    except GEOSException:
        raise UnusableFence(Message("Draw the fence on the map, or fill in its coordinates.")) from None
    radius_m, width_m = (_read(form, name, _length) for name in ("radius_m", "width_m"))
    return shape_of(Drawn(geometry=geometry, radius_m=radius_m, width_m=width_m), repairs="repairs" in form)


def _length(text: str) -> float:
    return parse_number(text, at_least=0, at_most=_LONGEST_M)


def _read[T](form: MultiDict[str, str], name: str, parse: Callable[[str], T]) -> T | None:
    text = form.get(name, "")
    return parse(text) if text else None
