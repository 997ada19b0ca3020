"""Rows of geofences: every version there was, and which of them was valid when."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Index,
    Select,
    SmallInteger,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.among import among
from geo_engine.db.base import SRID_WGS84, Code, Document, TenantRow, tenant_key, to_point, to_position
from geo_engine.db.session import Session, bound_tenant
from geo_engine.geofences.extents import box_of
from geo_engine.geofences.model import (
    DEFAULT_RADIUS_M,
    Circle,
    Corridor,
    FenceVersion,
    Geofence,
    Polygon,
    Schedule,
    Shape,
)
from geo_engine.geometry import Box
from geo_engine.ids import DeviceId, GeofenceId, MemberId, SiteId
from geo_engine.timespan import ClockWindow, TimeSpan

_NEAR_DEG = 0.001  # farther than fixes are wrong that make somebody be inside
_CELL_DEG = 0.1
_FEW = 100
_EVER: ColumnElement[datetime] = literal_column("'infinity'::timestamptz")
_SINCE_EVER: ColumnElement[datetime] = literal_column("'-infinity'::timestamptz")


class GeofenceRow(TenantRow):
    """One version of a fence; nothing of it changes but its end. A box holds all of it, to find it by."""

    __tablename__ = "geofence"

    id: Mapped[Code] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    site_id: Mapped[Code | None]
    is_automatic: Mapped[bool]
    kind: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=SRID_WGS84, spatial_index=False))
    size_m: Mapped[float | None]
    box: Mapped[WKBElement] = mapped_column(Geometry("POLYGON", srid=SRID_WGS84, spatial_index=False))
    windows: Mapped[Document]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger, dimensions=1))
    dwell_s: Mapped[int | None]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime] = mapped_column(server_default=text("'infinity'"))
    made_by: Mapped[UUID | None]

    __table_args__ = (
        tenant_key([], "tenant"),
        CheckConstraint(
            "(kind = 'circle' and size_m is not null and geometrytype(geom) = 'POINT')"
            " or (kind = 'polygon' and size_m is null and geometrytype(geom) = 'MULTIPOLYGON')"
            " or (kind = 'corridor' and size_m is not null and geometrytype(geom) = 'MULTILINESTRING')",
            name="shape",
        ),
        CheckConstraint("valid_until >= valid_from", name="span"),
        Index(None, "tenant_id", "valid_until"),
        Index(None, "tenant_id", "site_id"),
        Index("ix_geofence_tenant_id_box", "tenant_id", "box", postgresql_using="gist"),
        Index(
            "uq_geofence_current",
            "tenant_id",
            "id",
            unique=True,
            postgresql_where=text("valid_until = 'infinity'"),
        ),
        Index(
            "uq_geofence_automatic",
            "tenant_id",
            "site_id",
            unique=True,
            postgresql_where=text("is_automatic and valid_until = 'infinity'"),
        ),
    )


class SiteFenceRuleRow(TenantRow):
    """How wide a company's fences of sites are that nobody has drawn one for, where it is not as usual."""

    __tablename__ = "site_fence_rule"
    __table_args__ = (tenant_key([], "tenant"),)

    radius_m: Mapped[float]


_IS_CURRENT = GeofenceRow.valid_until == _EVER


def fences_at(moment: datetime) -> Select[Any]:
    """Return the query for the fences as they were at a moment, by id."""
    row = GeofenceRow
    return _fences().where(row.valid_until > moment, row.valid_from <= moment).order_by(row.id)


def list_fences_at(session: Session, moment: datetime) -> tuple[Geofence, ...]:
    """Return the fences as they were at a moment, by id."""
    return _read(session, fences_at(moment))


def list_fences_during(session: Session, span: TimeSpan) -> tuple[Geofence, ...]:
    """Return every version that was valid at a moment of a span, by id and version."""
    row = GeofenceRow
    held = _fences().where(row.valid_until > span.start_at, row.valid_from < span.end_at)
    return _read(session, held.order_by(row.id, row.version))


def list_fences_in_box(session: Session, box: Box, moment: datetime) -> tuple[Geofence, ...]:
    """Return the fences, as they were at a moment, whose own box meets a box, by id."""
    envelope = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, SRID_WGS84)
    return _read(session, fences_at(moment).where(GeofenceRow.box.intersects(envelope)))


def list_versions(session: Session, fence_id: GeofenceId) -> tuple[FenceVersion, ...]:
    """Return all versions of a fence, the newest first; none when there never was one."""
    made_by = GeofenceRow.made_by
    rows = session.execute(
        _fences().add_columns(made_by).where(GeofenceRow.id == fence_id).order_by(GeofenceRow.version.desc())
    )
    return tuple(
        FenceVersion(fence=_fence(row[:-1]), made_by=None if row[-1] is None else MemberId(row[-1])) for row in rows
    )


def lock_fences(session: Session, fence_ids: Iterable[GeofenceId]) -> dict[GeofenceId, Geofence]:
    """Return those of the fences that there are, as they are, and keep others from changing them until the end."""
    query = _fences().where(among(GeofenceRow.id, fence_ids), _IS_CURRENT).order_by(GeofenceRow.id).with_for_update()
    return {fence.id: fence for fence in _read(session, query)}


def find_last_versions(session: Session, fence_ids: Iterable[GeofenceId]) -> dict[GeofenceId, tuple[int, datetime]]:
    """Return of each of some fences, none of them valid, the number of its last version and when that ended."""
    row = GeofenceRow
    newest = select(row.id, func.max(row.version), func.max(row.valid_until)).where(among(row.id, fence_ids))
    found = session.execute(newest.group_by(row.id))
    return {GeofenceId(fence_id): (number, ended_at) for fence_id, number, ended_at in found}


def add_versions(session: Session, fences: Sequence[Geofence], *, by: MemberId | None) -> None:
    """Write versions, each of a fence that has no valid one."""
    if fences:
        # A moment of infinity has no value of Python's: what is valid since ever is told by the statement.
        rows = [_values(fence) | {"made_by": by} for fence in fences]
        since = func.coalesce(bindparam("since", type_=GeofenceRow.valid_from.type), _SINCE_EVER)
        session.connection().execute(insert(GeofenceRow).values(valid_from=since), rows)


def end_fences(session: Session, fence_ids: Iterable[GeofenceId], *, at: datetime) -> None:
    """Write that fences are valid no longer; one that would end before it began ends as it begins."""
    ending = update(GeofenceRow).where(among(GeofenceRow.id, fence_ids), _IS_CURRENT)
    session.execute(ending.values(valid_until=func.greatest(at, GeofenceRow.valid_from)))


def find_site_radius_m(session: Session) -> float:
    """Return how wide the fence of a site of the company is that nobody has drawn one for."""
    found = session.scalar(select(SiteFenceRuleRow.radius_m))
    return DEFAULT_RADIUS_M if found is None else found


def save_site_radius(session: Session, radius_m: float) -> None:
    """Write how wide the fence of a site of the company is that nobody has drawn one for."""
    writing = insert_or(SiteFenceRuleRow).values(radius_m=radius_m)
    session.execute(writing.on_conflict_do_update(index_elements=["tenant_id"], set_={"radius_m": radius_m}))


def end_site_fences(session: Session, radius_m: float, *, at: datetime) -> None:
    """End the automatic fences that are not as they should be."""
    session.execute(_END_SITE_FENCES, {"tenant_id": bound_tenant(session), "radius_m": radius_m, "at": at})


def add_site_fences(session: Session, radius_m: float, *, at: datetime) -> tuple[SiteId, ...]:
    """Give every site without a fence an automatic one, and return whose first it is: that is valid since ever."""
    values = {"tenant_id": bound_tenant(session), "radius_m": radius_m, "at": at}
    added = session.execute(_ADD_SITE_FENCES, values)
    return tuple(SiteId(site_id) for site_id, is_first in added if is_first)


def find_comers(
    session: Session, site_ids: Collection[SiteId], *, since: datetime
) -> dict[DeviceId, list[tuple[datetime, datetime]]]:
    """Return which devices came near the fences that sites have now, and between which moments of days since one.

    Spans are of days (UTC) and in order; of many sites a device is told that only came within some kilometres.

    Notes
    -----
    By trajectories, which are kept by the hour. With 12,000 of these one site takes 8 ms, a hundred 0.6 s and 10,000
    sites 0.3 s.
    """
    values = {
        "tenant_id": bound_tenant(session),
        "site_ids": sorted(site_ids),
        "are_few": len(site_ids) <= _FEW,
        "near_deg": _NEAR_DEG,
        "cell_deg": _CELL_DEG,
        "since": since,
    }
    found = defaultdict[DeviceId, list[tuple[datetime, datetime]]](list)
    for device_id, started_at, ended_at in session.execute(_COMERS, values):
        found[DeviceId(device_id)].append((max(started_at, since), ended_at))
    return found


# What it is not: of a site that is elsewhere, or called otherwise, or that somebody has drawn a fence for; or not as
# wide as usual. Sets of ids are hashed and the rest is asked of keys, so that it is quick before statistics are there.
_END_SITE_FENCES = text("""
update geofence as f set valid_until = greatest(cast(:at as timestamptz), f.valid_from)
where f.tenant_id = :tenant_id and f.is_automatic and f.valid_until = 'infinity' and (
    f.size_m <> :radius_m
    or f.site_id in (
        select o.site_id from geofence as o
        where o.tenant_id = :tenant_id and not o.is_automatic and o.valid_until = 'infinity' and o.site_id is not null)
    or not exists (
        select from site as s
        where s.tenant_id = f.tenant_id and s.id = f.site_id and s.name = f.name
            and st_x(s.geom) = st_x(f.geom) and st_y(s.geom) = st_y(f.geom)))
""")
# The box is `measure.box_around`'s. Whoever adds the same fence at the same time has added it.
_ADD_SITE_FENCES = text("""
insert into geofence (tenant_id, id, version, name, site_id, is_automatic, kind, geom, size_m, box, windows, weekdays,
    dwell_s, valid_from)
select s.tenant_id, 'site/' || s.id, coalesce(before.version, 0) + 1, s.name, s.id, true, 'circle', s.geom,
    cast(:radius_m as double precision), st_makeenvelope(
        case when wide.is_cut then -180 else st_x(s.geom) - wide.deg end, greatest(st_y(s.geom) - high.deg, -90),
        case when wide.is_cut then 180 else st_x(s.geom) + wide.deg end, least(st_y(s.geom) + high.deg, 90), 4326),
    '[]', '{1,2,3,4,5,6,7}', null,
    case when before.ended_at is null then '-infinity' else greatest(cast(:at as timestamptz), before.ended_at) end
from site as s
cross join lateral (select (:radius_m + 0.001) / 110000 as deg) as high
cross join lateral (
    select least(high.deg / greatest(cos(radians(least(abs(st_y(s.geom)) + high.deg, 90))), 1e-9), 360) as deg
) as width
cross join lateral (select width.deg, abs(st_x(s.geom)) + width.deg > 180 as is_cut) as wide
left join (
    select site_id, max(version) filter (where is_automatic) as version, max(valid_until) as ended_at
    from geofence where tenant_id = :tenant_id and site_id is not null group by site_id
) as before on before.site_id = s.id
where s.tenant_id = :tenant_id and s.id not in (
    select o.site_id from geofence as o
    where o.tenant_id = :tenant_id and o.valid_until = 'infinity' and o.site_id is not null)
on conflict do nothing returning site_id, valid_from = '-infinity'
""")
# What expands a box is not leakproof: were it asked in the join, no index on places would serve. Of many fences those
# close together are one box, as each way of a day would be held against hundreds.
_COMERS = text("""
with near as materialized (
    select st_expand(st_setsrid(cast(st_extent(f.box) as geometry), 4326), :near_deg) as box from geofence as f
    where f.tenant_id = :tenant_id and f.site_id = any(cast(:site_ids as text[])) and f.valid_until = 'infinity'
    group by case when :are_few then f.id
        else concat(floor(st_xmin(f.box) / :cell_deg), ' ', floor(st_ymin(f.box) / :cell_deg)) end)
select t.device_id, min(t.started_at), max(t.ended_at)
from near join trajectory as t on t.tenant_id = :tenant_id and t.geom && near.box
where t.ended_at >= :since and (not :are_few or st_intersects(t.geom, near.box))
group by t.device_id, date_trunc('day', t.started_at, 'UTC')
order by 1, 2
""")


def _fences() -> Select[Any]:
    row = GeofenceRow
    since = func.nullif(row.valid_from, _SINCE_EVER)
    until = func.nullif(row.valid_until, _EVER)
    columns: list[Any] = [row.id, row.version, row.name, row.site_id, row.is_automatic, row.kind, row.geom, row.size_m]
    return select(*columns, row.windows, row.weekdays, row.dwell_s, since, until)


def _read(session: Session, query: Select[Any]) -> tuple[Geofence, ...]:
    return tuple(_fence(row) for row in session.execute(query))


def _fence(row: Sequence[Any]) -> Geofence:
    (
        fence_id, version, name, site_id, is_automatic, kind, geom, size_m, windows, weekdays, dwell_s, since, until,
    ) = row  # fmt: skip
    return Geofence(
        id=GeofenceId(fence_id),
        name=name,
        shape=_shape(kind, geom, size_m),
        site_id=None if site_id is None else SiteId(site_id),
        schedule=Schedule(
            windows=tuple(ClockWindow(earliest_s=earliest_s, latest_s=latest_s) for earliest_s, latest_s in windows),
            weekdays=frozenset(weekdays),
        ),
        dwell_s=dwell_s,
        version=version,
        valid_from=since,
        valid_until=until,
        is_automatic=is_automatic,
    )


def _shape(kind: str, geom: WKBElement, size_m: float) -> Shape:
    if kind == "circle":
        return Circle(centre=to_position(geom), radius_m=size_m)
    geometry: Any = to_shape(geom)
    return Polygon(areas=geometry) if kind == "polygon" else Corridor(lines=geometry, width_m=size_m)


def _values(fence: Geofence) -> dict[str, Any]:
    kind, geom, size_m = _kept(fence.shape)
    box = box_of(fence.shape)
    return {
        "id": fence.id,
        "version": fence.version,
        "name": fence.name,
        "site_id": fence.site_id,
        "is_automatic": fence.is_automatic,
        "kind": kind,
        "geom": geom,
        "size_m": size_m,
        "box": from_shape(shapely.box(box.west, box.south, box.east, box.north), srid=SRID_WGS84, extended=True),
        "windows": [[window.earliest_s, window.latest_s] for window in fence.schedule.windows],
        "weekdays": sorted(fence.schedule.weekdays),
        "dwell_s": fence.dwell_s,
        "since": fence.valid_from,
    }


def _kept(shape: Shape) -> tuple[str, WKBElement, float | None]:
    match shape:
        case Circle():
            return "circle", to_point(shape.centre), shape.radius_m
        case Polygon():
            return "polygon", from_shape(shape.areas, srid=SRID_WGS84, extended=True), None
        case Corridor():
            return "corridor", from_shape(shape.lines, srid=SRID_WGS84, extended=True), shape.width_m
