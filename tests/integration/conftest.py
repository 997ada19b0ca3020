"""A real PostGIS for every integration test: one throwaway cluster a session, one clone a test."""

from collections.abc import Iterator

import pytest
from support.databases import Databases, OwnDatabase, migrated_databases


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Give the session's cluster."""
    with migrated_databases() as made:
        yield made


@pytest.fixture
def own(databases: Databases) -> Iterator[OwnDatabase]:
    """Give a fresh database with no company in it."""
    with databases.clone() as made:
        yield made
