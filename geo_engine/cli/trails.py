"""Which trails a command is about, and what of them is kept outside the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from geo_engine.audit.vault import Vault
from geo_engine.cli.tenants import open_database
from geo_engine.db.session import Database
from geo_engine.ids import TenantId
from geo_engine.settings import Settings, read_settings
from geo_engine.tenancy.service import get_code, get_tenant_id, list_companies

tenant_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--tenant", "code", metavar="TENANT", help="Of one company only; of all unless given."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTrails:
    """The trails of companies, by the companies' codes.

    Parameters
    ----------
    missing_ids
        Companies of which something was anchored, and that are not there any more.
    """

    database: Database
    vault: Vault
    tenant_ids: dict[str, TenantId]
    missing_ids: frozenset[TenantId] = frozenset()


def vault_of(settings: Settings) -> Vault:
    """Return where an installation keeps the key and the anchors of its trails."""
    return Vault(state_dir=settings.state_dir, given_key=settings.audit_key, anchors_dir=settings.audit_anchors_dir)


@contextmanager
def open_trails(code: str | None) -> Iterator[OpenTrails]:
    """Give the trail of the company with a code, or all trails there are.

    Raises
    ------
    TenantNotFound
        When there is none with the code.
    """
    vault = vault_of(read_settings())
    with open_database() as database:
        if code is None:
            tenant_ids = {_code(database, one): one for one in list_companies(database)}
            missing_ids = vault.list_anchored() - set(tenant_ids.values())
        else:
            tenant_ids, missing_ids = {code: get_tenant_id(database, code)}, frozenset()
        yield OpenTrails(database=database, vault=vault, tenant_ids=tenant_ids, missing_ids=missing_ids)


def _code(database: Database, tenant_id: TenantId) -> str:
    with database.bound(tenant_id) as session:
        return get_code(session)
