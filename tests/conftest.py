"""What holds for every test: laws are judged by what they claim, and a database is a real PostGIS.

One throwaway cluster a session, one clone a test; who asks for no database starts none.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from support.databases import Databases, OwnDatabase, migrated_databases

settings.register_profile("geo_engine", deadline=None)  # never by how long a busy machine takes
settings.load_profile("geo_engine")


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
