"""What a database's catalogue says of its relations and keys: whatever is there, not what somebody listed."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row
from psycopg.sql import Identifier

TENANT = "tenant_id"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    kind
        Its type, as the server writes it.
    is_given
        Whether the app role may say what a new row has in it; otherwise the server does.
    """

    name: str
    kind: str
    is_nullable: bool
    is_given: bool


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table, partition, view, sequence or foreign table.

    Parameters
    ----------
    kind
        The letter of ``pg_class.relkind``.
    is_secured
        Whether row-level security is enabled, and forced on the owner too.
    is_partition
        Whether it holds rows of another, through which alone they are reached.
    """

    schema: str
    name: str
    kind: str
    is_secured: bool
    is_partition: bool

    @property
    def identifier(self) -> Identifier:
        """How a statement names it."""
        return Identifier(self.schema, self.name)


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """A foreign key: its columns and, in the same order, what they refer to."""

    name: str
    table: str
    columns: Sequence[str]
    target: str
    target_columns: Sequence[str]


def list_relations(server: psycopg.Connection) -> list[Relation]:
    """Return every relation with rows of its own or of others that is not PostgreSQL's."""
    return server.cursor(row_factory=class_row(Relation)).execute(_RELATIONS).fetchall()


def list_foreign_keys(server: psycopg.Connection) -> list[ForeignKey]:
    """Return every foreign key."""
    return server.cursor(row_factory=class_row(ForeignKey)).execute(_FOREIGN_KEYS).fetchall()


def list_columns(server: psycopg.Connection, table: str) -> list[Column]:
    """Return the columns of a table in order."""
    return server.cursor(row_factory=class_row(Column)).execute(_COLUMNS, [table]).fetchall()


def list_unique_keys(server: psycopg.Connection, table: str) -> list[list[str]]:
    """Return the columns of every unique index of a table, the primary key's among them."""
    return [columns for (columns,) in server.execute(_UNIQUE_KEYS, [table])]


_RELATIONS = """
select n.nspname as schema, c.relname as name, c.relkind::text as kind,
    c.relrowsecurity and c.relforcerowsecurity as is_secured, c.relispartition as is_partition
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
order by c.relname
"""
_FOREIGN_KEYS = """
select k.conname as name, k.conrelid::regclass::text as table, k.confrelid::regclass::text as target,
    (select array_agg(a.attname::text order by u.at) from unnest(k.conkey) with ordinality as u (number, at)
     join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
    (select array_agg(a.attname::text order by u.at) from unnest(k.confkey) with ordinality as u (number, at)
     join pg_attribute as a on a.attrelid = k.confrelid and a.attnum = u.number) as target_columns
from pg_constraint as k where k.contype = 'f' order by k.conname
"""
_COLUMNS = """
select attname as name, format_type(atttypid, atttypmod) as kind, not attnotnull as is_nullable,
    has_column_privilege('geo_app', attrelid, attnum, 'insert') as is_given
from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""
_UNIQUE_KEYS = """
select array_agg(a.attname::text order by u.at)
from pg_index as i, unnest(i.indkey) with ordinality as u (number, at), pg_attribute as a
where i.indrelid = %s::regclass and i.indisunique and a.attrelid = i.indrelid and a.attnum = u.number
group by i.indexrelid order by i.indexrelid
"""
