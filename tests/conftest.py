"""What holds for every test: laws are judged by what they claim, and a database is a real PostGIS.

One throwaway cluster a session, one clone a test; who asks for no database starts none.
"""

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import settings
from support.companies import Company, add_alpha, add_two
from support.databases import Databases, OwnDatabase, migrated_databases

settings.register_profile("geo_engine", deadline=None)  # never by how long a busy machine takes
settings.load_profile("geo_engine")
gc.disable()  # while eight thousand tests are collected, of which nothing is to be freed


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for rubbish from here on, but never again among what was loaded and collected: each time takes 0.3 s."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Give the session's cluster."""
    with migrated_databases() as made:
        yield made


@pytest.fixture
def own(databases: Databases, request: pytest.FixtureRequest) -> Iterator[OwnDatabase]:
    """Give a fresh database with no company in it, or that of `company` if a test asks for both."""
    if "company" in request.fixturenames:
        yield request.getfixturevalue("stocked")[0]
        return
    with databases.clone() as made:
        yield made


@pytest.fixture
def stocked(databases: Databases) -> Iterator[tuple[OwnDatabase, Company]]:
    """Give a fresh database with a company in it, and the company."""
    with databases.clone_filled(add_alpha) as (made, company):
        yield made, replace(company, database=made.app)


@pytest.fixture
def company(stocked: tuple[OwnDatabase, Company]) -> Company:
    """Return a company with something in every table, whose day is planned and published as version 1."""
    return stocked[1]


@pytest.fixture
def two_companies(databases: Databases) -> Iterator[tuple[Company, Company]]:
    """Give two such companies in a fresh database; their people, sites and days have the same ids."""
    with databases.clone_filled(add_two) as (made, both):
        alpha, beta = (replace(one, database=made.app) for one in both)
        yield alpha, beta
