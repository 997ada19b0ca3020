"""Many companies with many rows, made in SQL in seconds: what the planner of a large installation sees."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import psycopg

from geo_engine.ids import TenantId

FIRST_DUE_ON = date(2026, 11, 1)
DAYS = 20
TEAMS = 20
WORKERS = 100


def fill_sites(server: psycopg.Connection, *, tenant_count: int, site_count: int) -> Sequence[TenantId]:
    """Write companies of very different sizes with their sites, each due on one of 20 days; the largest comes first.

    Parameters
    ----------
    server
        The superuser's: what it writes is right by construction, so keys and triggers are not asked.

    Notes
    -----
    A company works in one to six of 24 cities; its sites gather round twelve districts of each, as a sum of two
    normal deviations of about 2 km. A company of the mean size has twenty teams, a larger one more; each day a
    twentieth of a team's sites is due. Rows of all companies lie mixed, as they do where all write every day.
    """
    server.execute("select setseed(0.42)")
    with server.transaction():
        server.execute("set local session_replication_role = replica")
        server.execute(_TENANTS, {"tenants": tenant_count})
        indexes = server.execute(_SITE_INDEXES).fetchall()
        for name, _ in indexes:
            server.execute(f"drop index {name}".encode())
        server.execute(_CITIES)
        server.execute(_SITES, {"tenants": tenant_count, "teams": TEAMS, "sites": site_count})
        server.execute(_TEAMS)
        for _, definition in indexes:
            server.execute(definition.encode())
        server.execute(_DUE_VISITS, {"first": FIRST_DUE_ON, "days": DAYS})
    server.execute("vacuum analyze")
    return tenant_ids(tenant_count)


def fill_work(server: psycopg.Connection) -> None:
    """Write workers, members, plans and trails of every company that `fill_sites` made."""
    with server.transaction():
        server.execute("set local session_replication_role = replica")
        for statement in _WORK:
            server.execute(statement, {"first": FIRST_DUE_ON, "days": DAYS, "workers": WORKERS, "teams": TEAMS})
    server.execute("vacuum analyze")


def tenant_ids(count: int) -> Sequence[TenantId]:
    """Return the companies that `fill_sites` makes, the largest first."""
    return [TenantId(UUID(int=number)) for number in range(1, count + 1)]


_TENANTS = """
with made as (
    insert into tenant (tenant_id, code, name, timezone, language, added_at)
    select lpad(to_hex(n), 32, '0')::uuid, 'company-' || n, 'Company ' || n, 'Asia/Shanghai', 'en', '2026-01-01'
    from generate_series(1, %(tenants)s::int) as n returning tenant_id, code
), listed as (
    insert into tenant_directory (code, tenant_id) select code, tenant_id from made
)
insert into role (tenant_id, id, name) select tenant_id, 'worker', 'Worker' from made
"""
_TEAMS = """
insert into team (tenant_id, id, name) select distinct tenant_id, team_id, team_id from site
"""
_SITE_INDEXES = "select indexname, indexdef from pg_indexes where tablename = 'site' and indexname like 'ix\\_%'"
_CITIES = """
create temporary table city on commit drop as
select row_number() over () as number, lon, lat from (values
    (116.40, 39.90), (121.47, 31.23), (113.26, 23.13), (114.06, 22.54), (104.07, 30.57), (106.55, 29.56),
    (114.30, 30.59), (108.94, 34.34), (120.15, 30.27), (118.80, 32.06), (117.20, 39.08), (123.43, 41.80),
    (126.64, 45.75), (112.94, 28.23), (113.62, 34.75), (117.00, 36.65), (120.38, 36.07), (102.83, 24.88),
    (87.62, 43.82), (91.13, 29.65), (110.33, 20.03), (-8.61, 41.15), (7.42, 43.74), (25.47, 65.01)
) as listed (lon, lat)
"""
# A company's share of the sites falls with its number; the sum of the shares before it is where its part begins.
_SITES = """
with share as (
    select n, greatest(1, (%(teams)s::int * %(tenants)s::int / (n + 3) / sum(1.0 / (n + 3)) over ())::int) as teams,
        sum(1.0 / (n + 3)) over (order by n) - 1.0 / (n + 3) as before, sum(1.0 / (n + 3)) over () as total
    from generate_series(1, %(tenants)s::int) as n
), part as (select array_agg((before / total)::float8 order by n) as starts from share
), drawn as (
    select i, width_bucket(random(), starts) as tenant, (random() * 1000)::int as pick,
        (random() * 11)::int as district, 0.018 * sqrt(-2 * ln(1 - random())) as away, 2 * pi() * random() as angle
    from part, generate_series(1, %(sites)s::int) as i
), placed as (
    select i, tenant, away, angle, (tenant * 7 + pick %% (1 + tenant %% 6)) %% 24 + 1 as city, district
    from drawn
)
insert into site (tenant_id, id, name, customer_id, team_id, geom, address, service_s, windows, skills, priority,
    penalty, required, worker_ids, amounts)
select lpad(to_hex(tenant), 32, '0')::uuid, 'S' || i, 'Site ' || i, null,
    'team-' || (city.number * 12 + district + 7 * (i %% 8)) %% teams,
    st_setsrid(st_point(
        lon + 0.10 * cos(district * 2.4) * sqrt(district) / 2 + away * cos(angle) / cos(radians(lat)),
        lat + 0.10 * sin(district * 2.4) * sqrt(district) / 2 + away * sin(angle)
    ), 4326),
    i || ' Renmin Road, District ' || district, 900, '[]', '{}', i %% 101, null, false, '{}', '{}'
from placed join city on city.number = placed.city join share on share.n = placed.tenant
"""
_DUE_VISITS = """
insert into due_visit (tenant_id, due_on, site_id)
select tenant_id, %(first)s::date + substr(id, 2)::int %% %(days)s::int, id from site
"""
_WORK = (
    """insert into customer (tenant_id, id, name)
    select tenant_id, 'C' || n, 'Customer ' || n from tenant, generate_series(1, 200) as n""",
    """insert into depot (tenant_id, id, geom)
    select tenant_id, 'W' || n || '/start', st_setsrid(st_point(116 + n / 1e3, 39), 4326)
    from tenant, generate_series(1, %(workers)s::int) as n""",
    """insert into member (tenant_id, id, login, name, role_id, team_id, language, added_at)
    select tenant_id, md5(tenant_id || 'M' || n)::uuid, 'm' || n, 'Member ' || n, 'worker', 'team-1', 'en', added_at
    from tenant, generate_series(1, %(workers)s::int) as n""",
    """insert into sign_in_directory (login, tenant_id, member_id) select login, tenant_id, id from member""",
    """insert into import_draft (tenant_id, id, kind, file_name, content, crs, placed, made_by, made_at)
    select tenant_id, id, 'sites', 'sites.csv', '', 'wgs84', '{}', id, '2026-11-24' from member""",
    """insert into worker (tenant_id, id, name, team_id, start_depot_id, shift_earliest_s, shift_latest_s, breaks,
        skills, capacity, cost_fixed, cost_per_hour, cost_per_km, member_id)
    select tenant_id, 'W' || n, 'Worker ' || n, 'team-' || n %% %(teams)s::int, 'W' || n || '/start', 28800, 64800,
        '[]', '{}', '{}', 0, 0, 0, md5(tenant_id || 'M' || n)::uuid
    from tenant, generate_series(1, %(workers)s::int) as n""",
    """insert into shift (tenant_id, service_on, worker_id, earliest_s, latest_s, start_at, end_at)
    select tenant_id, day, id, 28800, 61200, day + interval '8 hours', day + interval '17 hours'
    from worker, generate_series(%(first)s::date, %(first)s::date + %(days)s::int - 1, interval '1 day') as day""",
    """insert into device (tenant_id, id, protocol, name, added_at)
    select tenant_id, md5(tenant_id || 'D' || id)::uuid, 'batch', id, '2026-11-01' from worker""",
    """insert into device_key (tenant_id, secret_hash, device_id, made_at, is_revoked)
    select tenant_id, decode(md5(id::text || n), 'hex'), id, added_at, false from device, generate_series(1, 2) as n""",
    """insert into device_wearing (tenant_id, device_id, worn_from, worn_until, worker_id)
    select d.tenant_id, d.id, d.added_at + n * interval '1 day', case when n < 9 then d.added_at + (n + 1) * interval
        '1 day' end, name from device as d, generate_series(0, 9) as n""",
    """insert into shift_record (tenant_id, worker_id, clocked_in_at, clocked_out_at, service_on)
    select tenant_id, worker_id, service_on + interval '8 hours', service_on + interval '17 hours', service_on
    from shift where service_on < %(first)s::date + 10""",
    """insert into device_live (tenant_id, device_id, tracked_at, received_at, geom, changed_in, newest_at)
    select tenant_id, id, added_at, added_at, st_setsrid(st_point(116, 39), 4326), 1, added_at from device""",
    """insert into stop (tenant_id, id, device_id, started_at, ended_at, geom, radius_m, fix_count, is_open,
        rules, derived_at)
    select tenant_id, gen_random_uuid(), id, added_at + n * interval '1 hour', added_at + n * interval '1 hour',
        st_setsrid(st_point(116, 39), 4326), 1, 1, false, '1', added_at
    from device, generate_series(1, 3) as n""",
    """insert into trip (tenant_id, id, device_id, started_at, ended_at, distance_m, fix_count, driven_m, is_open,
        rules, derived_at)
    select tenant_id, gen_random_uuid(), id, added_at + n * interval '1 hour', added_at + (n + 1) * interval '1 hour',
        1, 1, case when n > 1 then 1 end, false, '1', added_at
    from device, generate_series(1, 20) as n""",
    """insert into trip_way (tenant_id, trip_id, number, kind, geom, distance_m, least_m, most_m, confidence)
    select tenant_id, id, n, 'matched', st_setsrid(
        st_makeline(st_makepointm(116, 39, n), st_makepointm(116, 39.1, n + 1)), 4326), 1, 1, 1, 1
    from trip, generate_series(0, 2) as n where driven_m is not null""",
    """insert into trajectory (tenant_id, device_id, started_at, ended_at, geom)
    select tenant_id, id, added_at + n * interval '1 hour', added_at + (n + 1) * interval '1 hour',
        st_setsrid(st_makeline(
        st_makepointm(116 + random(), 39 + random(), n), st_makepointm(116 + random(), 39 + random(), n + 1)), 4326)
    from device, generate_series(1, 3) as n""",
    """insert into photo (tenant_id, id, worker_id, sent_by, received_at, kind, width, height, original_sha256,
        original_bytes, display_sha256, display_bytes, thumbnail_sha256, thumbnail_bytes, fingerprint)
    select tenant_id, md5(concat_ws('/', tenant_id, id, n))::uuid, id, member_id, '2026-11-24', 'jpeg', 4000, 3000,
        encode(sha256(concat_ws('/', tenant_id, id, n, 'o')::bytea), 'hex'), 1,
        encode(sha256(concat_ws('/', tenant_id, id, n, 'd')::bytea), 'hex'), 1,
        encode(sha256(concat_ws('/', tenant_id, id, n, 't')::bytea), 'hex'), 1,
        substr(decode(repeat(md5(concat(id, n)), 15), 'hex'), 1, 228)
    from worker, generate_series(1, 5) as n""",
    """insert into photo_reuse (tenant_id, photo_id, examined_at, same_ids)
    select tenant_id, id, received_at, '{}' from photo""",
    """insert into check_in (tenant_id, id, kind, worker_id, site_id, told_at, sent_at, received_at, stated_at,
        positions, note)
    select tenant_id, md5(concat_ws('/', tenant_id, id, n))::uuid, 'in', id, concat('S', n), t, t, t, t, '[]', ''
    from worker, generate_series(1, 20) as n,
        lateral (select '2026-11-01'::timestamptz + n * interval '1 day' as t) as moment""",
    """insert into check_in_photo (tenant_id, photo_id, check_in_id, number)
    select p.tenant_id, p.id, p.id, 0
    from photo as p join check_in as c on c.tenant_id = p.tenant_id and c.id = p.id""",
    """insert into visit (tenant_id, id, derived_at, superseded_at, worker_id, service_on, site_id, began_at, verdict,
        is_ambiguous, rules, told)
    select tenant_id, md5(concat_ws('/', tenant_id, id, n / 2))::uuid, t + n * interval '1 s',
        case when n %% 2 = 0 then t + interval '1 h' end, id, t::date, concat('S', n), t,
        case n %% 6 when 1 then 'contradicted' else 'confirmed' end, false, '1',
        '{"stop": null, "presence": null, "fence": null, "candidates": [], "check_ins": [], "photos": [], "odds": 0,
        "reasons": [], "is_assigned": false}'
    from worker, generate_series(1, 40) as n,
        lateral (select '2026-11-01'::timestamptz + (n / 2) * interval '1 day' as t) as moment""",
    """insert into visit_decision (tenant_id, id, visit_id, worker_id, service_on, kind, from_at, until_at, note,
        decided_at)
    select tenant_id, gen_random_uuid(), id, worker_id, service_on, 'accepted', began_at, derived_at, '', began_at
    from visit where superseded_at is null""",
    """insert into visit_leg (tenant_id, service_on, worker_id, number, driven_least_m, driven_m, driven_most_m)
    select tenant_id, service_on, worker_id,
        row_number() over (partition by tenant_id, worker_id, service_on order by id, derived_at), 1, 2, 3
    from visit""",
    """insert into visit_claim (tenant_id, worker_id, service_on, asked_at, number)
    select tenant_id, id, '2026-11-01'::date + n, '2026-11-24', 1 from worker, generate_series(1, 20) as n""",
    """insert into road_graph (tenant_id, id, extract_name, chosen_at)
    select tenant_id, 'straight', '', added_at from tenant""",
    """insert into plan_request (tenant_id, id, service_on, team_id, time_limit_s, requested_at, base_version, state,
        attempt)
    select tenant_id, md5(concat_ws('/', tenant_id, id, d, v))::uuid, %(first)s::date + d, id, 10, '2026-11-01', v - 1,
        case v when 3 then 'solving' else 'planned' end, 1
    from team, generate_series(0, 4) as d, generate_series(1, 3) as v""",
    """insert into plan (tenant_id, id, service_on, team_id, version, request_id, made_at, timezone,
        road_graph_id, road_source, is_estimate, cost, travel_s, travel_m, inputs, violations, worker_notes)
    select tenant_id, id, service_on, team_id, base_version + 1, id, requested_at, 'Asia/Shanghai',
        'straight', 'straight', true, 1, 1, 1,
        '{"sites": [], "workers": []}', '[]', '[]'
    from plan_request where base_version < 2""",
    """insert into publication (tenant_id, plan_id, number, service_on, team_id, published_at, ended_at)
    select tenant_id, id, 1, service_on, team_id, made_at, case version when 1 then made_at end from plan""",
    """insert into route (tenant_id, plan_id, worker_id, number, start_geom, start_at, end_at, breaks, travel_s,
        travel_m, cost)
    select p.tenant_id, p.id, w.id, 1, st_setsrid(st_point(116, 39), 4326), made_at, made_at, '[]', 1, 1, 1
    from plan as p join worker as w on w.tenant_id = p.tenant_id and w.team_id = p.team_id""",
    """insert into publication_seen (tenant_id, plan_id, number, member_id, is_end, seen_at)
    select r.tenant_id, r.plan_id, 1, w.member_id, false, r.start_at
    from route as r join worker as w on w.tenant_id = r.tenant_id and w.id = r.worker_id""",
    """insert into planned_visit (tenant_id, plan_id, worker_id, number, job_id, site_id, geom, arrival_at, start_at,
        end_at, travel_s, travel_m)
    select r.tenant_id, plan_id, worker_id, n, s.id, s.id, start_geom, start_at, start_at, start_at, 1, 1
    from route as r cross join generate_series(1, 2) as n
    join (select tenant_id, id, row_number() over (partition by tenant_id) as number from site) as s
        on s.tenant_id = r.tenant_id and s.number = substr(worker_id, 2)::int * 10 + n""",
    """insert into unassigned (tenant_id, plan_id, job_id, site_id, number, reason, detail)
    select tenant_id, id, 'S9', 'S9', 1, 'no_room', '{"say": "1 visit", "facts": {}}' from plan""",
    """insert into geofence (tenant_id, id, version, name, site_id, is_automatic, kind, geom, size_m, box, windows,
        weekdays, valid_from, valid_until)
    select tenant_id, 'site/' || id, n, name, id, true, 'circle', geom, 100, st_expand(geom, 0.001), '[]', '{1}',
        case n when 1 then '-infinity' else timestamptz '2026-11-01' end, case n when 2 then 'infinity' else
        timestamptz '2026-11-01' end
    from site, generate_series(1, 2) as n where substr(site.id, 2)::int %% 10 = 0""",
    """insert into fence_accuracy (tenant_id, fence_id, service_on, worker_id, version, counts)
    select tenant_id, id, %(first)s::date + n, 'W' || (substr(site_id, 2)::int / 10 + n) %% %(workers)s::int + 1,
        version, '{0,0,3,7,2,0,0,0,0,0,0,0}'
    from geofence, generate_series(0, 4) as n where version = 2""",
    """insert into audit_event (tenant_id, happened_at, act, subject_kind, subject_id, facts)
    select tenant_id, added_at, 'look', 'site', 'S' || n, '{}' from tenant, generate_series(1, 1000) as n""",
    """insert into audit_link (tenant_id, position, event_number, settled_number, linked_at, form, commitment, previous,
        digest)
    select tenant_id, row_number() over (partition by tenant_id order by number), number, 0, written_at, 1, '', '', ''
    from audit_event""",
    """insert into outbox_event (tenant_id, topic, key, payload, written_at, delivered_at)
    select tenant_id, 'plan', 'P' || n, '{}', added_at, case when n < 980 then added_at end
    from tenant, generate_series(1, 1000) as n""",
)
