"""The app as a server loads it: wired to the installation's own settings."""

import gc
import signal
from functools import partial

from geo_engine.certificates import authority_path
from geo_engine.children import end_with_parent
from geo_engine.db.addresses import database_address
from geo_engine.db.revision import require_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database
from geo_engine.photos.files import open_photo_files
from geo_engine.private_files import kept_secret
from geo_engine.settings import Settings, read_settings
from web.app import create_app
from web.gateway import Gateway
from web.ingest.door import IngestDoor, ingest_door
from web.limits import limit_bytes
from web.roads import RoadShelf
from web.wiring import Wiring, utc_now

_THREADS = 8  # each may hold a connection of the pool
_INGEST_POOL = 6  # three commit and make partitions, two look keys up, one looks devices up by name


def make_app() -> IngestDoor:
    """Return the app of this installation, in the process that will answer with it and ends with the server's own."""
    end_with_parent(signal.SIGTERM)
    settings = read_settings()
    made = _wiring(settings)
    app = create_app(made)
    gateway = Gateway(app, limit_bytes=partial(limit_bytes, app), thread_count=_THREADS)
    ingest = Database(database_address(settings, DatabaseRole.APP), pool_size=_INGEST_POOL)
    door = ingest_door(gateway, ingest, utc_now)
    gc.collect()  # what is frozen is never freed
    gc.freeze()  # all of this lives as long as the process: nobody waits a tenth of a second while it is looked through
    return door


def _wiring(settings: Settings) -> Wiring:
    address = database_address(settings, DatabaseRole.APP)
    require_revision(address)
    return Wiring(
        database=Database(address, pool_size=_THREADS),
        photos=open_photo_files(settings.photo_url, state_dir=settings.state_dir),
        roads=RoadShelf(settings),
        secret_key=settings.secret_key or kept_secret(settings.state_dir / "session-secret"),
        is_secure=settings.is_secure,
        is_privately_signed=settings.is_privately_signed,
        authority=authority_path(settings.state_dir),
    )
