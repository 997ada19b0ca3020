"""When a transaction waits for another."""

import time

from support.cluster import connected
from support.databases import OwnDatabase

_LONGEST_S = 20.0
_QUERY = """
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


def wait_until_blocked(own: OwnDatabase) -> None:
    """Return once a transaction of the database waits for a lock that another holds."""
    with connected(own.cluster, database=own.name) as server:
        give_up_at_s = time.monotonic() + _LONGEST_S
        while server.execute(_QUERY).fetchone() == (0,):
            assert time.monotonic() < give_up_at_s, "nobody waits"
            time.sleep(0.02)
