"""What an installation decides, read from the environment once and handed down as values."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo_engine.errors import InvalidInput
from geo_engine.words import Message


class Settings(BaseSettings):
    """The settings of one installation; each is the environment variable ``GEO_ENGINE_<NAME>``.

    Parameters
    ----------
    cache_dir
        Where road graphs are kept; they can be made again at any time.
    geocoder_key, geocoder_url
        For a geocoding service: the installation's key, and where it answers if not at the vendor's own address.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_ENGINE_", frozen=True)

    cache_dir: Path = Field(default_factory=lambda: Path.home() / ".cache" / "geo-engine")
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
        names = ", ".join(f"GEO_ENGINE_{'_'.join(map(str, found['loc']))}".upper() for found in error.errors())
        raise InvalidInput(Message("The environment has an unusable value: {names}", {"names": names})) from None
