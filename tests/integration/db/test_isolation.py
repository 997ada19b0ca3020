"""Whether a company reaches anything of another: every relation there is, every act, through the product's own pool."""

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import text
from support.cluster import connected
from support.companies import NOW, Company, add_company
from support.databases import Databases, OwnDatabase
from support.relations import (
    TENANT,
    Column,
    ForeignKey,
    Relation,
    list_columns,
    list_foreign_keys,
    list_relations,
    list_unique_keys,
)

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.db.base import TENANT_SETTING
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.securing import secure_statements
from geo_engine.db.session import Database
from geo_engine.errors import GeoEngineError
from geo_engine.geometry import Position
from geo_engine.ids import CustomerId, GraphKey, RoleId, SiteId, TeamId, TenantId, WorkerId
from geo_engine.roads import RoadChoice
from geo_engine.roads.store import save_choice
from geo_engine.schema import all_tables
from geo_engine.tenancy import OPERATOR, Team
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.permissions import Role
from geo_engine.tenancy.store import save_role
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

REFUSED = "42501"
NOTHING = frozenset({0, REFUSED})
REFUSAL = frozenset({REFUSED})
UNREADABLE = {"sealed_fix"}  # what the app puts in it does not read again, its own company's neither
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
QUEUE = (
    "the queue: names of tasks and ids, no company's own words; its risk is that any connection of the app, whatever "
    "it is bound to, reads which tenants have work and may change or delete the jobs of others"
)
SECRETS = "asked before anyone is known, through one function that answers about one name"
POSTGIS = "PostGIS's own: nothing of any company"
SHARED_WORK = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
READING = frozenset({"SELECT"})
# Every table and view without row-level security: why, and what the app role may do with it.
OPEN: dict[str, tuple[str, frozenset[str]]] = {
    "tenant_directory": (SECRETS, frozenset()),
    "sign_in_directory": (SECRETS, frozenset()),
    "alembic_version": ("which revision the tables have", READING),
    "spatial_ref_sys": (POSTGIS, READING),
    "geometry_columns": (POSTGIS, READING),
    "geography_columns": (POSTGIS, READING),
    "procrastinate_jobs": (QUEUE, SHARED_WORK),
    "procrastinate_events": (QUEUE, SHARED_WORK),
    "procrastinate_periodic_defers": (QUEUE, SHARED_WORK),
    "procrastinate_workers": (QUEUE, SHARED_WORK),
}

type Outcome = int | str
type Ending = Callable[[psycopg.Connection, TenantId], None]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two companies in one database, and a pool of one connection that both use in turn."""

    own: OwnDatabase
    pool: Database
    other: Company
    mine: Company


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A statement that reaches for another's rows, and the outcomes that give nothing away."""

    act: str
    table: str
    statement: Composed
    tenant_id: TenantId | None
    allowed: frozenset[Outcome]


@pytest.fixture(scope="module")
def pair(databases: Databases) -> Iterator[Pair]:
    """Give two companies with rows in every table."""
    with _pair(databases) as made:
        yield made


def test_no_company_reaches_a_row_of_another(pair: Pair, record_property: Callable[[str, object], None]) -> None:
    """Whatever one request was and however it ended, the next one on its connection reaches its own rows only.

    Of every table it can neither read, insert, update, move, take over, delete nor refer to another's rows, and
    without a tenant it reaches none at all; nothing of either company has changed afterwards.
    """
    with connected(pair.own.cluster, database=pair.own.name) as server:
        before = _fingerprints(server)

    leaks, counts = _walk(pair, ENDINGS)

    assert leaks == []
    with connected(pair.own.cluster, database=pair.own.name) as server:
        assert _fingerprints(server) == before
    told = f"{counts.total()} attempts on {len(before)} tables after {len(ENDINGS)} endings: {dict(counts)}"
    record_property("isolation", told)
    print(f"\nisolation: {told}")  # noqa: T201 - the counts are the evidence


def test_a_policy_that_lets_others_in_is_noticed(databases: Databases) -> None:
    """The walk finds a policy that shows too much, one that lets too much be written, and a needless privilege."""
    with _pair(databases) as pair:
        with connected(pair.own.cluster, database=pair.own.name) as server:
            server.execute("create policy lax on customer for select using (true)")
            server.execute("create policy lax on depot for insert with check (true)")
            server.execute("grant truncate on due_visit to geo_app")

        leaks, _ = _walk(pair, [_committed])

    assert {(act, table) for _, act, table, _ in leaks} == {
        ("read own", "customer"),
        ("read", "customer"),
        ("unbound read", "customer"),
        ("insert a copy", "depot"),
        ("insert into", "depot"),
        ("unbound insert", "depot"),
        ("delete", "due_visit"),
    }


def test_a_partition_is_closed_and_its_rows_are_reached_as_the_parents(databases: Databases) -> None:
    """One that is made while the product runs, by the same statements, gives nothing away and is granted to nobody."""
    with _pair(databases) as pair:
        with connected(pair.own.cluster, DatabaseRole.OWNER, database=pair.own.name) as owner:
            owner.execute(_PARTED)
            for table in ("parted", "parted_2026"):
                for statement in secure_statements(table):
                    owner.execute(statement.encode())
            owner.execute("grant select, insert, update, delete on parted to geo_app")
        for company in (pair.mine, pair.other):
            with pair.pool.bound(company.tenant_id) as session:
                session.execute(text("insert into parted (tenant_id, seen_on) values (default, '2026-11-26')"))

        leaks, counts = _walk(pair, ENDINGS, only={"parted", "parted_2026"})
        with connected(pair.own.cluster, database=pair.own.name) as server:
            server.execute("grant select on parted_2026 to geo_app")
        granted, _ = _walk(pair, [_committed], only={"parted_2026"})

    assert leaks == []
    assert counts["read own"] == 2 * len(ENDINGS)
    assert {act for _, act, _, _ in granted} == {"read own", "read", "unbound read"}


_PARTED = """
create table parted (
    tenant_id uuid default nullif(current_setting('app.tenant_id', true), '')::uuid, seen_on date,
    primary key (tenant_id, seen_on)
) partition by range (seen_on);
create table parted_2026 partition of parted for values from ('2026-01-01') to ('2027-01-01')
"""


def test_every_relation_is_secured_or_stands_in_the_list(pair: Pair) -> None:
    """A table or view without row-level security has a reason, and every reason has its table."""
    with connected(pair.own.cluster, database=pair.own.name) as server:
        relations = {relation.name: relation for relation in list_relations(server) if relation.kind != "S"}

    assert {name for name, relation in relations.items() if not relation.is_secured} == set(OPEN)
    assert {table.name for table in all_tables().sorted_tables} - set(relations) == set()


@pytest.mark.parametrize("name", OPEN)
def test_the_app_has_no_more_than_the_listed_privileges_where_no_policy_holds(pair: Pair, name: str) -> None:
    """What is read before sign-in is not granted at all, what is shared is granted as said."""
    query = """
        select has_table_privilege('geo_app', %(name)s, %(privilege)s)
            or %(privilege)s = any('{SELECT,INSERT,UPDATE,REFERENCES}')
            and has_any_column_privilege('geo_app', %(name)s, %(privilege)s)
    """
    with connected(pair.own.cluster, database=pair.own.name) as server:
        held = {one for one in PRIVILEGES if server.execute(query, {"name": name, "privilege": one}).fetchone()[0]}

    assert held == OPEN[name][1]


@pytest.mark.parametrize("name", ["tenant_directory", "sign_in_directory"])
def test_a_directory_is_closed_to_the_app(pair: Pair, name: str) -> None:
    """Bound or not, the app neither reads nor changes who has which code or login."""
    table = Identifier(name)
    statements = (
        SQL("select from {}").format(table),
        SQL("insert into {} select from generate_series(1, 0)").format(table),
        SQL("update {} set tenant_id = {}").format(table, Literal(pair.mine.tenant_id)),
        SQL("delete from {}").format(table),
    )

    outcomes = {
        _outcome(pair.pool, Attempt(act="open", table=name, statement=statement, tenant_id=tenant_id, allowed=REFUSAL))[
            0
        ]
        for statement, tenant_id in product(statements, (pair.mine.tenant_id, None))
    }

    assert outcomes == {REFUSED}


def test_a_sequence_tells_nobody_how_much_others_write(pair: Pair) -> None:
    """The app role can read or set no sequence: it learns of a number only by an event of its own company's.

    The numbers of two such events tell how many all companies wrote between them, which `README.md` says and why; no
    sequence tells it to whoever writes nothing, and none can be set back.
    """
    with connected(pair.own.cluster, database=pair.own.name) as server:
        sequences = [relation for relation in list_relations(server) if relation.kind == "S"]

    outcomes = [
        _outcome(
            pair.pool,
            Attempt(
                act="count",
                table=sequence.name,
                statement=SQL(text).format(sequence=sequence.identifier, name=Literal(f"public.{sequence.name}")),
                tenant_id=pair.mine.tenant_id,
                allowed=REFUSAL,
            ),
        )[0]
        for sequence in sequences
        for text in ("select last_value from {sequence}", "select setval({name}, 1)")
    ]

    assert {"audit_event_number_seq", "outbox_event_number_seq"} <= {sequence.name for sequence in sequences}
    assert set(outcomes) == {REFUSED}


def test_the_shared_queue_holds_nothing_but_ids(pair: Pair) -> None:
    """Every argument of every job is an id: who reads the queue learns no company's words."""
    with connected(pair.own.cluster, database=pair.own.name) as server:
        jobs = server.execute("select args from procrastinate_jobs").fetchall()

    assert len(jobs) >= 2
    for (arguments,) in jobs:
        assert {str(uuid.UUID(value)) for value in arguments.values()} == set(arguments.values())


def test_a_binding_that_is_no_tenant_opens_nothing(pair: Pair) -> None:
    """Words that are no id are refused, and an id of nobody shows nothing."""
    read = SQL("select from site").format()
    outcomes = []
    for setting in ("", "' or true --", str(uuid.uuid4())):
        with suppress(psycopg.Error, GeoEngineError), pair.pool.unbound() as session:
            connection = session.connection().connection.driver_connection
            connection.execute("select set_config(%s, %s, true)", [TENANT_SETTING, setting])
            outcomes.append(connection.execute(read).rowcount)

    assert outcomes == [0, 0]


def test_row_level_security_cannot_be_switched_off(pair: Pair) -> None:
    """`row_security = off` makes a query fail instead of showing more, and no other role can be taken."""

    def read_after(statement: LiteralString) -> None:
        with _request(pair.pool, pair.mine.tenant_id) as connection:
            connection.execute(statement)
            connection.execute("select from site")

    for statement in ("set local row_security = off", "set local role geo_owner", "set local role geo_maintenance"):
        with pytest.raises(psycopg.Error) as refused:
            read_after(statement)

        assert refused.value.sqlstate == REFUSED


def _committed(connection: psycopg.Connection, _: TenantId) -> None:
    connection.execute("select from site")


def _raised(connection: psycopg.Connection, _: TenantId) -> None:
    connection.execute("update site set name = 'changed'")
    raise LookupError


def _refused(connection: psycopg.Connection, _: TenantId) -> None:
    connection.execute("select 1 / 0")


def _nested(connection: psycopg.Connection, tenant_id: TenantId) -> None:
    connection.execute("savepoint inner_one")
    connection.execute("select set_config(%s, %s, true)", [TENANT_SETTING, str(tenant_id)])
    connection.execute("rollback to savepoint inner_one")


def _left_over(connection: psycopg.Connection, tenant_id: TenantId) -> None:
    """Bind the whole session, which nobody may do, and leave it so."""
    connection.execute("select set_config(%s, %s, false)", [TENANT_SETTING, str(tenant_id)])


def _shadowed(connection: psycopg.Connection, _: TenantId) -> None:
    """Leave a temporary table of the name of every table; no policy binds its rows."""
    connection.execute(_SHADOWS)


_SHADOWS = """
do $$
declare shadowed text;
begin
    for shadowed in select relname from pg_class
        where relnamespace = 'public'::regnamespace and relrowsecurity and to_regclass('pg_temp.' || relname) is null
        and has_table_privilege(oid, 'select')
    loop
        execute format('create temporary table %1$I (like public.%1$I including defaults)', shadowed);
    end loop;
end $$
"""
# What the last one leaves stays: every attempt after it is made beside the temporary tables.
ENDINGS = (_committed, _raised, _refused, _nested, _left_over, _shadowed)
_EVERY_ENDING = "GEO_ENGINE_EVERY_ENDING"


@contextmanager
def _request(pool: Database, tenant_id: TenantId | None) -> Iterator[psycopg.Connection]:
    try:
        with pool.unbound() if tenant_id is None else pool.bound(tenant_id) as session:
            yield session.connection().connection.driver_connection
    except GeoEngineError as told:  # what the server said is asked here, not how the product tells it
        raise (told.__cause__ or told) from None


def _request_of_another(pair: Pair, ending: Ending) -> int:
    """Let the other company read its sites and end in some way; return which backend served it."""
    with suppress(LookupError, psycopg.errors.DivisionByZero), _request(pair.pool, pair.other.tenant_id) as connection:
        assert connection.execute("select from site").rowcount > 0
        backend = connection.info.backend_pid
        ending(connection, pair.other.tenant_id)
    return backend


def _outcome(pool: Database, attempt: Attempt) -> tuple[Outcome, int]:
    """Return how many rows an attempt reached, or the code of the refusal, and the backend; nothing stays changed."""
    backend = 0
    try:
        with _request(pool, attempt.tenant_id) as connection:
            backend = connection.info.backend_pid
            reached = connection.execute(attempt.statement).rowcount
            connection.rollback()
    except psycopg.errors.ForeignKeyViolation as error:
        return error.diag.constraint_name or "", backend
    except psycopg.Error as error:
        return error.sqlstate or "", backend
    return reached, backend


def _walk(
    pair: Pair, endings: Sequence[Ending], *, only: AbstractSet[str] | None = None
) -> tuple[list[tuple[str, str, str, Outcome]], Counter[str]]:
    """Make every attempt on every secured table, and return what was reached, and counts by act.

    On some tables alone each is made after all endings. On all of them each is made after the first, and after one of
    the others in turn, so that every ending meets every table and every act: what it leaves of a connection it leaves
    for all. `GEO_ENGINE_EVERY_ENDING` makes each after all.
    """
    with connected(pair.own.cluster, database=pair.own.name) as server:
        secured = [one for one in list_relations(server) if one.is_secured and (only is None or one.name in only)]
        attempts = [attempt for relation in secured for attempt in _attempts(server, pair, relation)]
    partitions = {relation.name for relation in secured if relation.is_partition}
    leaks, counts, backends = [], Counter[str](), set[int]()
    is_short = only is None and _EVERY_ENDING not in os.environ
    walked = list(_in_turn(endings, attempts) if is_short else product(endings, attempts))
    assert {(ending, one.act) for ending, one in walked} == {
        (ending, one.act) for ending in endings for one in attempts
    }
    assert {(ending, one.table) for ending, one in walked} == set(product(endings, {one.table for one in attempts}))
    for ending, attempt in walked:
        backends.add(_request_of_another(pair, ending))
        outcome, backend = _outcome(pair.pool, attempt)
        backends.add(backend)
        counts[attempt.act] += 1
        allowed = attempt.allowed | REFUSAL if attempt.table in UNREADABLE else attempt.allowed
        if outcome not in (REFUSAL if attempt.table in partitions else allowed):
            leaks.append((ending.__name__, attempt.act, attempt.table, outcome))
    assert len(backends) == 1, "the requests did not share a connection"
    return leaks, counts


def _in_turn(endings: Sequence[Ending], attempts: Sequence[Attempt]) -> Iterator[tuple[Ending, Attempt]]:
    first, *others = endings
    for attempt in attempts:
        yield first, attempt
    for turn, ending in enumerate(others):
        for attempt in attempts[turn :: len(others)]:
            yield ending, attempt


def _attempts(server: psycopg.Connection, pair: Pair, relation: Relation) -> Iterator[Attempt]:
    mine, other = pair.mine.tenant_id, pair.other.tenant_id
    own_count, other_count = (len(_rows(server, relation, tenant_id)) for tenant_id in (mine, other))
    if relation.is_partition and not own_count + other_count:
        return  # of a class or a time that has no rows
    assert own_count > 0, f"add_company writes no {relation.name}"
    assert other_count > 0, f"add_company writes no {relation.name}"

    def reach(act: str, text: LiteralString, allowed: frozenset[Outcome], tenant_id: TenantId | None = mine) -> Attempt:
        # By its name alone, as the product's statements have it.
        names = {"table": Identifier(relation.name), "mine": Literal(mine), "other": Literal(other)}
        statement = SQL(text).format(**names)
        return Attempt(act=act, table=relation.name, statement=statement, tenant_id=tenant_id, allowed=allowed)

    yield reach("read own", "select from {table}", frozenset({own_count}))
    yield reach("read", "select from {table} where tenant_id = {other}", frozenset({0}))
    yield reach("read", "select from {table} where tenant_id is distinct from {mine}", frozenset({0}))
    yield reach("read", "select from {table} where tenant_id = {other} for update", NOTHING)
    yield reach("update", "update {table} set tenant_id = tenant_id where tenant_id = {other}", NOTHING)
    yield reach("take over", "update {table} set tenant_id = {mine} where tenant_id = {other}", NOTHING)
    yield reach("move", "update {table} set tenant_id = {other} where tenant_id = {mine}", REFUSAL)
    yield reach("delete", "delete from {table} where tenant_id = {other}", NOTHING)
    yield reach("delete", "truncate {table}", REFUSAL)
    yield reach("unbound read", "select from {table}", frozenset({0}), None)
    yield reach("unbound update", "update {table} set tenant_id = {mine}", NOTHING, None)
    yield reach("unbound delete", "delete from {table}", NOTHING, None)
    columns = list_columns(server, relation.name)
    own_row, others_row = (_rows(server, relation, tenant_id)[0] for tenant_id in (mine, other))
    for act, row, changed, tenant_id in (
        ("insert a copy", others_row, {}, mine),
        ("insert into", own_row, {TENANT: Literal(other)}, mine),
        ("unbound insert", own_row, {}, None),
    ):
        statement = _insertion(relation, columns, row, changed)
        yield Attempt(act=act, table=relation.name, statement=statement, tenant_id=tenant_id, allowed=REFUSAL)
    for key in list_foreign_keys(server):
        if key.table == relation.name and list(key.columns) != [TENANT]:  # the tenant alone is "insert into"
            changed = _reference(server, pair, key, columns)
            statement = _insertion(relation, columns, own_row, changed)
            allowed = frozenset({key.name})
            yield Attempt(act="refer", table=relation.name, statement=statement, tenant_id=mine, allowed=allowed)


def _rows(server: psycopg.Connection, relation: Relation, tenant_id: TenantId) -> list[str]:
    query = SQL("select t::text from {} as t where tenant_id = {} order by 1")
    return [row for (row,) in server.execute(query.format(relation.identifier, Literal(tenant_id)))]


def _insertion(relation: Relation, columns: list[Column], row: str, changed: dict[str, Composed | Literal]) -> Composed:
    """Return the statement that inserts a row as it is but for the changed columns and those the server fills in."""
    given = [column.name for column in columns if column.is_given or relation.is_partition]
    values = [changed.get(name, SQL("(given).{}").format(Identifier(name))) for name in given]
    statement = SQL(
        "insert into {table} ({names}) overriding system value "
        "select {values} from (select {row}::{table}) as t (given)"
    )
    return statement.format(
        table=Identifier(relation.name),
        names=SQL(", ").join(map(Identifier, given)),
        values=SQL(", ").join(values),
        row=Literal(row),
    )


def _reference(
    server: psycopg.Connection, pair: Pair, key: ForeignKey, columns: list[Column]
) -> dict[str, Composed | Literal]:
    """Return what makes a new row of a row: the key of something that only the other company has."""
    names = [name for name in key.target_columns if name != TENANT]
    query = SQL(
        "select {names} from {table} where tenant_id = {other} "
        "except select {names} from {table} where tenant_id = {mine}"
    )
    found = server.execute(
        query.format(
            names=SQL(", ").join(map(Identifier, names)),
            table=Identifier(key.target),
            other=Literal(pair.other.tenant_id),
            mine=Literal(pair.mine.tenant_id),
        )
    ).fetchone()
    assert found is not None, f"the other company has no {key.target} of its own"
    changed: dict[str, Composed | Literal] = dict(
        zip((name for name in key.columns if name != TENANT), map(Literal, found), strict=True)
    )
    return changed | _what_else_is_unique(server, key, columns, taken=changed.keys())


def _what_else_is_unique(
    server: psycopg.Connection, key: ForeignKey, columns: list[Column], *, taken: AbstractSet[str]
) -> dict[str, Composed]:
    """Return fresh values without which a copy of a row would be refused as a second one, and for no other reason."""
    referring = {name for one in list_foreign_keys(server) if one.table == key.table for name in one.columns}
    kinds = {column.name: column.kind for column in columns}
    fresh: dict[str, Composed] = {}
    for unique in list_unique_keys(server, key.table):
        if not (taken | fresh.keys()) & set(unique):
            free = [name for name in unique if name not in referring]
            name = free[-1] if free else unique[-1]
            fresh[name] = SQL(_FRESH[kinds[name]] if free else "null").format()
    return fresh


_FRESH: dict[str, LiteralString] = {
    "uuid": "gen_random_uuid()",
    "text": "'fresh'",
    "integer": "999999",
    "bigint": "999999",
    "date": "'2099-01-01'::date",
    "bytea": "'fresh'::bytea",
    "timestamp with time zone": "'2099-01-01'::timestamptz",
}


def _fingerprints(server: psycopg.Connection) -> dict[str, object]:
    """Return a hash of all rows of each secured table."""
    query = SQL("select md5(string_agg(t::text, '|' order by t::text)) from {} as t")
    secured = [relation for relation in list_relations(server) if relation.is_secured]
    return {one.name: server.execute(query.format(one.identifier)).fetchone() for one in secured}


@contextmanager
def _pair(databases: Databases) -> Iterator[Pair]:
    with databases.clone_filled(_two_companies) as (own, both):
        other, mine = (replace(company, database=own.app) for company in both)
        pool = Database(own.url(), pool_size=1, overflow=0)
        yield Pair(own=own, pool=pool, other=other, mine=mine)
        pool.close()


def _two_companies(database: Database) -> tuple[Company, Company]:
    other, mine = add_company(database, "other"), add_company(database, "mine")
    _add_what_only_it_has(other)
    return other, mine


def _add_what_only_it_has(company: Company) -> None:
    """Add what companies name themselves, under names that the other company does not use."""
    home = Position(121.47, 31.23)
    shift = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    worker = Worker(id=WorkerId("only"), name="only", start=home, end=home, shift=shift)
    site = Site(id=SiteId("only"), name="only", position=home, customer_id=CustomerId("only"))
    with company.database.bound(company.tenant_id) as session:
        save_choice(session, RoadChoice(key=GraphKey("only"), extract_name="only.osm.pbf"), now=NOW)
        tenancy.save_team(session, Team(id=TeamId("only"), name="only"), by=OPERATOR, now=NOW)
        save_role(session, Role(id=RoleId("only"), name="only", grants={}))
        import_workers(session, [worker], source=RowSource(file="workers.csv"), by=OPERATOR, now=NOW)
        import_sites(session, [site], source=RowSource(file="sites.csv"), due_on=None, by=OPERATOR, now=NOW)
