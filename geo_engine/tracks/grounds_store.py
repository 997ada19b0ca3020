"""Queries of what decides about fixes that arrive: which keys hold, when which device may be tracked, for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.packed import INTEGERS, MOMENTS, UUIDS, bytes_of, pack, unpack
from geo_engine.db.wire import Answer, Wire
from geo_engine.tenancy.model import Attendance
from geo_engine.tracks.arrivals import POSTGRES_EPOCH_US, Batch

GROUNDS = """
select t.attendance, t.retention_days, (
    select array_agg((d.number - 1)::int) from unnest(%(hashes)s::bytea[]) with ordinality as d (secret_hash, number)
    where (select not k.is_revoked and (k.ends_at is null or k.ends_at > %(now)s::timestamptz)
        from device_key as k where k.secret_hash = d.secret_hash) is not true), open.numbers, open.starts, open.ends
from tenant as t, (
    select array_agg((d.number - 1)::int), array_agg(o.start_at), array_agg(o.end_at)
    from unnest(%(devices)s::uuid[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
        with ordinality as d (device_id, first_at, last_at, number)
    cross join lateral open_spans(d.device_id, d.first_at, d.last_at) as o
) as open (numbers, starts, ends)
"""
"""Of the bound company its rule, which of some keys do not hold, and when some devices may be tracked."""


_HASHES = bytes_of(32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenSpans:
    """When devices may be tracked, both ends included.

    Parameters
    ----------
    device_numbers
        Of which of a batch's devices each span is: none, one or several of each.
    starts_us, ends_us
        Microseconds since 1970.
    """

    device_numbers: NDArray[Any]
    starts_us: NDArray[Any]
    ends_us: NDArray[Any]

    def without(self, indices: NDArray[np.intp]) -> Self:
        """Return the others."""
        return type(self)(
            device_numbers=np.delete(self.device_numbers, indices),
            starts_us=np.delete(self.starts_us, indices),
            ends_us=np.delete(self.ends_us, indices),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grounds:
    """What decides about the fixes of a batch.

    Parameters
    ----------
    attendance
        Whether what lies outside every shift may be covered by a later clock-in.
    invalid_hashes
        Of the keys that do not hold any more.
    """

    attendance: Attendance
    retention_days: int
    invalid_hashes: frozenset[bytes]
    open_spans: OpenSpans


def find_grounds(wire: Wire, batches: Sequence[Batch], *, now: datetime) -> list[Grounds]:
    """Return what decides about each batch, as it is now; all of it is asked at once."""
    with wire.together():
        asked = [_ask(wire, batch, now) for batch in batches]
    return [_grounds(*one) for one in asked]


def _ask(wire: Wire, batch: Batch, now: datetime) -> tuple[list[bytes], Answer]:
    wire.bind(batch.tenant_id)
    hashes = sorted(frozenset().union(*(arrival.key_hashes for arrival in batch.arrivals)))
    firsts_us = np.full(len(batch.device_ids), np.iinfo(np.int64).max)
    lasts_us = np.full(len(batch.device_ids), np.iinfo(np.int64).min)
    np.minimum.at(firsts_us, batch.device_numbers, batch.track.times_us)
    np.maximum.at(lasts_us, batch.device_numbers, batch.track.times_us)
    values = {
        "hashes": pack(_HASHES, np.frombuffer(b"".join(hashes), dtype=_HASHES.layout)),
        "now": now,
        "devices": pack(UUIDS, batch.device_ids),
        "firsts": pack(MOMENTS, firsts_us - POSTGRES_EPOCH_US),
        "lasts": pack(MOMENTS, lasts_us - POSTGRES_EPOCH_US),
    }
    return hashes, wire.run(GROUNDS, values)


def _grounds(hashes: list[bytes], answer: Answer) -> Grounds:
    attendance, retention_days, invalid, numbers, starts, ends = answer.row()
    return Grounds(
        attendance=Attendance(cast("bytes", attendance).decode()),
        retention_days=int.from_bytes(cast("bytes", retention_days)),
        invalid_hashes=frozenset(hashes[number] for number in unpack(INTEGERS, invalid).tolist()),
        open_spans=OpenSpans(
            device_numbers=unpack(INTEGERS, numbers),
            starts_us=unpack(MOMENTS, starts) + POSTGRES_EPOCH_US,
            ends_us=unpack(MOMENTS, ends) + POSTGRES_EPOCH_US,
        ),
    )
