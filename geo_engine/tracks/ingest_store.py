"""How fixes of many devices become rows at once: one COPY, then tenant by tenant, all in one commit.

Row-level security refuses COPY, so it goes into a table of the connection's own, which no policy binds and
nobody else sees; from there each tenant's rows are taken while the transaction is bound to that tenant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import DeviceId
from geo_engine.tenancy.model import Attendance
from geo_engine.tracks.arrivals import COPY_HEAD, COPY_TAIL, STAGING_COLUMNS, Arrival, Outcome
from geo_engine.tracks.model import Track, to_moment
from geo_engine.tracks.rows import FIX_COLUMNS
from geo_engine.words import DEFAULT_LANGUAGE

_MADE = "has_staged_fix"
_LONGEST_REASON = 500
_STAGING = """
create temporary table if not exists staged_fix (
    tenant_id uuid, device_id uuid, tracked_at timestamptz, place bigint, retention_days smallint,
    received_at timestamptz, sent_at timestamptz, geom geometry, accuracy_m real, altitude_m real, speed_mps real,
    heading_deg real, battery_percent real, flags smallint, source smallint
) on commit delete rows
"""
_COPY = f"copy pg_temp.staged_fix ({', '.join(STAGING_COLUMNS)}) from stdin (format binary)"
_UNKNOWN = {"sent_at": "'-infinity'"} | dict.fromkeys(
    ("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent"), "'NaN'"
)
_TAKEN = {name: f"nullif({name}, {_UNKNOWN[name]})" if name in _UNKNOWN else name for name in FIX_COLUMNS}


def _take(table: str, taken: Mapping[str, str], condition: str) -> str:
    return (
        f"insert into {table} (tenant_id, {', '.join(taken)}) select tenant_id, {', '.join(taken.values())} "  # noqa: S608
        f"from pg_temp.staged_fix where tenant_id = %(tenant)s and {condition} on conflict do nothing"
    )


_KEEP = _take("fix", _TAKEN, "retention_days > 0")
# What is to be sealed carries its class as a negative number on the way.
_SEAL = _take("sealed_fix", _TAKEN | {"retention_days": "-retention_days"}, "retention_days < 0")
_RULE = """
select t.attendance, t.retention_days,
    array(select k.secret_hash from device_key as k where k.secret_hash = any(%(hashes)s::bytea[])
        and not k.is_revoked and (k.ends_at is null or k.ends_at > %(now)s::timestamptz))
from tenant as t
"""
_SPANS = """
select d.device_id, o.start_at, o.end_at
from unnest(%(devices)s::uuid[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
    as d (device_id, first_at, last_at)
cross join lateral open_spans(d.device_id, d.first_at, d.last_at) as o
"""
_OF_LIVE = ("tracked_at", "received_at", "geom", "accuracy_m", "speed_mps", "heading_deg", "battery_percent")
_LIVE = f"""
insert into device_live as l (device_id, {", ".join(_OF_LIVE)}, changed_in, newest_at, underived_from)
select n.device_id, n.tracked_at, n.received_at,
    case when n.tracked_at is not null then st_setsrid(st_makepoint(n.lon, n.lat), 4326) end,
    nullif(n.accuracy_m, 'NaN'), nullif(n.speed_mps, 'NaN'), nullif(n.heading_deg, 'NaN'),
    nullif(n.battery_percent, 'NaN'), pg_current_xact_id()::text::bigint, n.newest_at, n.underived_from
from unnest(%(device_id)s::uuid[], %(tracked_at)s::timestamptz[], %(received_at)s::timestamptz[], %(lon)s::float8[],
    %(lat)s::float8[], %(accuracy_m)s::real[], %(speed_mps)s::real[], %(heading_deg)s::real[],
    %(battery_percent)s::real[], %(newest_at)s::timestamptz[], %(underived_from)s::timestamptz[])
    as n (device_id, tracked_at, received_at, lon, lat, accuracy_m, speed_mps, heading_deg, battery_percent,
    newest_at, underived_from)
order by n.device_id
on conflict (tenant_id, device_id) do update set {
    ", ".join(
        f"{name} = case when excluded.tracked_at > coalesce(l.tracked_at, '-infinity') "
        f"then excluded.{name} else l.{name} end"
        for name in (*_OF_LIVE, "changed_in")
    )
}, newest_at = greatest(l.newest_at, excluded.newest_at),
    underived_from = least(l.underived_from, excluded.underived_from)
"""  # noqa: S608 - names of ours
_ADD_PARTITION = "select add_fix_partition(%(days)s::smallint, %(at)s::timestamptz)"
_COUNT = """
insert into ingest_count as c (counted_on, device_id, outcome, fix_count)
select * from unnest(%(days)s::date[], %(devices)s::uuid[], %(outcomes)s::text[], %(counts)s::int[])
    as n (counted_on, device_id, outcome, fix_count)
order by 1, 2, 3
on conflict (tenant_id, counted_on, device_id, outcome) do update set fix_count = c.fix_count + excluded.fix_count
"""


_REJECTED = """
insert into rejected_post (id, device_id, received_at, reason, body)
values (%(id)s, %(device_id)s, %(received_at)s, %(reason)s, %(body)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRule:
    """What decides about fixes as they arrive.

    Parameters
    ----------
    attendance
        Whether what lies outside every shift may be covered by a later clock-in.
    valid_hashes
        Of the keys that still hold.
    """

    attendance: Attendance
    retention_days: int
    valid_hashes: frozenset[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFix:
    """The newest usable fix that arrived of a device, if any, and the span of all that are to be derived."""

    device_id: DeviceId
    tracked_at: datetime | None
    received_at: datetime | None
    lon: float
    lat: float
    accuracy_m: float
    speed_mps: float
    heading_deg: float
    battery_percent: float
    newest_at: datetime
    underived_from: datetime

    @classmethod
    def of(
        cls,
        track: Track,
        index: int | None,
        *,
        device_id: DeviceId,
        received_us: NDArray[np.int64],
        span: tuple[datetime, datetime],
    ) -> Self:
        """Return the fix at an index of a track, received then, if one is usable, and the span of all that came."""

        def at(column: NDArray[np.float64]) -> float:
            return float("nan") if index is None else float(column[index])

        return cls(
            device_id=device_id,
            tracked_at=None if index is None else to_moment(int(track.times_us[index])),
            received_at=None if index is None else to_moment(int(received_us[index])),
            lon=at(track.lons_deg),
            lat=at(track.lats_deg),
            accuracy_m=at(track.accuracies_m),
            speed_mps=at(track.speeds_mps),
            heading_deg=at(track.headings_deg),
            battery_percent=at(track.batteries_percent),
            newest_at=span[1],
            underived_from=span[0],
        )


def find_rule(session: Session, key_hashes: Sequence[bytes], *, now: datetime) -> IngestRule:
    """Return what decides about fixes of the bound tenant that arrive with these keys."""
    attendance, retention_days, valid = _rows(session, _RULE, {"hashes": list(key_hashes), "now": now})[0]
    return IngestRule(
        attendance=Attendance(attendance),
        retention_days=retention_days,
        valid_hashes=frozenset(bytes(one) for one in valid),
    )


def list_open_spans(
    session: Session, asked: Sequence[tuple[DeviceId, datetime, datetime]]
) -> tuple[tuple[DeviceId, datetime, datetime], ...]:
    """Return when devices may be tracked, of the span asked for of each: both ends are in it."""
    devices, firsts, lasts = map(list, zip(*asked, strict=True))
    found = _rows(session, _SPANS, {"devices": devices, "firsts": firsts, "lasts": lasts})
    return tuple((DeviceId(device_id), start_at, end_at) for device_id, start_at, end_at in found)


def add_partition(session: Session, retention_days: int, at: datetime) -> bool:
    """Have fixes of a class and a moment kept; False when they are expired or lie too far ahead."""
    (is_kept,) = _rows(session, _ADD_PARTITION, {"days": retention_days, "at": at})[0]
    return bool(is_kept)


def stage_fixes(session: Session, rows: bytes) -> None:
    """Copy rows, laid out as `arrivals.copied_rows` does, into the connection's own table, where tenants' are taken."""
    connection = session.connection().connection
    driver: Any = connection.driver_connection
    facts: Any = connection.record_info
    with driver.cursor() as cursor:
        if _MADE not in facts:
            cursor.execute(_STAGING)
            facts[_MADE] = True
        with cursor.copy(_COPY) as copy:
            copy.write(COPY_HEAD + rows + COPY_TAIL)


def keep_staged(session: Session) -> int:
    """Take the staged fixes of the bound tenant into its rows, and return how many were new."""
    return _run(session, _KEEP, {"tenant": bound_tenant(session)})


def seal_staged(session: Session) -> int:
    """Seal the staged fixes of the bound tenant that are to be; return how many were new."""
    return _run(session, _SEAL, {"tenant": bound_tenant(session)})


def save_live(session: Session, fixes: Sequence[LiveFix]) -> None:
    """Move where devices are forward, never back, and note from when on their fixes are to be derived."""
    _run(session, _LIVE, {name: [getattr(fix, name) for fix in fixes] for name in LiveFix.__slots__})


def add_counts(session: Session, counts: Mapping[tuple[date, DeviceId, Outcome], int]) -> None:
    """Add to what was acknowledged and not stored."""
    days, devices, outcomes = zip(*counts, strict=True)
    values = {"days": list(days), "devices": list(devices), "outcomes": [str(one) for one in outcomes]}
    _run(session, _COUNT, values | {"counts": list(counts.values())})


def add_rejected(session: Session, arrivals: Sequence[Arrival]) -> None:
    """Keep the beginning of what could not be understood, and why."""
    for arrival in arrivals:
        reason = " ".join(dict.fromkeys(message.render(DEFAULT_LANGUAGE) for message in arrival.rejected))[
            :_LONGEST_REASON
        ]
        values = {
            "id": uuid4(),
            "device_id": arrival.device_id,
            "received_at": arrival.received_at,
            "reason": reason,
            "body": arrival.aside,
        }
        _run(session, _REJECTED, values)


def _run(session: Session, statement: str, values: dict[str, Any]) -> int:
    return session.connection().exec_driver_sql(statement, values).rowcount


def _rows(session: Session, statement: str, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
    return session.connection().exec_driver_sql(statement, values).fetchall()
