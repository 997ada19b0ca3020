"""What an installation decides, read from the environment once and handed down as values."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one installation; each is the environment variable ``GEO_ENGINE_<NAME>``.

    Parameters
    ----------
    cache_dir
        Where road graphs are kept; they can be made again at any time.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_ENGINE_", frozen=True)

    cache_dir: Path = Field(default_factory=lambda: Path.home() / ".cache" / "geo-engine")
