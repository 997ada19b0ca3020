"""Whoever owns the database changes nothing of a sealed trail unseen, not even with the key."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from support.companies import add_bare_company
from support.databases import Databases
from support.tampering import TAMPERINGS, Trail, add_trail, attempt, owned

from geo_engine.audit.vault import Vault
from geo_engine.audit.verifying import verify_trail
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database


@pytest.fixture(scope="module")
def trail(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    """Give a sealed trail to the owner."""
    vault = Vault(state_dir=Path(tmp_path_factory.mktemp("state")))
    with databases.clone() as made:
        tenant_id, others = (add_bare_company(made.app, code) for code in ("acme", "others"))
        add_trail(made.app, tenant_id, vault, Random(8), others=others)
        owner = Database(made.url(DatabaseRole.OWNER))
        with owned(owner, tenant_id, vault) as given:
            yield given
        owner.close()


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_found_at_its_row(trail: Trail, name: str) -> None:
    """Whichever row it is done to, and nothing else is blamed; undone, the trail is intact."""
    random = Random(name)

    attempts = [attempt(trail, name, random) for _ in range(6)]

    assert [(found, faults) for found, faults in attempts if not found.is_met(faults)] == []
    assert verify_trail(trail.database, trail.tenant_id, trail.vault).is_intact
