"""Who is asking: the signed-in member as the pages know one, and what this person may reach."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_security import RoleMixin, UserMixin, current_user

from geo_engine.db.session import Session
from geo_engine.ids import TenantId
from geo_engine.tenancy import Access, Member, Tenant
from web.wiring import wiring

_UTC = ZoneInfo("UTC")


@dataclass(eq=False, kw_only=True)
class SignedIn(UserMixin):
    """A member who is signed in, for the length of one request."""

    tenant: Tenant
    member: Member
    access: Access
    session_key: UUID
    active: bool = True
    fs_uniquifier: str = ""
    roles: list[RoleMixin] = field(default_factory=list)

    @property
    def tenant_id(self) -> TenantId:
        """Whose rows this person sees."""
        return self.tenant.id

    @property
    def zone(self) -> ZoneInfo:
        """What clock times of the company are in; UTC until it has a zone."""
        return self.tenant.zone or _UTC

    def get_auth_token(self) -> str:
        """Return nothing: the cookie is the session, and nobody is given another way in."""
        return ""

    def __post_init__(self) -> None:
        # What the session cookie carries: the tenant, so that the next request can be bound to it, and the key.
        self.fs_uniquifier = f"{self.tenant_id}.{self.session_key}"


def somebody() -> SignedIn | None:
    """Return who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001


def me() -> SignedIn:
    """Return who is signed in; the gate has made sure that somebody is."""
    return cast("SignedIn", somebody())


def my_rows() -> AbstractContextManager[Session]:
    """Give a transaction bound to the company of whoever is signed in."""
    return wiring().bound(me().tenant_id)
