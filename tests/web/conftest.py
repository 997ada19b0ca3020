"""The app over a real database with two companies, and people of every role in each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.databases import Databases
from support.pages import Filled, Pages, filled_database


@pytest.fixture(scope="session")
def filled(databases: Databases) -> Iterator[Filled]:
    """Give a database with two companies that is only copied."""
    with filled_database(databases) as made:
        yield made


@pytest.fixture(scope="module")
def pages(databases: Databases, filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Give the pages of two companies, for tests that leave them as they are."""
    with databases.clone(template=filled.name) as own:
        yield filled.pages(own, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def own_pages(databases: Databases, filled: Filled, tmp_path: Path) -> Iterator[Pages]:
    """Give the pages of two companies of a test's own."""
    with databases.clone(template=filled.name) as own:
        yield filled.pages(own, cache_dir=tmp_path)
