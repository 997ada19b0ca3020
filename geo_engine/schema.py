"""Every table of the product in one place, for migrations and the tests that walk them all."""

from sqlalchemy import MetaData

from geo_engine.audit import link_store as _links
from geo_engine.audit import store as _audit
from geo_engine.customers import store as _customers
from geo_engine.db.base import Base
from geo_engine.geofences import accuracy_store as _accuracies
from geo_engine.geofences import store as _fences
from geo_engine.imports import store as _imports
from geo_engine.outbox import store as _outbox
from geo_engine.photos import store as _photos
from geo_engine.planning.periods import store as _periods
from geo_engine.planning.versions import rows as _plans
from geo_engine.roads import store as _roads
from geo_engine.tenancy import credential_store as _credentials
from geo_engine.tenancy import store as _tenancy
from geo_engine.tracks import rows as _tracks
from geo_engine.visits import rows as _visits
from geo_engine.workforce import device_store as _devices
from geo_engine.workforce import store as _workforce

_STORES = (
    *(
        _accuracies,
        _audit,
        _credentials,
        _customers,
        _devices,
        _fences,
        _imports,
        _links,
        _outbox,
        _periods,
        _photos,
        _plans,
    ),
    *(_roads, _tenancy, _tracks, _visits, _workforce),
)


_OF_OTHERS = ("procrastinate_", "idx_procrastinate_", "fix_")


def all_tables() -> MetaData:
    """Return the tables of all stores."""
    return Base.metadata


def is_ours(name: str) -> bool:
    """Return whether a table or an index is of our stores: neither of the queue's library nor a partition of one."""
    return not name.startswith(_OF_OTHERS)
