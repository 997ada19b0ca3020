"""The rules of the database, held against its catalogue: each finds nothing wrong, and finds what is made wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg
import pytest
from support.cluster import connected
from support.databases import Databases


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What holds of a database.

    Parameters
    ----------
    claim
        What holds.
    offenders
        The query for what breaks it, one text a row.
    specimen
        Statements that break it.
    told
        What the query names then.
    """

    claim: str
    offenders: LiteralString
    specimen: LiteralString
    told: str


# Extensions' objects are left out: nobody's rows can be in them.
OURS = """
create temporary view ours as
    select c.*, c.oid::regclass::text as name from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not exists (
        select from pg_depend as d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e');
create temporary view of_tenants as
    select ours.* from ours join pg_attribute as a on a.attrelid = ours.oid and a.attname = 'tenant_id'
    where relkind in ('r', 'p', 'f') and name not in ('tenant_directory', 'sign_in_directory')
"""
RULES = (
    Rule(
        claim="every table with a tenant is bound by row-level security, its owner too; partitions as well",
        offenders="select name from of_tenants where not (relrowsecurity and relforcerowsecurity)",
        specimen="create table lost (tenant_id uuid primary key); alter table lost enable row level security",
        told="lost",
    ),
    Rule(
        claim="a partition is bound as its parent is",
        offenders="select name from ours where relispartition and relkind in ('r', 'p', 'f') "
        "and not (relrowsecurity and relforcerowsecurity)",
        specimen="""
            create table log (tenant_id uuid, at date) partition by range (at);
            alter table log enable row level security; alter table log force row level security;
            create table log_2026 partition of log for values from ('2026-01-01') to ('2027-01-01')
        """,
        told="log_2026",
    ),
    Rule(
        claim="the app and everybody have no privilege on a partition",
        offenders="""
            select distinct name from ours, aclexplode(relacl) as held
            where relispartition and held.grantee in (0, 'geo_app'::regrole)
        """,
        specimen="""
            create table log (tenant_id uuid, at date) partition by range (at);
            create table log_2026 partition of log for values from ('2026-01-01') to ('2027-01-01');
            grant select on log_2026 to geo_app
        """,
        told="log_2026",
    ),
    Rule(
        claim="each such table has one policy: the bound tenant's rows, for reading and for writing, whoever asks",
        offenders="""
            select name from of_tenants left join pg_policy as p on p.polrelid = of_tenants.oid
            where not relispartition group by name, of_tenants.oid having count(p.oid) <> 1 or not bool_and(
                polpermissive and polcmd = '*' and polroles = '{0}' and pg_get_expr(polqual, polrelid) =
                $$(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)$$)
        """,
        specimen="create policy further on site for select using (true)",
        told="site",
    ),
    Rule(
        claim="a policy checks what is written by the same rule as what is read",
        offenders="""
            select of_tenants.name from of_tenants join pg_policy as p on p.polrelid = of_tenants.oid
            where pg_get_expr(polwithcheck, polrelid) is distinct from pg_get_expr(polqual, polrelid)
        """,
        specimen="""
            drop policy of_tenant on customer;
            create policy of_tenant on customer
            using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (true)
        """,
        told="customer",
    ),
    Rule(
        claim="a foreign key has the tenant first, on both sides",
        offenders="""
            select conname from pg_constraint as k
            join pg_attribute as a on a.attrelid = conrelid and a.attnum = conkey[1]
            join pg_attribute as b on b.attrelid = confrelid and b.attnum = confkey[1]
            where contype = 'f' and not (a.attname = 'tenant_id' and b.attname = 'tenant_id')
            and not exists (select from pg_depend as d where d.objid = conrelid and d.deptype = 'e')
            and conrelid::regclass::text not like 'procrastinate\\_%'
        """,
        specimen="""
            alter table plan add constraint once unique (id);
            alter table route add constraint loose foreign key (plan_id) references plan (id)
        """,
        told="loose",
    ),
    Rule(
        claim="a delete or update never nulls the tenant: what is nulled is named",
        offenders="""
            select conname from pg_constraint as k where contype = 'f' and conrelid::regclass::text not like
            'procrastinate\\_%' and (confupdtype in ('n', 'd') or confdeltype in ('n', 'd') and (
                confdelsetcols is null or exists (select from pg_attribute as a where a.attrelid = conrelid
                    and a.attnum = any(confdelsetcols) and a.attname = 'tenant_id')))
        """,
        specimen="""
            alter table site add constraint loose foreign key (tenant_id, team_id) references team (tenant_id, id)
            on delete set null
        """,
        told="loose",
    ),
    Rule(
        claim="every index of such a table begins with the tenant, unique ones above all",
        offenders="""
            select indexrelid::regclass::text from pg_index join of_tenants on of_tenants.oid = indrelid
            left join pg_attribute as a on a.attrelid = indrelid and a.attnum = indkey[0]
            where a.attname is distinct from 'tenant_id'
        """,
        specimen="create unique index across on member (login)",
        told="across",
    ),
    Rule(
        claim="a geometry is indexed by GiST, behind the tenant",
        offenders="""
            select i.indexrelid::regclass::text from pg_index as i join of_tenants on of_tenants.oid = i.indrelid
            join pg_class as c on c.oid = i.indexrelid join pg_am on pg_am.oid = c.relam
            where exists (select from pg_attribute as a join pg_type as t on t.oid = a.atttypid
                where a.attrelid = i.indrelid and a.attnum = any(i.indkey) and t.typname in ('geometry', 'geography'))
            and (amname <> 'gist' or indnkeyatts <> 2 or indexprs is not null)
        """,
        specimen="create index places on site using btree (tenant_id, geom)",
        told="places",
    ),
    Rule(
        claim="a view asks as whoever reads it",
        offenders="""
            select name from ours
            where relkind = 'v' and not coalesce('security_invoker=true' = any(reloptions), false)
        """,
        specimen="create view all_sites as select * from site",
        told="all_sites",
    ),
    Rule(
        claim="no rows are kept twice where no policy reaches them",
        offenders="select name from ours where relkind = 'm'",
        specimen="create materialized view counted as select tenant_id, count(*) from site group by 1",
        told="counted",
    ),
    Rule(
        claim="the app owns nothing in this database",
        offenders="""
            select pg_describe_object(classid, objid, objsubid) from pg_shdepend
            where deptype = 'o' and refobjid = 'geo_app'::regrole
            and dbid = (select oid from pg_database where datname = current_database())
        """,
        specimen="create table own (id int); alter table own owner to geo_app",
        told="table own",
    ),
    Rule(
        claim="nobody is granted what will be made later",
        offenders="select defaclrole::regrole::text from pg_default_acl",
        specimen="alter default privileges for role geo_owner grant select on tables to geo_app",
        told="geo_owner",
    ),
    Rule(
        claim="the app makes nothing in a schema",
        offenders="""
            select nspname from pg_namespace
            where nspname !~ '^pg_' and has_schema_privilege('geo_app', oid, 'create')
        """,
        specimen="grant create on schema public to public",
        told="public",
    ),
    Rule(
        claim="the app empties no table, refers to none by a key of its own and hangs no trigger on one",
        offenders="""
            select distinct name from ours, unnest('{TRUNCATE,REFERENCES,TRIGGER}'::text[]) as privilege
            where relkind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege('geo_app', ours.oid, privilege)
        """,
        specimen="grant trigger on site to geo_app",
        told="site",
    ),
    Rule(
        claim="nothing of ours is granted to everybody",
        offenders="select name from ours, aclexplode(relacl) as held where held.grantee = 0",
        specimen="grant select on tenant_directory to public",
        told="tenant_directory",
    ),
    Rule(
        claim="what is appended is not changed, and a version of a plan stays as it is",
        offenders="""
            select distinct name from ours, unnest('{UPDATE,DELETE}'::text[]) as privilege
            where name in (
                'audit_event', 'audit_link', 'plan', 'route', 'planned_visit', 'unassigned', 'publication_seen')
            and (has_table_privilege('geo_app', ours.oid, privilege)
                or privilege = 'UPDATE' and has_any_column_privilege('geo_app', ours.oid, privilege))
        """,
        specimen="grant update (cost) on plan to geo_app",
        told="plan",
    ),
    Rule(
        claim="of a publication only its end is written afterwards",
        offenders="""
            select attname from pg_attribute where attrelid = 'publication'::regclass and attnum > 0
            and attname not in ('ended_at', 'ended_by') and has_column_privilege('geo_app', attrelid, attnum, 'UPDATE')
        """,
        specimen="grant update (published_at) on publication to geo_app",
        told="published_at",
    ),
    Rule(
        claim="of a photo only whose it is is written afterwards",
        offenders="""
            select attname from pg_attribute where attrelid = 'photo'::regclass and attnum > 0
            and attname not in ('worker_id', 'sent_by') and has_column_privilege('geo_app', attrelid, attnum, 'UPDATE')
        """,
        specimen="grant update (taken_at) on photo to geo_app",
        told="taken_at",
    ),
    Rule(
        claim="a function with its owner's powers is executed by nobody, a trigger's neither, but for nine by the app",
        offenders="""
            select oid::regprocedure::text from pg_proc where prosecdef and (
                has_function_privilege('public', oid, 'execute') or has_function_privilege('geo_app', oid, 'execute')
                and oid::regprocedure::text not in (
                    'find_tenant(text)', 'find_sign_ins(text)', 'add_fix_partition(smallint,timestamp with time zone)',
                    'drop_expired_fixes()', 'release_sealed_fixes()', 'tidy_tracks()',
                    'tracked_companies()', 'erase_audit_matters(bigint[],bytea[],uuid)',
                    'erase_sealed_fixes(uuid,timestamp with time zone,timestamp with time zone)'))
        """,
        specimen="""
            create function peep() returns trigger language plpgsql security definer set search_path = pg_catalog
            as 'begin return null; end'
        """,
        told="peep()",
    ),
    Rule(
        claim="a function with its owner's powers that somebody may call looks only where it is told",
        offenders="""
            select oid::regprocedure::text from pg_proc where prosecdef
            and (prorettype = 'trigger'::regtype or has_function_privilege('geo_app', oid, 'execute'))
            and not coalesce('search_path=pg_catalog, pg_temp' = any(proconfig), false)
        """,
        specimen="""
            create function peep() returns trigger language plpgsql security definer set search_path = public
            as 'begin return null; end'
        """,
        told="peep()",
    ),
    Rule(
        claim="the app learns nothing from statistics of all rows",
        offenders="""
            select oid::regprocedure::text from pg_proc where has_function_privilege('geo_app', oid, 'execute') and
            proname in ('st_estimatedextent', '_postgis_stats', '_postgis_index_extent', '_postgis_selectivity')
        """,
        specimen="grant execute on function _postgis_stats to geo_app",
        told="_postgis_stats(regclass,text,text)",
    ),
)
_claims = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.claim)


@pytest.fixture(scope="module")
def server(databases: Databases) -> Iterator[psycopg.Connection]:
    """Give a superuser's connection to a migrated database."""
    with databases.clone() as own, connected(own.cluster, database=own.name) as connection:
        connection.execute(OURS)
        yield connection


@_claims
def test_the_database_keeps_the_rule(server: psycopg.Connection, rule: Rule) -> None:
    """Nothing in the migrated database breaks it."""
    assert server.execute(rule.offenders).fetchall() == []


@_claims
def test_what_breaks_the_rule_is_named(server: psycopg.Connection, rule: Rule) -> None:
    """The rule's own query finds what was made wrong, so that it can fail."""
    with server.transaction(force_rollback=True):
        server.execute(rule.specimen)

        assert (rule.told,) in server.execute(rule.offenders).fetchall()


def test_the_app_is_nobody_else_and_above_nothing(server: psycopg.Connection) -> None:
    """It is a member of no role, bypasses no policy, and can become neither owner nor maintenance."""
    query = """
        select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
            (select count(*) from pg_auth_members where member = pg_roles.oid),
            pg_has_role(oid, 'geo_owner', 'member'), pg_has_role(oid, 'geo_maintenance', 'member')
        from pg_roles where rolname = 'geo_app'
    """

    assert server.execute(query).fetchone() == (False, False, False, False, False, 0, False, False)


def test_every_table_has_a_tenant_or_needs_none(server: psycopg.Connection) -> None:
    """A table of ours without the column is known by name, so that no rule above passes it by unseen."""
    query = "select name from ours where relkind in ('r', 'p', 'f') except select name from of_tenants"

    assert {name for (name,) in server.execute(query)} == {
        "alembic_version",
        "tenant_directory",
        "sign_in_directory",
        "procrastinate_events",
        "procrastinate_jobs",
        "procrastinate_periodic_defers",
        "procrastinate_workers",
    }
