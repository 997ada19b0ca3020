"""How fixes of many devices become rows at once: one COPY, then tenant by tenant, all in one commit.

Row-level security refuses COPY, so it goes into a table of the connection's own, which no policy binds and
nobody else sees; from there each tenant's rows are taken while the transaction is bound to that tenant. A few fixes are
sent as arrays with the statement that takes them: they would wait longer for the COPY than they take themselves.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Self
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.packed import (
    DOUBLES,
    INTEGERS,
    LARGE_INTEGERS,
    MOMENTS,
    REALS,
    SMALL_INTEGERS,
    UUIDS,
    Kind,
    Packed,
    bytes_of,
    pack,
)
from geo_engine.db.session import Session
from geo_engine.db.wire import Wire
from geo_engine.ids import TenantId
from geo_engine.tracks.arrivals import (
    COPY_HEAD,
    COPY_TAIL,
    NEVER_US,
    POSTGRES_EPOCH_US,
    STAGING_COLUMNS,
    Arrival,
    Outcome,
)
from geo_engine.tracks.model import Track
from geo_engine.tracks.rows import FIX_COLUMNS
from geo_engine.words import DEFAULT_LANGUAGE

_COPIED_FROM = 1_000
_LONGEST_REASON = 500
_MOST_REASONS_AN_HOUR = 100
_QUOTED, _DIGIT = re.compile("“.*”"), re.compile(r"\d")
STAGING = """
create temporary table staged_fix (
    tenant_id uuid, device_id uuid, tracked_at timestamptz, place bigint, retention_days smallint,
    received_at timestamptz, sent_at timestamptz, geom geometry, accuracy_m real, altitude_m real, speed_mps real,
    heading_deg real, battery_percent real, flags smallint, source smallint
) on commit delete rows
"""
"""What makes the connection's own table."""
_COPY = f"copy pg_temp.staged_fix ({', '.join(STAGING_COLUMNS)}) from stdin (format binary)"
_UNKNOWN = {"sent_at": "'-infinity'"} | dict.fromkeys(
    ("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent"), "'NaN'"
)
_TAKEN = {name: f"nullif(n.{name}, {_UNKNOWN[name]})" if name in _UNKNOWN else f"n.{name}" for name in FIX_COLUMNS}
_TAKEN |= {"geom": "n.geom::geometry"}


_SENT: dict[str, tuple[str, Kind]] = {
    "device_id": ("uuid", UUIDS),
    "tracked_at": ("timestamptz", MOMENTS),
    "place": ("bigint", LARGE_INTEGERS),
    "retention_days": ("smallint", SMALL_INTEGERS),
    "received_at": ("timestamptz", MOMENTS),
    "sent_at": ("timestamptz", MOMENTS),
    "geom": ("bytea", bytes_of(25)),
    "accuracy_m": ("real", REALS),
    "altitude_m": ("real", REALS),
    "speed_mps": ("real", REALS),
    "heading_deg": ("real", REALS),
    "battery_percent": ("real", REALS),
    "flags": ("smallint", SMALL_INTEGERS),
    "source": ("smallint", SMALL_INTEGERS),
}


def _unnested(sent: Mapping[str, tuple[str, Kind]], *, prefix: str = "") -> str:
    columns = ", ".join(f"%({prefix}{name})s::{sql}[]" for name, (sql, _) in sent.items())
    return f"unnest({columns}) as n ({', '.join(sent)})"


_FROM_STAGED = "pg_temp.staged_fix as n where n.tenant_id = %(tenant)s::uuid and"
_FROM_SENT = f"{_unnested(_SENT)} where"


def _take(source: str, table: str, taken: Mapping[str, str], condition: str) -> str:
    return (
        f"insert into {table} (tenant_id, {', '.join(taken)}) select %(tenant)s::uuid, {', '.join(taken.values())} "  # noqa: S608
        f"from {source} {condition} on conflict do nothing"
    )


# What is to be sealed carries its class as a negative number on the way.
_SEALED = _TAKEN | {"retention_days": "-n.retention_days"}
_KEEP = {source: _take(source, "fix", _TAKEN, "n.retention_days > 0") for source in (_FROM_STAGED, _FROM_SENT)}
_SEAL = {source: _take(source, "sealed_fix", _SEALED, "n.retention_days < 0") for source in (_FROM_STAGED, _FROM_SENT)}
_OF_LIVE = ("tracked_at", "received_at", "geom", "accuracy_m", "speed_mps", "heading_deg", "battery_percent")
_SENT_OF_LIVE: dict[str, tuple[str, Kind]] = {
    "device_id": ("uuid", UUIDS),
    "tracked_at": ("timestamptz", MOMENTS),
    "received_at": ("timestamptz", MOMENTS),
    "lon": ("float8", DOUBLES),
    "lat": ("float8", DOUBLES),
    "accuracy_m": ("real", REALS),
    "speed_mps": ("real", REALS),
    "heading_deg": ("real", REALS),
    "battery_percent": ("real", REALS),
    "newest_at": ("timestamptz", MOMENTS),
}
# A statement has one set of names for what is sent with it.
_LIVE_PREFIX = "live_"


def _move_on(underived_from: str, beside: str = "") -> str:
    """Return the statement that moves live rows on; `beside` is joined, and may tell from when on to derive."""
    return f"""
insert into device_live as l (device_id, {", ".join(_OF_LIVE)}, changed_in, newest_at, underived_from)
select n.device_id, nullif(n.tracked_at, '-infinity'), nullif(n.received_at, '-infinity'),
    case when n.tracked_at > '-infinity' then st_setsrid(st_makepoint(n.lon, n.lat), 4326) end,
    nullif(n.accuracy_m, 'NaN'), nullif(n.speed_mps, 'NaN'), nullif(n.heading_deg, 'NaN'),
    nullif(n.battery_percent, 'NaN'), pg_current_xact_id()::text::bigint, n.newest_at, {underived_from}
from {_unnested(_SENT_OF_LIVE, prefix=_LIVE_PREFIX)} {beside}
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


_LIVE = _move_on("%(underived_from)s::timestamptz")
# What was known before asks nobody to derive anything.
_KEEP_AND_LIVE = {
    source: f"""
with kept as ({keep} returning device_id, tracked_at), news as (
    select device_id, min(tracked_at) as first_at from kept group by device_id
)
{_move_on("k.first_at", "left join news as k on k.device_id = n.device_id")}
"""  # noqa: S608 - names of ours
    for source, keep in _KEEP.items()
}
_ADD_PARTITION = "select add_fix_partition(%(days)s::smallint, %(at)s::timestamptz)"
# A device that is gone has no counts.
_COUNT = """
insert into ingest_count as c (counted_on, device_id, outcome, fix_count)
select %(counted_on)s::date, n.device_id, n.outcome, n.fix_count
from unnest(%(device_ids)s::uuid[], %(outcomes)s::text[], %(fix_counts)s::int[]) as n (device_id, outcome, fix_count)
where exists (select from device as d where d.id = n.device_id)
order by n.device_id, n.outcome
on conflict (tenant_id, counted_on, device_id, outcome) do update set fix_count = c.fix_count + excluded.fix_count
"""
_REJECTED = """
insert into rejected_post as p (id, device_id, received_at, reason, body)
values (%(id)s, %(device_id)s, %(received_at)s, %(reason)s, '')
on conflict (tenant_id, id) do update set received_at = excluded.received_at
where p.reason = excluded.reason and p.received_at < excluded.received_at - interval '1 minute'
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incoming:
    """Where a tenant's share of what arrived is to be taken from, and what is sent with the statement that takes it."""

    source: str
    values: Mapping[str, Packed]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveFixes:
    """Of each of some devices the newest usable fix that arrived, if any, and when the newest of all was.

    Parameters
    ----------
    columns
        As they are sent; an unknown figure is NaN there, and a moment of no fix -infinity.
    """

    columns: Mapping[str, NDArray[Any]]

    @classmethod
    def of(
        cls,
        track: Track,
        indices: NDArray[np.intp],
        *,
        device_ids: NDArray[np.void],
        received_us: NDArray[np.int64],
        newest_us: NDArray[np.int64],
    ) -> Self:
        """Return the fixes at some indices of a track.

        Parameters
        ----------
        indices
            One a device; -1 where no fix of it is usable.
        received_us
            When each fix of the track was received.
        newest_us
            When the newest fix of each device was, usable or not.
        """
        is_none = indices < 0
        figures = {
            "lon": track.lons_deg,
            "lat": track.lats_deg,
            "accuracy_m": track.accuracies_m,
            "speed_mps": track.speeds_mps,
            "heading_deg": track.headings_deg,
            "battery_percent": track.batteries_percent,
        }
        moments = {"tracked_at": track.times_us, "received_at": received_us}
        columns = {name: np.where(is_none, np.nan, column[indices]) for name, column in figures.items()}
        columns |= {
            name: np.where(is_none, NEVER_US, column[indices] - POSTGRES_EPOCH_US) for name, column in moments.items()
        }
        return cls(columns={"device_id": device_ids, **columns, "newest_at": newest_us - POSTGRES_EPOCH_US})

    def packed(self) -> dict[str, Packed]:
        """Return what is sent with a statement that moves live rows on."""
        return {_LIVE_PREFIX + name: one for name, one in _packed(_SENT_OF_LIVE, self.columns).items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """How many fixes were acknowledged and not stored, by device and outcome."""

    device_ids: NDArray[np.void]
    outcomes: Sequence[Outcome]
    fix_counts: NDArray[np.intp]


def add_partition(session: Session, retention_days: int, day: date) -> bool:
    """Have fixes of a class and a day (UTC) kept; False when they are expired or lie too far ahead."""
    # A day that is not all expired yet has a partition.
    values = {"days": retention_days, "at": datetime.combine(day, time.max, UTC)}
    return bool(session.connection().exec_driver_sql(_ADD_PARTITION, values).scalar())


def stage_fixes(wire: Wire, rows: Sequence[NDArray[np.void]]) -> tuple[Incoming, ...]:
    """Bring rows of several tenants, laid out as `arrivals.copied_rows` does, to where each tenant's can be taken."""
    if sum(map(len, rows)) < _COPIED_FROM:
        return tuple(Incoming(source=_FROM_SENT, values=_packed(_SENT, one)) for one in rows)
    wire.copy(_COPY, b"".join((COPY_HEAD, *(one.tobytes() for one in rows), COPY_TAIL)))
    return (Incoming(source=_FROM_STAGED, values={}),) * len(rows)


def keep_staged(wire: Wire, tenant_id: TenantId, incoming: Incoming, live: LiveFixes) -> None:
    """Take those fixes of the bound tenant into its rows that are to be kept, and move where their devices are.

    It moves forward, never back. From the first fix on that was not known before a device is to be derived.
    """
    wire.run(_KEEP_AND_LIVE[incoming.source], {"tenant": tenant_id, **incoming.values, **live.packed()})


def seal_staged(wire: Wire, tenant_id: TenantId, incoming: Incoming) -> None:
    """Seal those fixes of the bound tenant that are to be."""
    wire.run(_SEAL[incoming.source], {"tenant": tenant_id, **incoming.values})


def _packed(
    sent: Mapping[str, tuple[str, Kind]], columns: Mapping[str, NDArray[Any]] | NDArray[np.void]
) -> dict[str, Packed]:
    return {name: pack(kind, columns[name]) for name, (_, kind) in sent.items()}


def save_live(session: Session, live: LiveFixes, *, underived_from: datetime) -> None:
    """Move where devices are forward, never back, and note from when on their fixes are to be derived."""
    session.connection().exec_driver_sql(_LIVE, {**live.packed(), "underived_from": underived_from})


def add_counts(wire: Wire, counts: Counts, *, counted_on: date) -> None:
    """Add to what was acknowledged and not stored."""
    values = {
        "counted_on": counted_on,
        "device_ids": pack(UUIDS, counts.device_ids),
        "outcomes": [str(one) for one in counts.outcomes],
        "fix_counts": pack(INTEGERS, counts.fix_counts),
    }
    wire.run(_COUNT, values)


def add_rejected(wire: Wire, arrivals: Sequence[Arrival]) -> None:
    """Keep why something could not be understood: what one device sends within an hour, in a hundred rows at most.

    Nothing of the post itself is kept: beside what is bad it may hold where somebody was who may not be tracked then.
    Of what a reason quotes the form is kept, without its figures.

    Notes
    -----
    Which of the hundred a reason has is a hash of it, so that no row is counted and a phone that sends the same all
    day is on record once an hour, to the minute by when it came last; of two reasons in one place the first is kept.
    """
    rows: dict[UUID, dict[str, object]] = {}
    for arrival in arrivals:
        told = dict.fromkeys(_without_figures(message.render(DEFAULT_LANGUAGE)) for message in arrival.rejected)
        reason = " ".join(told)[:_LONGEST_REASON]
        values = {"device_id": arrival.device_id, "received_at": arrival.received_at, "reason": reason}
        rows.setdefault(_place_of(arrival, reason), values)
    for row_id in sorted(rows):  # in an order that all processes share: none waits for who waits for it
        wire.run(_REJECTED, {"id": row_id, **rows[row_id]})


def _without_figures(reason: str) -> str:
    return _QUOTED.sub(lambda quoted: _DIGIT.sub("0", quoted[0]), reason)


def _place_of(arrival: Arrival, reason: str) -> UUID:
    """Return which row of its device and hour (UTC) a reason is kept in."""
    place = zlib.crc32(reason.encode()) % _MOST_REASONS_AN_HOUR
    return uuid5(arrival.device_id, f"{arrival.received_at.astimezone(UTC):%Y%m%d%H} {place}")
