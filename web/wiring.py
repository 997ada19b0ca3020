"""What the pages stand on: one database, the installation's settings, a clock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from flask import current_app

from geo_engine.db.session import Database, Session
from geo_engine.ids import TenantId
from geo_engine.photos.files import PhotoFiles
from web.drafts import DraftShelf
from web.roads import RoadShelf

_KEY = "geo_engine"


def utc_now() -> datetime:
    """Return the moment, by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What a request may use.

    Parameters
    ----------
    photos
        Where the files of photos are.
    is_secure
        Whether browsers reach us by HTTPS, so that cookies can be kept to it.
    is_privately_signed
        Whether the certificate is one of our own authority's.
    authority
        The certificate that devices have to trust, where the installation signs its own.
    """

    database: Database
    photos: PhotoFiles
    roads: RoadShelf
    drafts: DraftShelf = field(default_factory=DraftShelf)
    secret_key: str = field(repr=False)
    is_secure: bool = False
    is_privately_signed: bool = False
    authority: Path | None = None
    now: Callable[[], datetime] = utc_now

    def bound(self, tenant_id: TenantId) -> AbstractContextManager[Session]:
        """Give a transaction bound to a company."""
        return self.database.bound(tenant_id)


def wiring() -> Wiring:
    """Return the wiring of the app that answers the current request."""
    return cast("Wiring", current_app.extensions[_KEY])


def attach(extensions: dict[str, object], made: Wiring) -> None:
    """Give an app its wiring."""
    extensions[_KEY] = made
