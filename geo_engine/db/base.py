"""What every table has in common: names of constraints, the tenant first, moments in UTC, positions in WGS 84."""

from datetime import datetime
from struct import unpack_from
from typing import Annotated, Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from geo_engine.geometry import Position

SRID_WGS84 = 4326
_WKB_HEADER_BYTES = 9
TENANT_SETTING = "app.tenant_id"
BOUND_TENANT = f"nullif(current_setting('{TENANT_SETTING}', true), '')::uuid"

# Ids that companies give: compared byte by byte, so that an index serves prefixes and every machine sorts alike.
Code = Annotated[str, mapped_column(Text(collation="C"))]
Codes = Annotated[list[str], mapped_column(ARRAY(Text, dimensions=1))]
Document = Annotated[Any, mapped_column(JSONB(none_as_null=True))]
BigInt = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """The rows of the database; every constraint has a name that says what it is."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own shape
        datetime: DateTime(timezone=True),
        str: Text,
        UUID: Uuid,
    }


class TenantRow(Base):
    """A row of one tenant: the tenant is first in its key, and the bound transaction fills it in."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1, server_default=text(BOUND_TENANT))


def point_column(*, nullable: bool = False) -> MappedColumn[Any]:
    """Return a column of positions in WGS 84; its index, if any, is GiST and begins with the tenant."""
    return mapped_column(Geometry("POINT", srid=SRID_WGS84, spatial_index=False, nullable=nullable), nullable=nullable)


def tenant_key(columns: list[str], table: str, *, on_delete: str | None = None) -> ForeignKeyConstraint:
    """Return a foreign key with the tenant on both sides: row-level security does not see what a key refers to.

    Parameters
    ----------
    columns
        The referring columns beside ``tenant_id``: none refers to a tenant, one to the other table's ``id``, several
        to its columns of the same names.
    on_delete
        Such as ``CASCADE``; what is set to null must name its columns, or the tenant would be nulled too.
    """
    targets = ["id"] if len(columns) == 1 else columns
    return ForeignKeyConstraint(
        ["tenant_id", *columns], [f"{table}.tenant_id", *(f"{table}.{name}" for name in targets)], ondelete=on_delete
    )


def to_point(position: Position) -> WKBElement:
    """Return a position as the database takes it, to the last bit; not extended it would be sent as rounded text."""
    return from_shape(Point(position.lon, position.lat), srid=SRID_WGS84, extended=True)


def to_position(element: WKBElement) -> Position:
    """Return a position as the database gave it, to the last bit.

    Notes
    -----
    Making a geometry of each row took a quarter of the time of 500 sites, so the numbers are read as they stand: byte
    order, type and SRID are nine bytes, then come x and y.
    """
    point = bytes(element.data)
    return Position(*unpack_from("<dd" if point[0] else ">dd", point, _WKB_HEADER_BYTES))
