"""`geo-engine fences add`: one fence, drawn by its figures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import shapely

from geo_engine.cli.fence_lines import echo_fences
from geo_engine.cli.tenants import OpenTenant, now, open_tenant, tenant_argument
from geo_engine.customers.model import SiteUnknown
from geo_engine.customers.service import find_sites
from geo_engine.errors import InvalidInput
from geo_engine.geofences import Geofence, Schedule, Shape
from geo_engine.geofences.accuracies import list_outlooks
from geo_engine.geofences.files.fields import parse_weekdays
from geo_engine.geofences.files.reading import read_wkt
from geo_engine.geofences.outlines import find_outline
from geo_engine.geofences.service import add_fence
from geo_engine.geofences.shapes import Drawn, shape_of
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, SiteId, parse_id
from geo_engine.tables.parsers import parse_windows
from geo_engine.tenancy import OPERATOR
from geo_engine.timespan import DAY_S
from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the shape is made of, as the options say."""

    place: tuple[float, float] | None
    radius_m: float | None
    width_m: float | None
    wkt: str | None
    building: Path | None


@click.command()
@tenant_argument
@click.argument("fence", metavar="FENCE")
@click.option("--at", "place", type=(float, float), metavar="LON LAT", help="Its centre, or where its building is.")
@click.option("--site", "site", help="Whose fence it is; it is around the site unless said otherwise.")
@click.option("--radius-m", type=float, help="Of a circle.")
@click.option("--wkt", help="An area, or a line with --width-m: POLYGON ((lon lat, …)).")
@click.option("--width-m", type=float, help="Of a line, from edge to edge.")
@click.option("--building", type=click.Path(path_type=Path), help="An extract: the outline of the building there.")
@click.option("--name", help="What people read; FENCE unless given.")
@click.option("--windows", default="", help="Hours in which it counts, such as 08:00-12:00;13:00-18:00.")
@click.option("--weekdays", default="1-7", show_default=True, help="Days on which they begin; 1 is Monday.")
@click.option("--dwell-s", type=click.IntRange(0, DAY_S), help="How long a stay on it is a dwell.")
@click.option("--since-ever", is_flag=True, help="If it belongs to no site, have it count for the past as well.")
def command(
    code: str,
    fence: str,
    *,
    site: str | None,
    name: str | None,
    windows: str,
    weekdays: str,
    dwell_s: int | None,
    since_ever: bool,
    **drawn: Any,  # noqa: ANN401 - click's, as `_Asked` has it
) -> None:
    """Draw FENCE for TENANT, valid from now on, and print it: a circle, a shape in WKT, or a building's outline."""
    schedule = Schedule(windows=parse_windows(windows), weekdays=parse_weekdays(weekdays))
    site_id = None if site is None else SiteId(parse_id(site))
    with open_tenant(code) as tenant:
        wanted = Geofence(
            id=GeofenceId(parse_id(fence)),
            name=name or fence,
            shape=_shape(tenant, site_id, _Asked(**drawn)),
            site_id=site_id,
            schedule=schedule,
            dwell_s=dwell_s,
        )
        with tenant.transaction() as session:
            moment = now()
            kept = add_fence(session, wanted, by=OPERATOR, now=moment, since_ever=since_ever)
            outlooks = list_outlooks(session, [kept], at=moment)
    echo_fences([kept], outlooks)


def _shape(tenant: OpenTenant, site_id: SiteId | None, asked: _Asked) -> Shape:
    if asked.wkt is not None:
        return shape_of(Drawn(geometry=read_wkt(asked.wkt), radius_m=asked.radius_m, width_m=asked.width_m))
    place = _place(tenant, site_id, asked)
    if asked.building is not None:
        return find_outline(asked.building, place).shape
    return shape_of(Drawn(geometry=shapely.Point(place.lon, place.lat), radius_m=asked.radius_m))


def _place(tenant: OpenTenant, site_id: SiteId | None, asked: _Asked) -> Position:
    if asked.place is not None:
        return Position(*asked.place)
    if site_id is None:
        raise InvalidInput(Message("Say where the fence is: --at, --site or --wkt."))
    with tenant.transaction() as session:
        found = [site for site in find_sites(session, site_id, by=OPERATOR) if site.id == site_id]
    if not found:
        raise SiteUnknown(site_id)
    return found[0].position
