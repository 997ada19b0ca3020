"""The app over a real database with two companies, and people of every role in each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.databases import Databases
from support.pages import Pages, pages_of_two


@pytest.fixture(scope="module")
def pages(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Give the pages of two companies, for tests that leave them as they are."""
    with pages_of_two(databases, cache_dir=tmp_path_factory.mktemp("cache")) as (_, made):
        yield made


@pytest.fixture
def own_pages(databases: Databases, tmp_path: Path) -> Iterator[Pages]:
    """Give the pages of two companies of a test's own."""
    with pages_of_two(databases, cache_dir=tmp_path) as (_, made):
        yield made
