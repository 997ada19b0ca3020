"""What holds for every test: laws are judged by what they claim, never by how long a busy machine takes."""

from hypothesis import settings

settings.register_profile("geo_engine", deadline=None)
settings.load_profile("geo_engine")
