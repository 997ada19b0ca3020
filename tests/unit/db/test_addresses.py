"""Where each role finds the database, from the environment's variables."""

from pathlib import Path

import pytest

from geo_engine.db.addresses import AddressMissingError, database_address
from geo_engine.db.cluster import ClusterDownError
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import InvalidInput
from geo_engine.settings import Settings, read_settings

APP = "postgresql://app:secret@db.example/geo"
OWNER = "postgresql://owner:secret@db.example/geo"


def _settings(folder: Path, **urls: str) -> Settings:
    return Settings(state_dir=folder, **urls)


def test_each_role_has_its_variable(tmp_path: Path) -> None:
    """The app's URL is DATABASE_URL, the owner's DATABASE_OWNER_URL."""
    settings = _settings(tmp_path, database_url=APP, database_owner_url=OWNER)

    assert database_address(settings, DatabaseRole.APP) == APP
    assert database_address(settings, DatabaseRole.OWNER) == OWNER


@pytest.mark.parametrize(
    ("role", "named"),
    [
        (DatabaseRole.OWNER, "DATABASE_OWNER_URL"),
        (DatabaseRole.MAINTENANCE, "DATABASE_MAINTENANCE_URL"),
        (DatabaseRole.SUPERUSER, "superuser"),
    ],
)
def test_a_role_without_a_variable_is_not_sent_to_the_private_database(
    tmp_path: Path, role: DatabaseRole, named: str
) -> None:
    """Two roles never work in two databases: what is missing is named."""
    with pytest.raises(AddressMissingError, match=named):
        database_address(_settings(tmp_path, database_url=APP), role)


def test_an_owner_without_an_app_is_refused(tmp_path: Path) -> None:
    """DATABASE_OWNER_URL alone would migrate one database and serve another."""
    with pytest.raises(AddressMissingError, match="DATABASE_OWNER_URL is set, but DATABASE_URL is not"):
        database_address(_settings(tmp_path, database_owner_url=OWNER), DatabaseRole.APP)


def test_without_variables_and_cluster_one_hears_what_to_do(tmp_path: Path) -> None:
    """The private database is named with the command that starts it."""
    with pytest.raises(ClusterDownError, match="geo-engine db up"):
        database_address(_settings(tmp_path), DatabaseRole.APP)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+psycopg"])
def test_every_spelling_of_the_scheme_becomes_the_plain_one(tmp_path: Path, scheme: str) -> None:
    """URLs copied from hosts and from SQLAlchemy work."""
    given = APP.replace("postgresql", scheme, 1)

    assert database_address(_settings(tmp_path, database_url=given), DatabaseRole.APP) == APP


@pytest.mark.parametrize("given", ["mysql://app:secret@db/geo", "secret", "postgresql://app:sec%ret@db/geo"])
def test_what_is_no_url_is_refused_without_being_shown(tmp_path: Path, given: str) -> None:
    """The variable is named; its value may be a password and is not."""
    with pytest.raises(InvalidInput, match="DATABASE_URL") as refused:
        database_address(_settings(tmp_path, database_url=given), DatabaseRole.APP)

    assert "sec" not in str(refused.value)


def test_urls_are_read_without_a_prefix_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings print no password, and an empty variable is like none."""
    monkeypatch.setenv("DATABASE_URL", APP)
    monkeypatch.setenv("DATABASE_OWNER_URL", "")

    settings = read_settings()

    assert settings.database_url == APP
    assert settings.database_owner_url is None
    assert "secret" not in repr(settings)
