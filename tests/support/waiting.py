"""What becomes of a transaction that waits for another."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from geo_engine.db.session import Session
from geo_engine.errors import GeoEngineError
from geo_engine.ids import TenantId
from support.cluster import connected
from support.databases import OwnDatabase

_LONGEST_S = 20.0
_QUERY = """
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


def outcome_meanwhile(
    own: OwnDatabase, tenant_id: TenantId, first: Callable[[Session], object], second: Callable[[Session], object]
) -> GeoEngineError | None:
    """Return how `second` ends, None being well, when it begins while `first` is done but not committed.

    The first one is committed once the second waits for it.
    """

    def attempt() -> GeoEngineError | None:
        try:
            with own.app.bound(tenant_id) as session:
                second(session)
        except GeoEngineError as error:
            return error
        return None

    with ThreadPoolExecutor(1) as pool:
        with own.app.bound(tenant_id) as session:
            first(session)
            begun = pool.submit(attempt)
            wait_until_blocked(own)
        return begun.result(timeout=_LONGEST_S)


def wait_until_blocked(own: OwnDatabase, *, count: int = 1) -> None:
    """Return once so many transactions of the database wait for locks that others hold."""
    with connected(own.cluster, database=own.name) as server:
        give_up_at_s = time.monotonic() + _LONGEST_S
        while server.execute(_QUERY).fetchone() != (count,):
            assert time.monotonic() < give_up_at_s, f"{count} do not wait"
            time.sleep(0.02)
