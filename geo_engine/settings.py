"""What an installation decides, read from the environment once and handed down as values."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo_engine.errors import InvalidInput
from geo_engine.words import Message


def _default_state_dir() -> Path:
    checkout = Path(__file__).parents[1]
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".local"
    return Path.home() / ".local" / "share" / "geo-engine"


class Settings(BaseSettings):
    """The settings of one installation; each is the environment variable ``GEO_ENGINE_<NAME>``, empty like unset.

    Parameters
    ----------
    cache_dir
        Where road graphs are kept; they can be made again at any time.
    state_dir
        Where the private database is kept: ``.local`` of a checkout, else in the user's home.
    postgres_bin
        The folder of the PostgreSQL programs for the private database; the newest found unless given.
    database_url, database_owner_url, database_maintenance_url
        Another server than the private one, as app, owner and maintenance role: ``DATABASE_URL``,
        ``DATABASE_OWNER_URL`` and ``DATABASE_MAINTENANCE_URL``, without a prefix.
    is_secure
        Whether browsers reach the pages by HTTPS, here or at a proxy before us.
    is_privately_signed
        Whether the certificate is one of this machine's own authority's; the command that serves it says so.
    secret_key
        What sessions are signed with; made once and kept in the state folder unless given. Several web processes
        on several machines need the same.
    audit_key
        What links of the audit trail are made with; made once and kept in the state folder unless given. Whoever works
        on the same database needs the same.
    audit_anchors_dir
        Where trails are anchored; a folder in the state folder unless given. Better on a disk that whoever rules the
        database cannot write to.
    photo_url
        Where photos are kept, such as ``s3://bucket/photos``: a folder of the state folder unless given.
    geocoder_key, geocoder_url
        For a geocoding service: the installation's key, and where it answers if not at the vendor's own address.
    """

    model_config = SettingsConfigDict(
        env_prefix="GEO_ENGINE_", env_ignore_empty=True, frozen=True, validate_by_name=True, validate_by_alias=True
    )

    cache_dir: Path = Field(default_factory=lambda: Path.home() / ".cache" / "geo-engine")
    state_dir: Path = Field(default_factory=_default_state_dir)
    postgres_bin: Path | None = None
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    database_owner_url: str | None = Field(default=None, validation_alias="DATABASE_OWNER_URL", repr=False)
    database_maintenance_url: str | None = Field(default=None, validation_alias="DATABASE_MAINTENANCE_URL", repr=False)
    secret_key: str = Field(default="", repr=False)
    is_secure: bool = False
    is_privately_signed: bool = False
    audit_key: str = Field(default="", repr=False)
    audit_anchors_dir: Path | None = None
    photo_url: str | None = None
    geocoder_key: str = Field(default="", repr=False)
    geocoder_url: str | None = None


def read_settings() -> Settings:
    """Return the settings of the environment.

    Raises
    ------
    InvalidInput
        When a variable has a value that cannot be used; it is named, its value is not shown.
    """
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(_variable(str(found["loc"][0])) for found in error.errors())
        raise InvalidInput(Message("The environment has an unusable value: {names}", {"names": names})) from None


def _variable(name: str) -> str:
    """Return the environment variable of a field, which pydantic names by its own or its full name."""
    return name if name.startswith("DATABASE_") else f"GEO_ENGINE_{name}".upper()
